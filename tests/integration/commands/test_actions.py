"""Money actions at the terminal: with a gateway over a house, and with the store alone."""

from __future__ import annotations

import asyncio
import json

import pytest

from smsgw.domain.calls import Unknown
from smsgw.domain.secret import Secret
from smsgw.web.operators import digest_of
from tests.back_office import AZIZA_TOKEN, BOBUR_TOKEN, OPERATORS, paid
from tests.house import ANNA, House
from tests.integration.commands.conftest import Ran, Shell

WHY = ("--reason", "the subscriber called")
OTHER_TOKEN = "token-of-dilshod-04"
ADJUST = ("wallet", "adjust", ANNA, "500", "--into", "--key", "case-17", *WHY)


@pytest.fixture
def aziza(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A machine whose configuration knows two operators; Aziza is at the terminal."""
    for name, digest in OPERATORS.items():
        monkeypatch.setenv(f"SMSGW_OPERATORS__{name.upper()}__TOKEN_SHA256", digest)
    monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", AZIZA_TOKEN)
    return smsgw


@pytest.fixture
def alone(aziza: Shell) -> Shell:
    """The same without a gateway, with one subscriber."""
    assert aziza("subscriber", "add", ANNA, "--password-stdin", stdin="parol12\n").code == 0
    return aziza


def bobur(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bobur sits down."""
    monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", BOBUR_TOKEN)


def test_a_wallet_is_corrected_once_and_the_action_is_listed_and_shown(alone: Shell) -> None:
    first, again = alone(*ADJUST), alone(*ADJUST, "--json")
    assert (first.code, first.err) == (0, "")
    assert first.out.endswith("done: it has been carried out.\n")
    assert (json.loads(again.out)["asked_by"], json.loads(again.out)["id"]) == ("aziza", "adjust:case-17")
    assert json.loads(alone("subscriber", "show", ANNA, "--json").out)["available"]["amount"] == "500.00"
    assert "adjust:case-17" in alone("action", "list", "--state", "done").out
    assert "the subscriber called" in alone("action", "show", "adjust:case-17").out
    assert alone("action", "list", "--state", "proposed").out == "There is no such action.\n"


def test_above_the_limit_another_person_decides(alone: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_MONEY__FOUR_EYES_ABOVE", "499.99")
    told = alone(*ADJUST).out
    assert "proposed: nothing has moved yet: another operator than aziza has to approve it.\n" in told
    assert "smsgw action approve adjust:case-17" in told
    own = alone("action", "approve", "adjust:case-17")
    assert (own.code, own.out) == (1, "")
    assert "another person has to" in own.err
    bobur(monkeypatch)
    assert json.loads(alone("action", "approve", "adjust:case-17", "--json").out)["decided_by"] == "bobur"
    assert alone("action", "approve", "adjust:case-17").code == 0
    assert alone("action", "reject", "adjust:case-17", *WHY).err == "smsgw: adjust:case-17 is done already\n"
    assert json.loads(alone("subscriber", "show", ANNA, "--json").out)["available"]["amount"] == "500.00"


def test_a_rejected_action_moves_nothing(alone: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_MONEY__FOUR_EYES_ABOVE", "0")
    alone(*ADJUST)
    bobur(monkeypatch)
    rejected = alone("action", "reject", "adjust:case-17", "--reason", "another wallet")
    assert "rejected: nothing has moved, and nothing will.\n" in rejected.out
    assert json.loads(alone("subscriber", "show", ANNA, "--json").out)["available"]["amount"] == "0.00"


@pytest.mark.parametrize("token", [None, "", "token-of-nobody-0003", "token-of-the-tests", OPERATORS["aziza"]])
def test_without_a_token_of_one_s_own_nothing_is_done(
    alone: Shell, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.delenv("SMSGW_OPERATOR_TOKEN")
    if token is not None:
        monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", token)
    refused = alone(*ADJUST)
    assert (refused.code, refused.out) == (1, "")
    assert "openssl rand -hex 16" in refused.err
    assert token is None or not token or token not in refused.err
    assert alone("action", "list").out == "There is no such action.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("payment", "refund", "44742441"), 2),
        (("payment", "refund", "44742441", "--reason", ""), 1),
        (("payment", "refund", "44742441", "--reason", "a\x1b[2Jb"), 1),
        (("payment", "refund", "44742441", *WHY), 1),
        (("payment", "resolve", "44742441", *WHY), 2),
        (("payment", "resolve", "44742441", "--paid", *WHY), 1),
        (("payment", "taken-back", "44742441"), 2),
        (("payment", "taken-back", "44742441", *WHY), 1),
        (("wallet", "adjust", ANNA, "500", "--key", "k", *WHY), 2),
        (("wallet", "adjust", ANNA, "500", "--into", *WHY), 2),
        (("wallet", "adjust", ANNA, "1e9", "--into", "--key", "k", *WHY), 1),
        (("wallet", "adjust", ANNA, "-5", "--into", "--key", "k", *WHY), 2),
        (("wallet", "adjust", ANNA, "500", "--out-of", "--key", "k", *WHY), 1),
        (("day", "close", "nobody", "2026-11-18", *WHY), 1),
        (("day", "close", "sarkor", "2026-11-18", *WHY), 1),
        (("action", "list", "--state", "gone"), 2),
        (("action", "show", "refund:1:1"), 1),
        (("action", "approve", "refund:1:1"), 1),
        (("action", "reject", "refund:1:1"), 2),
    ],
)
def test_what_cannot_be_is_one_line(alone: Shell, arguments: tuple[str, ...], code: int) -> None:
    refused = alone(*arguments)
    assert (refused.code, refused.out) == (code, "")
    assert "Traceback" not in refused.err
    assert "\x1b" not in refused.err
    assert code == 2 or refused.err.count("\n") == 1


@pytest.fixture
def beside(aziza: Shell, house: House, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The same beside a running gateway."""
    monkeypatch.setenv("SMSGW_HTTP__LISTEN", f"127.0.0.1:{address[1]}")
    return aziza


async def said(shell: Shell, *arguments: str) -> Ran:
    """What a command says while the gateway runs in this thread."""
    return await asyncio.to_thread(shell, *arguments)


async def test_a_payment_is_refunded_and_shows_who_did_it(beside: Shell, house: House) -> None:
    number = await paid(house)
    refused = await said(beside, "payment", "refund", number, *WHY)
    assert (refused.code, refused.err.split("; ")[-1]) == (1, "the house can: --by-house\n")
    refund = await said(beside, "payment", "refund", number, "--by-house", *WHY)
    assert (refund.code, refund.out.splitlines()[-1]) == (0, "done: it has been carried out.")
    assert await house.available() == "1000000"
    assert f"give_back:{number}:1  done   aziza" in (await said(beside, "payment", "show", number)).out
    assert not (beside.folder / "var" / "smsgw.sqlite").exists()


async def test_a_parked_payment_is_resolved_by_what_the_provider_said(beside: Shell, house: House) -> None:
    number = await paid(house, pay=Unknown("time-out"))
    resolved = await said(beside, "payment", "resolve", number, "--not-paid", "--json", *WHY)
    assert json.loads(resolved.out)["kind"] == "not_paid"
    assert await house.available() == "1000000"


async def test_a_gateway_with_another_configuration_refuses_an_operator_whom_it_does_not_know(
    beside: Shell, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSGW_OPERATORS__DILSHOD__TOKEN_SHA256", digest_of(Secret(OTHER_TOKEN)))
    monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", OTHER_TOKEN)
    refused = await said(beside, "payment", "refund", await paid(house), *WHY)
    assert (refused.code, refused.out) == (1, "")
    assert "an operator's own" in refused.err
