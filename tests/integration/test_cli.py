"""The command line: every command explains itself with an example, and fails in one line with the right code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from smsgw import __version__
from smsgw.cli import app
from tests.integration.commands.conftest import Shell, machine as machine, smsgw as smsgw  # noqa: PLC0414 -- their fixtures


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all commands that do something."""
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name)


COMMANDS = sorted(leaves(typer.main.get_command(app)))


def test_the_commands_are_those_that_scripts_rely_on() -> None:
    assert {" ".join(path) for path in COMMANDS} >= {
        "run",
        "demo",
        "migrate",
        "check",
        "subscriber add",
        "subscriber show",
        "subscriber block",
        "subscriber unblock",
        "topup",
        "payment list",
        "payment show",
        "ledger check",
        "backup",
    }


def test_the_version_is_told(smsgw: Shell) -> None:
    assert smsgw("--version") == (0, f"smsgw {__version__}\n", "")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_shows_an_example_and_takes_a_configuration(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200"}).stdout

    assert f"Example: smsgw {' '.join(path)}" in told
    assert "--config" in told


@pytest.mark.parametrize(
    "arguments", [("pay",), ("topup", "+998901234567"), ("run", "--fast"), ("payment", "list", "--limit", "0")]
)
def test_wrong_usage_is_two(smsgw: Shell, arguments: tuple[str, ...]) -> None:
    used = smsgw(*arguments)

    assert used.code == 2
    assert "Traceback" not in used.err


def test_a_damaged_store_is_one_line_and_two(smsgw: Shell) -> None:
    (smsgw.folder / "var" / "smsgw.sqlite").write_bytes(b"no database at all, but long enough to look like one" * 99)
    refused = smsgw("ledger", "check")

    assert refused.code == 2
    assert refused.err.startswith("smsgw: ")
    assert "Traceback" not in refused.err


def test_a_folder_that_is_not_there_is_one_line(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_STORE__URL", "sqlite:///nowhere/smsgw.sqlite")
    refused = smsgw("migrate")

    assert refused.code == 1
    assert str(Path("nowhere")) in refused.err
    assert refused.err.count("\n") == 1


def test_nothing_is_coloured_in_a_pipe(smsgw: Shell) -> None:
    assert "\x1b" not in smsgw("check").out
    assert "\x1b" not in smsgw("check", "--config", "nowhere.toml").err
