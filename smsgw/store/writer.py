"""The writing thread: one connection, one queue; whatever queued up during a commit is the next batch.

The event loop hands jobs in and gets them back, a whole batch with one call. A caller that was cancelled is not told;
its unit runs to its end all the same.
"""

from __future__ import annotations

import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

from smsgw.ports import StoreUnavailable
from smsgw.store.batch import Batches, Job

# A commit's cost is shared by a batch; beyond this many the sharing gains nothing, and callers only wait longer.
BATCH_MAX: Final = 200
# Links, workers and the API each keep few units open; so many waiting mean that the database has stopped.
QUEUE_MAX: Final = 10_000

Deliver = Callable[[Sequence[Job]], None]


class Writer:
    """Owns a connection and the thread that uses it. `submit` and `close` are called on the event loop."""

    def __init__(self, batches: Batches, loop: AbstractEventLoop, deliver: Deliver, name: str) -> None:
        self._batches = batches
        self._loop = loop
        self._deliver = deliver
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def broken(self) -> bool:
        """True after a failure of the storage itself, or if the thread has ended by a bug of ours."""
        return self._batches.broken or not self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        return self._queue.qsize()

    def submit(self, job: Job) -> None:
        """Queue a job.

        Raises:
            StoreUnavailable: the queue is full.
        """
        if self._queue.qsize() >= QUEUE_MAX:
            raise StoreUnavailable(f"{QUEUE_MAX} units are waiting for a commit")
        self._queue.put(job)

    def stop(self) -> None:
        """Ask the thread to end after what is queued."""
        self._queue.put(None)

    def join(self) -> None:
        """Wait for the thread's end; its connection is then closed."""
        self._thread.join()

    def _run(self) -> None:
        try:
            while jobs := self._next():
                self._batches.run(jobs)
                self._loop.call_soon_threadsafe(self._deliver, jobs)
        finally:
            self._batches.close()

    def _next(self) -> list[Job]:
        """Wait for a job, and take what else is there; empty = the end."""
        job = self._queue.get()
        jobs: list[Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == BATCH_MAX:
                return jobs
            try:
                job = self._queue.get_nowait()
            except Empty:
                return jobs
        if jobs:
            self._queue.put(None)
        return jobs
