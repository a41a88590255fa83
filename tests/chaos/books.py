"""What must be true after any number of kills: our database beside the operator's journal and the providers' books."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple

import psycopg

from simulator.app import Simulator
from simulator.smsc.mo import MoState
from simulator.smsc.mt import Mt
from tests.chaos.load import Tally

# What the looks after orphans wait for: the deadlines of the test's providers (1 s and 5 s) and 60 s more.
DOWN_US: Final = 66_000_000
# A text repeats only if the answer to its submit_sm was not committed, and no more are in hand than the window holds.
TWICE_MAX: Final = 10

A_MINUTE_LATER: Final = (
    "UPDATE outbox SET lease_until_us = 0",
    f"UPDATE provider_calls SET due_at_us = due_at_us - {DOWN_US}, lease_until_us = 0 WHERE state = 'due'",  # noqa: S608 -- a number of ours
)
SESSIONS: Final = "SELECT pid FROM pg_stat_activity WHERE application_name = 'smsgw' AND datname = current_database()"
SESSIONS_END_S: Final = 10.0
LOOK_EVERY_S: Final = 0.02

# Everything ends: a call is done or parked, a text has met its delivery receipt.
UNFINISHED: Final = (
    "SELECT * FROM provider_calls WHERE state = 'due'",
    "SELECT * FROM outbox WHERE state != 'delivered'",
)

Row = tuple[Any, ...]


class Database:
    """The database of the gateway, seen from beside it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._file = None if url.startswith("postgresql") else url.removeprefix("sqlite:///")

    def rows(self, question: str) -> list[Row]:
        """Ask."""
        with self._session() as session:
            return session.execute(question).fetchall()  # type: ignore[no-any-return]

    async def ends(self, rows: str, timeout_s: float) -> None:
        """Wait until there are no such rows any more."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + timeout_s
        while found := self.rows(rows):
            assert loop.time() < end_s, f"does not end: {rows}: {found[:3]}"
            await asyncio.sleep(LOOK_EVERY_S)

    async def everything_ends(self, timeout_s: float) -> None:
        """Wait until nothing is left to do."""
        for unfinished in UNFINISHED:
            await self.ends(unfinished, timeout_s)

    async def let_time_pass(self) -> None:
        """As if all nodes had been down for a minute: leases are over, and orphans may be looked at."""
        if self._file is None:
            # The server may still be busy with what a node that is dead has asked for.
            await self.ends(SESSIONS, SESSIONS_END_S)
        with self._session() as session:
            for change in A_MINUTE_LATER:
                session.execute(change)
            session.commit()

    def _session(self) -> AbstractContextManager[Any]:
        if self._file is None:
            return psycopg.connect(self._url)
        return contextlib.closing(sqlite3.connect(self._file))


class Payment(NamedTuple):
    """What our books say of one payment."""

    provider: str
    account: str
    state: str
    amount_minor: int
    wrong_codes: int


class Verdict(NamedTuple):
    """The figures of a run that was judged to be right."""

    dialogues: int
    texts_in: int
    texts_out: int
    sent_twice: int
    executed: int
    parked: int
    checks_given_up: int


def judge(database: Database, simulator: Simulator, tally: Tally, log: str, kills: int) -> Verdict:
    """Compare what the phones, the billings and the database say; anything wrong is an assertion."""
    sent = [entry.item.text for entry in simulator.smsc.journal.since(0) if isinstance(entry.item, Mt)]
    ((outbox,),) = database.rows("SELECT count(*) FROM outbox")
    payments = _payments(database)
    states = Counter(each.state for each in payments.values())
    figures = Verdict(
        dialogues=tally.dialogues,
        texts_in=len(tally.texts),
        texts_out=len(sent),
        sent_twice=len(sent) - outbox,
        executed=states["executed"],
        parked=states["processing"],
        checks_given_up=tally.checks_given_up,
    )
    assert {mo.state for mo in tally.texts} == {MoState.ACKED}, figures
    assert database.rows("SELECT count(*) FROM messages") == [(len(tally.texts),)], figures
    assert 0 <= figures.sent_twice <= kills * TWICE_MAX, figures
    confirmed = [each for each in payments.values() if each.state in {"executed", "processing"}]
    # One that was ordered again because its check was given up has ended before; each dialogue has one that has not.
    assert {each.account: each.wrong_codes for each in confirmed} == tally.wrong_codes, "tries counted twice"
    assert len(confirmed) == tally.dialogues > 0, figures
    assert states["not_executed"] <= tally.checks_given_up, figures
    assert len(payments) == len(confirmed) + states["not_executed"], figures
    told = {account for text in sent if "PAID" in text for account in re.findall(r"ali_[0-9]+_x|n[0-9]{7,}", text)}
    assert told == {each.account for each in confirmed if each.state == "executed"}, "a receipt too many, or too few"
    _judge_money(database, simulator, payments, _poisoned(log))
    return figures


def _poisoned(log: str) -> int:
    """How many payments at the most, at the provider that can be asked again, six kills in a row have parked."""
    lines = (json.loads(line) for line in log.splitlines() if '"call.poison"' in line)
    return sum((line["provider"], line["kind"]) == ("comnet", "pay") for line in lines)


def _payments(database: Database) -> dict[int, Payment]:
    rows = database.rows("SELECT id, provider, account, state, amount_minor, wrong_codes FROM payments")
    return {key: Payment(provider, json.loads(account)[0], *more) for key, provider, account, *more in rows}


def _judge_money(database: Database, simulator: Simulator, payments: Mapping[int, Payment], poisoned: int) -> None:
    """Each payment was credited at most once, and everything that was credited is paid for."""
    credited: list[int] = []
    for name, billing in simulator.billings.items():
        lines: list[dict[str, Any]] = list(billing.book.lines())
        assert billing.overlaps == 0, f"{name} had two pays of one reference at once"
        assert all(payments[line["reference"]].amount_minor == line["amount_minor"] for line in lines)
        assert all(payments[line["reference"]].account == line["account"] for line in lines)
        credited += [line["reference"] for line in lines]
    assert len(set(credited)) == len(credited), "a payment was credited twice"
    executed = {key for key, payment in payments.items() if payment.state == "executed"}
    held = {key for key, payment in payments.items() if payment.state == "processing"}
    assert executed <= set(credited) <= executed | held
    assert sum(payments[key].provider == "comnet" for key in held) <= poisoned, "OSMP can always be asked again"
    moved = {
        kind: {key for (key,) in database.rows(f"SELECT payment_id FROM transfers WHERE kind = '{kind}'")}  # noqa: S608 -- a word of ours
        for kind in ("hold", "post", "void")
    }
    assert moved == {"hold": executed | held, "post": executed, "void": set()}
    assert _doubled(database) == [], "a payment was held or charged twice"


def _doubled(database: Database) -> list[Row]:
    """Payments with more than one transfer of a kind out of one account into another."""
    return database.rows(
        "SELECT payment_id FROM transfers WHERE payment_id IS NOT NULL"
        " GROUP BY payment_id, kind, debit, credit HAVING count(*) > 1"
    )
