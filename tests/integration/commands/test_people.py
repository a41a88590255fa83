"""`smsgw subscriber`: no gateway runs, so the commands open the store themselves."""

import json
import warnings
from collections.abc import Callable
from getpass import GetPassWarning

import pytest

from smsgw.commands import people
from tests.integration.commands.conftest import Shell

ANNA = "+998901234567"


def test_a_subscriber_is_added_shown_blocked_and_unblocked(smsgw: Shell) -> None:
    assert smsgw("subscriber", "add", ANNA, "--password-stdin", "--language", "uz", stdin="parol12\n").code == 0
    shown = json.loads(smsgw("subscriber", "show", ANNA, "--json").out)
    blocked = smsgw("subscriber", "block", ANNA)
    unblocked = smsgw("subscriber", "unblock", ANNA)

    assert (shown["registered"], shown["language"], shown["available"]["amount"]) == (True, "uz", "0.00")
    assert "blocked          yes" in blocked.out
    assert "blocked          no" in unblocked.out


def test_a_level_is_set_with_the_registration_or_later(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_LIMITS__LEVELS__ANONYMOUS__MONTH", "60000")
    add = ("subscriber", "add", ANNA, "--password-stdin", "--level")
    refused = smsgw(*add, "vip", stdin="parol12\n")
    added = smsgw(*add, "anonymous", "--json", stdin="parol12\n")
    lifted = smsgw("subscriber", "level", ANNA, "", "--json")

    assert (refused.code, refused.err) == (
        1,
        "smsgw: level: there is no such level; there are anonymous; see [limits.levels]\n",
    )
    assert (json.loads(added.out)["level"], json.loads(lifted.out)["level"]) == ("anonymous", "")


@pytest.mark.parametrize("password", ["short", "123456", "", "qwerty"])
def test_a_bad_password_is_refused_in_one_line(smsgw: Shell, password: str) -> None:
    refused = smsgw("subscriber", "add", ANNA, "--password-stdin", stdin=f"{password}\n")

    assert refused.code == 1
    assert refused.err.startswith("smsgw: the password ")
    assert refused.err.count("\n") == 1


def test_a_stranger_is_said_to_be_one(smsgw: Shell) -> None:
    assert smsgw("subscriber", "show", ANNA) == (1, "", f"smsgw: {ANNA} never texted and was never added\n")


def test_the_password_is_asked_for_and_never_an_argument(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def prompt(_: str, *, hide_input: bool, **__: object) -> str:
        asked.append(hide_input)
        return "parol12"

    monkeypatch.setattr("typer.prompt", prompt)
    assert smsgw("subscriber", "add", ANNA).code == 0
    assert asked == [True]
    assert smsgw("subscriber", "add", ANNA, "parol12").code == 2


def test_without_a_terminal_nobody_is_asked(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fallback(_: str, **__: object) -> str:
        warnings.warn("Can not control echo on the terminal.", GetPassWarning, stacklevel=2)
        return "parol12"

    monkeypatch.setattr("typer.prompt", fallback)
    refused = smsgw("subscriber", "add", ANNA)

    assert refused.code == 1
    assert "give it with --password-stdin" in refused.err
    assert "Warning" not in refused.err


def test_the_question_is_built_from_the_arguments() -> None:
    question: Callable[..., object] = people.show(ANNA)
    assert callable(question)
