"""Parts under one reference, as phones that never count send them and SMSCs repeat them; on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple

import pytest

from smsgw.domain.secret import Secret
from smsgw.domain.sms import Ack, InboundPart
from smsgw.service.desk import Desk
from smsgw.service.intake import Intake
from smsgw.service.parties import Parties
from smsgw.service.parts import Parts
from smsgw.service.passwords import PasswordCheck
from smsgw.service.rules import PARTS_WAIT_S, SAME_DELIVERY_S, US
from smsgw.service.subscribers import register
from smsgw.sessions.passwords import make_verifier
from smsgw.sessions.remembered import Remembered
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings
from smsgw.transaction import Tx
from tests.house import ANNA, CHEAP, PASSWORD, CountedChance, HandClock, InlineHasher, house_rules, replies

# Texts in two parts, by letter: two begin alike, two end alike. Each has an answer of its own.
TEXTS: Final = {
    "X": ("H", "ELP"),
    "Y": ("H", "ELP SARKOR"),
    "Z": ("BAL", "ANCE"),
    "U": ("RUS H", "ELP"),
}
ANSWERS: Final = {"X": "help", "Y": "help_provider", "Z": "balance", "U": "unknown"}


class Row(NamedTuple):
    """*arrivals*: parts in order, `X1` is the first of text X; a number is seconds that pass. *events*: all answers."""

    what: str
    arrivals: str
    events: Sequence[str]


SOON, LATE = f"{SAME_DELIVERY_S + 1}", f"{PARTS_WAIT_S + 1}"
ROWS: Final = [
    Row("in order", "X1 X2", ["X"]),
    Row("the wrong way round", "X2 X1", ["X"]),
    Row("each once more", "X1 X1 X2 X2 X1", ["X"]),
    Row("the whole text once more", "X1 X2 X1 X2", ["X"]),
    Row("the last part once more, after minutes", f"X1 X2 {SOON} X2", ["X"]),
    Row("the first part once more, after minutes", f"X1 X2 {SOON} X1", ["X"]),
    Row("the same text again", f"X1 X2 {SOON} X1 X2", ["X", "X"]),
    Row("another text with the same beginning", "X1 X2 Y1 Y2", ["X", "Y"]),
    Row("another text with the same end", "X1 X2 U1 U2", ["X", "U"]),
    Row("another text", "X1 X2 Z1 Z2", ["X", "Z"]),
    Row("a repeated last part is joined to no other text", "X1 X2 X2 Z1 Z2", ["X", "Z"]),
    Row("a repeated first part is joined to no other text", "X1 X2 X1 Z1 Z2", ["X", "Z"]),
    Row("a text that lost its end, and another one", "X1 Z1 Z2", ["format", "Z"]),
    Row("a text that lost its beginning, and another one", "X2 Z2 Z1", ["format", "Z"]),
    Row("no end", f"X1 {LATE}", ["format"]),
    Row("a part that comes again after all repeats have ended", f"X1 X2 {LATE} X1", ["X", "format"]),
    Row("the price: a known beginning whose end is lost looks like a repeat", "X1 X2 Y1", ["X"]),
]


class Line:
    """Takes parts from one subscriber."""

    def __init__(self, parts: Parts, store: SqlStore) -> None:
        self.parts = parts
        self.store = store

    async def goes_through(self, arrivals: str, *, at_once: bool) -> list[str]:
        """Let all of it happen, and five minutes pass; return the events of the answers."""
        for passes, group in groupby(f"{arrivals} {LATE}".split(), str.isdecimal):
            if passes:
                await self.store.write("", partial(_grow_older, sum(map(int, group)) * US))
                await self.parts.sweep()
            elif at_once:
                assert set(await asyncio.gather(*map(self._receive, group))) == {Ack.DONE}
            else:
                assert {await self._receive(each) for each in group} == {Ack.DONE}
        assert await self.parts.sweep() == 0, "nothing is left"
        return [
            event for (event,) in await self.store.write("", partial(_rows, "SELECT event FROM outbox ORDER BY id"))
        ]

    async def _receive(self, arrival: str) -> Ack:
        return await self.parts.receive(part(arrival[0], int(arrival[1])))


def _rows(sql: str, tx: Tx) -> list[tuple[Any, ...]]:
    connection = tx._unit._connection  # type: ignore[attr-defined]  # below the port
    return list(connection.execute(sql, {}).fetchall())


def _grow_older(by_us: int, tx: Tx) -> None:
    """Time passes: PostgreSQL has a clock of its own, so what was written gets older."""
    for table in ("messages", "message_parts"):
        _rows(f"UPDATE {table} SET received_at_us = received_at_us - {by_us} RETURNING id", tx)  # noqa: S608 -- a number


def part(letter: str, number: int) -> InboundPart:
    """One part as the wire gives it."""
    words = TEXTS[letter][number - 1]
    return InboundPart(
        link="operator",
        sender=ANNA.removeprefix("+"),
        destination="1400",
        reference=20,
        total=2,
        number=number,
        payload=words.encode(),
        data_coding=0,
        identity=f"{number} {words}".encode(),
    )


@asynccontextmanager
async def line(url: str) -> AsyncIterator[Line]:
    """The service as far as parts need it, over a database, with one subscriber."""
    rules, clock, chance = house_rules(), HandClock(), CountedChance()
    store = await open_store(url, Surroundings(clock, chance, rules.keyring))
    try:
        verifier = make_verifier(rules.keyring.pepper("k1", Secret(PASSWORD)), bytes(16), CHEAP)
        await register(store, ANNA, "en", verifier, "k1")
        passwords = PasswordCheck(store.reads, InlineHasher(), rules.keyring, Remembered(bytes(32)), clock)
        intake = Intake(Desk(rules, Parties({}, {}), replies(), clock), store, passwords, clock, chance)
        yield Line(Parts(rules, store, intake, {}), store)
    finally:
        await store.close()


@pytest.mark.proves("F26", "A19")
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
async def test_each_text_under_one_reference_is_answered_once(url: str, row: Row, at_once: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """At once: an SMSC that was down has all of them in one packet."""
    async with line(url) as subscriber:
        events = await subscriber.goes_through(row.arrivals, at_once=at_once)

    assert events == [ANSWERS.get(event, event) for event in row.events]
