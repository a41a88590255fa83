"""Values that the tests of the store are made of, and the clock and chance that they are run with."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from smsgw.domain.actions import Action, ActionKind
from smsgw.domain.calls import Kind, ProviderCall
from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Event, Payment, State, advance
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation, Registry
from smsgw.domain.sms import InboundPart, OutboundSms, Priority
from smsgw.ledger.rules import hold, post, top_up
from smsgw.ledger.transfers import Outcome
from smsgw.sessions.keys import Keyring
from smsgw.store.opening import open_store
from smsgw.store.store import SqlStore
from smsgw.store.unit import Surroundings
from smsgw.transaction import Tx

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
ALISHER = Msisdn("+998901234567")
BARNO = Msisdn("+998907654321")
KEYRING = Keyring.from_masters({"k1": bytes(range(32))}, "k1")


class TestClock:
    """A clock that a test moves."""

    __test__ = False

    def __init__(self) -> None:
        self.time_us = NOW_US

    def now_us(self) -> int:
        return self.time_us

    def monotonic_s(self) -> float:
        return self.time_us / SECOND_US


class TestChance:
    """The same numbers in every run."""

    __test__ = False

    def __init__(self) -> None:
        self._random = random.Random(1)  # noqa: S311 -- a test wants the same run again

    def bits(self, count: int) -> int:
        return self._random.getrandbits(count)

    def octets(self, count: int) -> bytes:
        return self._random.randbytes(count)


def surroundings() -> Surroundings:
    return Surroundings(TestClock(), TestChance(), KEYRING)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStore]:
    """A store that is closed whatever happens: its reader's thread would keep the tests from ending."""
    store = await open_store(url, surroundings())
    try:
        yield store
    finally:
        await store.close()


def payment(payment_id: int = 77, msisdn: Msisdn = ALISHER, **changes: Any) -> Payment:
    made = Payment(
        id=payment_id,
        number=10_000_000 + payment_id,
        msisdn=msisdn,
        link="main",
        provider="sarkor",
        account=("n25656", "Ташкент"),
        amount=Money(5_000_000, UZS),
        fee=Money(50_000, UZS),
        state=State.CHECKING,
        nonce=b"\x00nonce\xff",
        key_id="k1",
        language="ru",
        created_at_us=NOW_US + payment_id,
    )
    return replace(made, **changes)


def call(payment_id: int = 77, kind: Kind = Kind.PAY, **changes: Any) -> ProviderCall:
    made = ProviderCall(
        payment_id=payment_id,
        kind=kind,
        msisdn=ALISHER,
        provider="sarkor",
        parameters={"login": "n25656", "город": "Ташкент"},
        created_at_us=NOW_US,
    )
    return replace(made, **changes)


def sms(msisdn: Msisdn = ALISHER, **changes: Any) -> OutboundSms:
    made = OutboundSms(
        id=0,
        msisdn=msisdn,
        link="main",
        event="code",
        values={"payee": "Саркор", "sum": "50000"},
        language="ru",
        payment_id=None,
        priority=Priority.ANSWER,
        created_at_us=NOW_US,
        expires_at_us=NOW_US + 300 * SECOND_US,
    )
    return replace(made, **changes)


def part(number: int = 1, payload: bytes = b"SARKOR*n25656*50000*Secret1", **changes: Any) -> InboundPart:
    made = InboundPart(
        link="main",
        sender="998901234567",
        destination="1400",
        reference=7,
        total=2,
        number=number,
        payload=payload,
        data_coding=0,
        identity=b"998901234567|1400|7|" + payload,
    )
    return replace(made, **changes)


def fund(tx: Tx, msisdn: Msisdn = ALISHER, minor: int = 10**9) -> None:
    """A subscriber with money."""
    tx.subscribers.lock(msisdn)
    assert tx.ledger.apply(top_up(f"funds{msisdn}", msisdn, "till", Money(minor, UZS))).done


def add_payment(tx: Tx, made: Payment) -> Payment:
    """A payment, its subscriber's row first."""
    tx.subscribers.lock(made.msisdn)
    tx.payments.add(made)
    return made


def held(tx: Tx, made: Payment) -> Payment:
    """A payment in processing: its subscriber has money, and the total is held."""
    fund(tx, made.msisdn)
    processing = replace(made, state=State.PROCESSING)
    add_payment(tx, processing)
    assert [tx.ledger.apply(each) for each in hold(processing)] == [Outcome.POSTED] * 2
    return processing


def executed(tx: Tx, made: Payment) -> Payment:
    """A payment that was held and posted."""
    ended = advance(held(tx, made), Event.PROVIDER_ACCEPTED, tx.now_us)
    assert [tx.ledger.apply(each) for each in post(ended)] == [Outcome.POSTED] * 2
    tx.payments.save(ended)
    return ended


def action(action_id: str = "a1", **changes: Any) -> Action:
    made = Action(
        id=action_id,
        kind=ActionKind.ADJUST,
        subject="wallet:+998901234567",
        amount=Money(-500, UZS),
        reason="Ошибка кассы № 7",
        asked_by="anna",
        asked_at_us=NOW_US,
    )
    return replace(made, **changes)


def reconciliation(**changes: Any) -> Reconciliation:
    made = Reconciliation(provider="sarkor", day="2026-11-21", currency=UZS, run_at_us=NOW_US)
    return replace(made, **changes)


def registry(serial: int = 1, **changes: Any) -> Registry:
    made = Registry(
        provider="sarkor",
        day="2026-11-21",
        serial=serial,
        name=f"sarkor-2026-11-21-{serial}.csv",
        payments=2,
        sum_minor=700,
        sha256="ab" * 32,
        made_at_us=NOW_US,
    )
    return replace(made, **changes)


def as_killed(path: Path, goal: Path) -> Path:
    """Copy an open SQLite database with its log as they stand on the disk: what a kill of its process would leave."""
    for suffix in ("", "-wal"):
        goal.with_name(goal.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
    return goal


def files(folder: Path) -> list[Path]:
    """What is in a folder."""
    return sorted(folder.iterdir())


def nobody(_: object) -> None:
    """Takes hand-overs that a test does not look at."""
