"""Power cuts under the real units of work: what was acknowledged is there afterwards, and the books balance.

Each cut falls at any step of the disk: into a write, a sync, a checkpoint, or the recovery from the cut before.
SMSGW_POWERCUT_CUTS and SMSGW_POWERCUT_SEED make a longer or another run of it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Sized
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from typing import Final

import pytest

from smsgw.domain.calls import CallState, Kind
from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Event, Payment, advance
from smsgw.domain.phones import Msisdn
from smsgw.ledger.rules import post, top_up
from smsgw.store import wal
from smsgw.store.batch import Batches, Job
from smsgw.store.proof import QUESTIONS, findings
from smsgw.store.sql import Flavour, compiled
from smsgw.store.sqlite_file import settled
from smsgw.store.wal import TORN_MAX, WalLimit, read_log
from smsgw.transaction import Tx
from tests.contract.store.disk import Content, Disk
from tests.contract.store.samples import ALISHER, call, held, payment, sms, surroundings

CUTS: Final = int(os.environ.get("SMSGW_POWERCUT_CUTS", "200"))
SEED: Final = int(os.environ.get("SMSGW_POWERCUT_SEED", "20261128"))
# Cuts that one database lives through; then the next one begins empty.
CUTS_OF_A_DISK: Final = 20
# Writes and syncs until the next cut: from the first of a start to some dozen commits and a checkpoint.
STEPS_MAX: Final = 400
BATCH_MAX: Final = 6
# So few pages that checkpoints are cut as often as commits.
CHECKPOINT_PAGES: Final = 30
# Less than those pages, so that cuts also fall where the log is begun anew; a large batch comes to a checkpoint first.
LOG_OCTETS: Final = 90_000
KINDS: Final = ("paid in", "ordered", "executed")


@dataclass
class Acknowledged:
    """What callers were told is committed: top-ups, payments in processing, payments that were executed."""

    top_ups: set[str] = field(default_factory=set)
    ordered: dict[int, Payment] = field(default_factory=dict)
    executed: set[int] = field(default_factory=set)


class LogLimit(WalLimit):
    """Knows whether the log is being begun anew."""

    under_way = False

    def is_reached(self) -> bool:
        self.under_way = super().is_reached()
        return self.under_way

    def is_well(self) -> None:
        super().is_well()
        self.under_way = False


def digest_of(number: int) -> bytes:
    return number.to_bytes(16)


def pay_in(number: int, tx: Tx) -> str:
    tx.subscribers.lock(ALISHER)
    tx.ledger.apply(top_up(str(number), ALISHER, "till", Money(number, UZS)))
    return f"topup:till:{number}"


def order(number: int, tx: Tx) -> Payment:
    """A payment with all that goes with it: its text, its hold, its call, an answer."""
    who = Msisdn(f"+9989012{number:05d}")
    made = held(tx, payment(number, who))
    tx.messages.add(who, "main", digest_of(number), "pay", number)
    tx.calls.add(call(number, msisdn=who))
    tx.outbox.add(sms(who, payment_id=number))
    return made


def execute(made: Payment, tx: Tx) -> Payment:
    """The provider has credited it."""
    tx.subscribers.lock(made.msisdn)
    pay = tx.calls.get(made.id, Kind.PAY)
    assert pay is not None
    tx.calls.save(replace(pay, state=CallState.DONE))
    for each in post(made):
        tx.ledger.apply(each)
    executed = advance(made, Event.PROVIDER_ACCEPTED, tx.now_us)
    tx.payments.save(executed)
    tx.outbox.add(sms(made.msisdn, event="receipt", payment_id=made.id))
    return executed


class Machine:
    """A gateway's store on a disk, from one power cut to the next."""

    def __init__(self, seed: int, synchronous: str = "FULL") -> None:
        self.disk = Disk(seed).with_tables()
        self.acknowledged = Acknowledged()
        self.lost = self.torn = self.anew = 0
        self._synchronous = synchronous
        self._number = 0

    def run_until_cut(self) -> None:
        """Start, take batches of work until the power goes, and come back to look at what is there."""
        self.disk.cut_after = self.disk.chance.randrange(STEPS_MAX)
        with suppress(sqlite3.OperationalError):
            self._work()
        self.disk.lose_power()
        self.anew += self._limit.under_way
        self._judge()

    def _work(self) -> None:
        self._limit = LogLimit(lambda: len(self.disk.files["smsgw.db-wal"].seen))
        database = self.disk.open()
        try:
            connection = settled(database, surroundings().clock.now_us, self._limit)
            database.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            database.execute(f"PRAGMA synchronous = {self._synchronous}")
            batches = Batches(connection, surroundings())
            while not batches.broken:
                self._batch(batches)
        finally:
            with suppress(sqlite3.OperationalError):
                database.close()

    def _batch(self, batches: Batches) -> None:
        told: list[tuple[Job, Callable[[Job], None]]] = []
        taken = set[int]()
        for _ in range(self.disk.chance.randint(1, BATCH_MAX)):
            kind = self.disk.chance.choice(KINDS)
            waiting = sorted(self.acknowledged.ordered.keys() - self.acknowledged.executed - taken)
            self._number += 1
            if kind == "paid in":
                told.append((Job(ALISHER, partial(pay_in, self._number)), self._note_top_up))
            elif kind == "ordered" or not waiting:
                told.append((Job(str(self._number), partial(order, self._number)), self._note_ordered))
            else:
                chosen = self.acknowledged.ordered[self.disk.chance.choice(waiting)]
                taken.add(chosen.id)
                told.append((Job(chosen.msisdn, partial(execute, chosen)), self._note_executed))
        batches.run([job for job, _ in told])
        for job, note in told:
            if job.error is None:
                note(job)

    def _note_top_up(self, job: Job) -> None:
        self.acknowledged.top_ups.add(job.result)

    def _note_ordered(self, job: Job) -> None:
        self.acknowledged.ordered[job.result.id] = job.result

    def _note_executed(self, job: Job) -> None:
        self.acknowledged.executed.add(job.result.id)

    def _judge(self) -> None:
        """Look at a copy, so that the next start finds what the cut has left, and not what a look has mended."""
        log = read_log(BytesIO(self.disk.files.get("smsgw.db-wal", Content()).seen))
        with closing(self.disk.twin().open()) as database:
            ((_, last_frame, _),) = database.execute("PRAGMA wal_checkpoint").fetchall()
            assert log.sound
            self.torn = max(self.torn, sum(commit > last_frame for commit in log.commits))
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            sql = compiled(Flavour.SQLITE)
            assert findings([database.execute(sql[question]).fetchall() for question in QUESTIONS]) == []
            self._forget_lost(database)

    def _forget_lost(self, database: sqlite3.Connection) -> None:
        """Count what was acknowledged and is not there."""
        known = self.acknowledged
        moved = {row[0] for row in database.execute("SELECT id FROM transfers").fetchall()}
        states = dict(database.execute("SELECT id, state FROM payments").fetchall())
        rest = [
            {row[0] for row in database.execute(f"SELECT payment_id FROM {table}").fetchall()}  # noqa: S608 -- our names
            for table in ("messages", "provider_calls", "outbox")
        ]
        whole = {number for number in states if all(number in ids for ids in rest)}
        executed = {number for number, state in states.items() if state == "executed"}
        lost: tuple[Sized, ...] = (known.top_ups - moved, known.ordered.keys() - whole, known.executed - executed)
        self.lost += sum(len(each) for each in lost)
        known.top_ups &= moved
        known.executed &= executed
        known.ordered = {number: each for number, each in known.ordered.items() if number in whole}


def lived_through(cuts: int, synchronous: str = "FULL") -> list[Machine]:
    """Machines after so many cuts in all."""
    machines: list[Machine] = []
    for number in range(cuts):
        if number % CUTS_OF_A_DISK == 0:
            machines.append(Machine(SEED + number, synchronous))
        machines[-1].run_until_cut()
    return machines


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is begun anew as often as its checkpoints run."""
    monkeypatch.setattr(wal, "WAL_LIMIT", LOG_OCTETS)


@pytest.mark.timeout(60 + CUTS)
@pytest.mark.proves("F10")
def test_no_cut_loses_what_was_acknowledged() -> None:
    """No acknowledged unit is lost, no page is damaged, the books are proved; and no cut looks like a damaged log."""
    machines = lived_through(CUTS)
    kept = Counter[str]()
    for machine in machines:
        known = machine.acknowledged
        kept.update(top_ups=len(known.top_ups), ordered=len(known.ordered), executed=len(known.executed))
    anew = sum(machine.anew for machine in machines)
    sys.stdout.write(
        f"power cuts: {CUTS} from seed {SEED}, {anew} of them while the log was begun anew; "
        f"acknowledged and kept: {dict(kept)}\n"
    )
    assert [machine.lost for machine in machines] == [0] * len(machines)
    assert max(machine.torn for machine in machines) <= TORN_MAX
    assert all(kept.values())
    assert anew >= CUTS // 50


@pytest.mark.proves("F10")
def test_the_cut_would_show_a_setting_that_is_not_durable() -> None:
    """With synchronous=NORMAL the very same cuts lose what was acknowledged, and damage nothing."""
    assert sum(machine.lost for machine in lived_through(CUTS_OF_A_DISK, "NORMAL")) > 0
