"""The writing thread: what queues up is one batch, in its order; its end is orderly."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from smsgw.ports import StoreUnavailable
from smsgw.store import writer
from smsgw.store.batch import Job
from smsgw.store.writer import Writer


class SlowBatches:
    """Keeps the batches that it is given, and takes its time over the first."""

    def __init__(self) -> None:
        self.ran: list[list[str]] = []
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.broken = False
        self.closed = False

    def run(self, jobs: Sequence[Job]) -> None:
        self.reached.set()
        assert self.go_on.wait(10)
        self.ran.append([job.key for job in jobs])

    def close(self) -> None:
        self.closed = True


def make(batches: SlowBatches, delivered: list[str]) -> Writer:
    loop = asyncio.get_running_loop()
    return Writer(batches, loop, lambda jobs: delivered.extend(job.key for job in jobs), "store-test")  # type: ignore[arg-type]


def job(key: str) -> Job:
    return Job(key, lambda tx: tx.now_us)


async def ended(writing: Writer) -> None:
    writing.stop()
    await asyncio.to_thread(writing.join)
    await asyncio.sleep(0)


async def test_what_queues_up_during_a_commit_is_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH_MAX", 3)
    batches, delivered = SlowBatches(), list[str]()
    writing = make(batches, delivered)
    writing.submit(job("0"))
    await asyncio.to_thread(batches.reached.wait, 10)
    for key in "12345":
        writing.submit(job(key))
    batches.go_on.set()
    await ended(writing)
    assert batches.ran == [["0"], ["1", "2", "3"], ["4", "5"]]
    assert (delivered, batches.closed) == (list("012345"), True)


@pytest.mark.proves("I25")
async def test_a_full_queue_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "QUEUE_MAX", 2)
    batches = SlowBatches()
    writing = make(batches, [])
    writing.submit(job("0"))
    await asyncio.to_thread(batches.reached.wait, 10)
    writing.submit(job("1"))
    writing.submit(job("2"))
    with pytest.raises(StoreUnavailable):
        writing.submit(job("3"))
    batches.go_on.set()
    await ended(writing)


async def test_a_writer_that_has_ended_is_broken() -> None:
    batches = SlowBatches()
    writing = make(batches, [])
    assert not writing.broken
    await ended(writing)
    assert writing.broken


async def test_broken_storage_is_told() -> None:
    batches = SlowBatches()
    writing = make(batches, [])
    batches.broken = True
    assert writing.broken
    await ended(writing)
