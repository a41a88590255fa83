"""What a durable commit costs: the disk alone, then the store's transactions with 1, 10 and 50 units in each."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

from bench.figures import Figure, Section, whole
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import OutboundSms, Priority
from smsgw.sessions.keys import Keyring
from smsgw.store.batch import Batches, Job
from smsgw.store.migrate import migrate
from smsgw.store.sqlite_file import open_for_writing
from smsgw.store.unit import Surroundings
from smsgw.system import SystemChance, SystemClock
from smsgw.transaction import Tx

# On the disk of the working directory: a folder for temporary files may be memory.
PLACE: Final = Path("var")
BATCHES: Final = (1, 10, 50)
PAGE: Final = bytes(4096)
PEOPLE: Final = 10_000
# What an answer to a question writes: its MO row and its text.
VALUES: Final = {"amt": "150000", "cur": "UZS", "spent": "50000", "left": "4950000", "lim": "5000000"}


def measure(rounds: int, round_s: float) -> Section:
    """Rates of the disk and of the store."""
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE, prefix="bench-") as folder:
        alone = _disk_alone(Path(folder), rounds, round_s)
        units = _store(Path(folder), rounds, round_s)
    return Section("Durable commits, SQLite WAL, synchronous=FULL", (alone, *units))


def _disk_alone(folder: Path, rounds: int, round_s: float) -> Figure:
    number = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT)
    try:
        rate = _rate(partial(_append, number), rounds, round_s)
    finally:
        os.close(number)
    return Figure("the disk alone: 4 KiB and fdatasync", f"{whole(rate)} /s", f"{1e6 / rate:.0f} µs each")


def _append(number: int) -> None:
    os.write(number, PAGE)
    os.fdatasync(number)


def _store(folder: Path, rounds: int, round_s: float) -> list[Figure]:
    path = folder / "store.sqlite"
    migrate(f"sqlite:///{path}")
    clock = SystemClock()
    around = Surroundings(clock, SystemChance(), Keyring.from_masters({"bench": bytes(32)}, "bench"))
    with closing(Batches(open_for_writing(path, clock.now_us), around)) as batches:
        numbers = count()
        return [_figure(size, _rate(partial(_commit, batches, numbers, size), rounds, round_s)) for size in BATCHES]


def _figure(size: int, rate: float) -> Figure:
    return Figure(f"{size} units a commit", f"{whole(rate)} commits/s", f"{whole(rate * size)} units/s")


def _commit(batches: Batches, numbers: count[int], size: int) -> None:
    jobs = [_job(next(numbers)) for _ in range(size)]
    batches.run(jobs)
    assert not any(job.error for job in jobs), jobs[0].error


def _job(number: int) -> Job:
    msisdn = Msisdn(f"+99890{number % PEOPLE:07d}")
    return Job(msisdn, partial(_question, msisdn, number))


def _question(msisdn: Msisdn, number: int, tx: Tx) -> None:
    """One question and its answer, as the intake writes them."""
    tx.subscribers.lock(msisdn)
    digest = number.to_bytes(16)
    if tx.messages.latest(msisdn, "bench", tx.now_us - 60_000_000) != digest:
        tx.outbox.add(_answer(msisdn, tx.now_us))
        tx.messages.add(msisdn, "bench", digest, "balance", None)


def _answer(msisdn: Msisdn, now_us: int) -> OutboundSms:
    return OutboundSms(
        id=0,
        msisdn=msisdn,
        link="bench",
        event="balance",
        values=VALUES,
        language="en",
        payment_id=None,
        priority=Priority.ANSWER,
        created_at_us=now_us,
        expires_at_us=now_us + 3_600_000_000,
        due_at_us=now_us,
    )


def _rate(work: Callable[[], None], rounds: int, round_s: float) -> float:
    """How often a second: the median of *rounds*."""
    return median(_round(work, round_s) for _ in range(rounds))


def _round(work: Callable[[], None], round_s: float) -> float:
    started_s, done = time.perf_counter(), 0
    while (taken_s := time.perf_counter() - started_s) < round_s:
        work()
        done += 1
    return done / taken_s
