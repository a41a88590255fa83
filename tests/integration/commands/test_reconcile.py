"""`smsgw reconcile`: equal is 0, different or not compared is 1, wrong usage is 2."""

from __future__ import annotations

import asyncio
import json

import pytest

from smsgw.commands import reconcile as command
from smsgw.commands.reconcile import followed, show_day
from smsgw.commands.terminal import Failed
from smsgw.domain.calls import Capabilities
from smsgw.domain.reconciliation import Reconciliation
from smsgw.domain.statement import Statement, StatementLine
from smsgw.service.reconcile import NotReconciled, Reconciler
from smsgw.web import money
from tests.back_office import DAY, money_of, paid
from tests.house import House, ScriptedProvider
from tests.integration.commands.conftest import Ran, Shell

REPORTS = Capabilities(statement=True, registry=True)


@pytest.fixture
def beside(smsgw: Shell, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A machine whose gateway is a house."""
    monkeypatch.setenv("SMSGW_HTTP__LISTEN", f"127.0.0.1:{address[1]}")
    return smsgw


async def said(shell: Shell, *options: str) -> Ran:
    """What the command says while the gateway runs in this thread."""
    return await asyncio.to_thread(shell, "reconcile", "sarkor", DAY, *options)


def over(house: House, *lines: StatementLine) -> None:
    """The day is over, and its statement says this."""
    house.clock.passes(24 * 3600)
    house.providers["sarkor"].statements.append(Statement(lines, "ab" * 32))


async def line(house: House) -> StatementLine:
    payment = await house.payment()
    return StatementLine(payment.id, str(payment.id), payment.amount.minor)


async def test_equal_books_are_done(beside: Shell, house: House) -> None:
    await paid(house, REPORTS)
    over(house, await line(house))
    ran = await said(beside)
    assert (ran.code, ran.err) == (0, "")
    assert [each.split() for each in ran.out.splitlines()[:3]] == [
        ["equal:", "both", "sides", "have", "the", "same", "payments"],
        ["payments", "total"],
        ["matched", "1", "50000.00", "UZS"],
    ]
    assert ran.out.endswith("registry SMSGW_sarkor_202611181.csv: 1 payments, 50000.00 UZS\n")


@pytest.mark.parametrize("form", [(), ("--json",)])
async def test_a_difference_fails_and_names_the_payment(beside: Shell, house: House, form: tuple[str, ...]) -> None:
    number = await paid(house, REPORTS)
    over(house, StatementLine(0, "foreign\x1b[2J", 700))
    ran = await said(beside, *form)
    assert ran.code == 1
    if form:
        findings = json.loads(ran.out)["report"]["findings"]
        assert {each["difference"]: each["number"] for each in findings} == {"missing": number, "extra": None}
    else:
        assert "they differ: docs/reconciliation.md" in ran.out
        assert f"{number}  missing     50000.00 UZS" in ran.out
        assert "7.00 UZS" in ran.out
        assert "foreign?[2J" in ran.out
        assert "\x1b" not in ran.out


async def test_a_statement_that_could_not_be_had_fails(beside: Shell, house: House) -> None:
    await paid(house, REPORTS)
    house.clock.passes(24 * 3600)
    ran = await said(beside)
    assert ran == (
        1,
        "",
        "smsgw: sarkor gave no statement of 2026-11-18 (none was scripted); an earlier report stays\n",
    )


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a run, and its end is looked for at once."""
    monkeypatch.setattr(money, "PATIENCE_S", 0.001)
    monkeypatch.setattr(command, "POLL_S", 0.001)


async def test_a_run_that_takes_longer_is_waited_for(hurry: None, house: House) -> None:
    await paid(house, REPORTS)
    over(house, await line(house))
    reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
    go_on = asyncio.Event()

    async def run(provider: str, day: str) -> Reconciliation | NotReconciled:
        await go_on.wait()
        return await reconciler.reconcile(provider, day)

    asked = asyncio.ensure_future(followed(money_of(house, run), "sarkor", DAY))
    assert await asyncio.wait((asked,), timeout=0.05) == (set(), {asked})
    go_on.set()
    report = (await asked)["report"]
    assert isinstance(report, dict)
    assert report["equal"] is True


async def test_a_run_that_came_to_nothing_in_the_end_fails(hurry: None, house: House) -> None:
    go_on = asyncio.Event()

    async def run(*_: str) -> NotReconciled:
        await go_on.wait()
        return NotReconciled("HTTP 502")

    asked = asyncio.ensure_future(followed(money_of(house, run), "sarkor", DAY))
    await asyncio.wait((asked,), timeout=0.05)
    go_on.set()
    with pytest.raises(Failed, match="HTTP 502"):
        await asked


async def test_a_provider_without_statements_is_said_to_have_none(beside: Shell, house: House) -> None:
    house.providers["sarkor"] = ScriptedProvider()
    house.clock.passes(24 * 3600)
    ran = await said(beside)
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "sarkor has no statements, so nothing was compared; 0 payments have no outcome yet.",
    )


def test_without_a_gateway_the_command_reconciles_by_itself(smsgw: Shell) -> None:
    ran = smsgw("reconcile", "comnet", "2025-01-15", "--json")
    report = json.loads(ran.out)["report"]
    assert (ran.code, report["compared"], report["day"]) == (0, False, "2025-01-15")


def test_a_day_that_is_not_over_is_not_reconciled(smsgw: Shell) -> None:
    ran = smsgw("reconcile", "comnet", "2999-12-31")
    assert ran == (1, "", "smsgw: 2999-12-31 is not over yet in Asia/Tashkent\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("sarkor",), "DATE"),
        (("nobody", DAY), "there are sarkor, comnet"),
        (("sarkor", "yesterday"), "2026-11-21"),
        (("sarkor", "20261118"), "2026-11-21"),
        (("sarkor", "2026-02-30"), "2026-11-21"),
    ],
)
def test_wrong_usage_is_two(smsgw: Shell, arguments: tuple[str, ...], word: str) -> None:
    ran = smsgw("reconcile", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert word in ran.err


def test_what_was_not_counted_is_shown_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {"payments": 0, "sum": {"amount": "0.00", "currency": "UZS"}}
    names = ("matched", "missing", "extra", "mismatched", "resolved", "open")
    report = {"provider": "sarkor", "compared": True, "equal": True, "findings": [], **dict.fromkeys(names, nothing)}
    show_day({"registries": []}, report)
    assert capsys.readouterr().out.count("0.00 UZS") == len(names)
