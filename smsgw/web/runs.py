"""Reconciliation runs: they go on in the background, however long a statement takes and whoever waits for them.

Rule 1: of one day of a provider a single run goes on; whoever asks for it meanwhile waits for the same one.
Rule 2: why the latest run of a day came to nothing is remembered until the next one begins, or the process ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import Final, Self

from smsgw.domain.reconciliation import Reconciliation
from smsgw.log import get_logger
from smsgw.service.reconcile import NotReconciled, Reconciler
from smsgw.service.registries import Registries

Place = tuple[str, str]
"""A provider and one of its days."""
Run = Callable[[str, str], Awaitable[Reconciliation | NotReconciled]]

# Each may have the statement of a whole day in memory.
RUNS_MAX: Final = 4
# What was asked for by name and failed, and nobody asked for again: more than a person looks at.
FAILURES_MAX: Final = 100
STOPPED: Final = "the gateway was stopped before the run had ended; ask for it again"

log = get_logger(__name__)


async def reconcile_day(
    reconciler: Reconciler, registries: Registries, provider: str, day: str
) -> Reconciliation | NotReconciled:
    """Reconcile a day, and make its registry where the provider wants one."""
    done = await reconciler.reconcile(provider, day)
    if isinstance(done, Reconciliation):
        await registries.make(provider, day)
    return done


class Runs:
    """See the module. Whoever leaves it as a context ends what still goes on; every day can be asked for again."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._going: dict[Place, asyncio.Future[Reconciliation | NotReconciled]] = {}
        self._failures: dict[Place, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._going.values():
            task.cancel()
        await asyncio.gather(*self._going.values(), return_exceptions=True)

    def begin(self, provider: str, day: str) -> bool:
        """See to it that a run of this day goes on; False = there are too many runs already."""
        place = (provider, day)
        if place not in self._going:
            if len(self._going) >= RUNS_MAX:
                return False
            self._failures.pop(place, None)
            self._going[place] = asyncio.ensure_future(self._run(provider, day))
            self._going[place].add_done_callback(partial(self._ended, place))
        return True

    async def wait(self, provider: str, day: str, patience_s: float) -> None:
        """Wait until the run of this day has ended, but no longer than that."""
        task = self._going.get((provider, day))
        if task is not None:
            await asyncio.wait((task,), timeout=patience_s)

    def goes_on(self, provider: str, day: str) -> bool:
        """True while a run of this day goes on."""
        return (provider, day) in self._going

    def failure(self, provider: str, day: str) -> str:
        """Why the latest run of this day came to nothing, for people; empty = it did not, or there was none."""
        return self._failures.get((provider, day), "")

    def _ended(self, place: Place, task: asyncio.Future[Reconciliation | NotReconciled]) -> None:
        del self._going[place]
        why = _failure(place, task)
        if why:
            self._failures[place] = why
        while len(self._failures) > FAILURES_MAX:
            del self._failures[next(iter(self._failures))]


def _failure(place: Place, task: asyncio.Future[Reconciliation | NotReconciled]) -> str:
    if task.cancelled():
        return STOPPED
    error = task.exception()
    if error is not None:
        log.error("reconciliation.broke_off", provider=place[0], day=place[1], exc_info=error)
        return f"the run broke off ({type(error).__name__}); the log line reconciliation.broke_off has the cause"
    done = task.result()
    return done.why if isinstance(done, NotReconciled) else ""
