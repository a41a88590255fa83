"""An event loop on virtual time, whose order is drawn from a seed and whose processes can be killed or held.

Rule 1: time passes only when nothing is ready, and then at once to the next moment for which something is planned.
Rule 2: what is ready in one turn runs in an order drawn from the seed: no code may rely on a luckier one.
Rule 3: whatever a process begins carries its `Life`. Of a dead or held one nothing runs; nothing is cancelled either,
because a killed process runs no `finally`. What it had begun is kept until the world ends, and ends unseen then.
Rule 4: nothing real is in reach: no socket, no thread, no clock of the machine.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from contextvars import ContextVar
from enum import Enum, auto
from random import Random
from typing import Any, Final

from tests.simulation.network import Network

# Turns without a moment of time between them: far more than any burst of work, so it is a circle that never ends.
TURNS_AT_ONCE_MAX: Final = 20_000


class Pulse(Enum):
    """Whether a process runs."""

    RUNS = auto()
    HELD = auto()
    DEAD = auto()


class Life:
    """One process, from its start to its end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pulse = Pulse.RUNS
        self.waiting: list[asyncio.Handle] = []
        self.left: set[asyncio.Task[Any]] = set()


LIFE: Final[ContextVar[Life | None]] = ContextVar("life", default=None)


class Stuck(AssertionError):  # noqa: N818 -- what happened
    """Nothing will ever happen again, or time does not go on."""


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module."""

    _ready: Any
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool

    def __init__(self, random: Random, network: Network) -> None:
        super().__init__()
        self._now_s = 0.0
        self._random = random
        self.network = network
        self._turns = itertools.count()
        self._turns_from = 0
        self._lives: list[Life] = []
        self._burying = False
        self.faults: list[str] = []
        self.set_exception_handler(lambda _, context: self.faults.append(repr(context)))

    def time(self) -> float:
        """Seconds since the world began."""
        return self._now_s

    def born(self, life: Life) -> None:
        """Know a process from now on."""
        self._lives.append(life)

    def kill(self, life: Life) -> None:
        """Let nothing of a process run any more. What it leaves is held fast, or the collector would end it."""
        life.pulse, life.left = Pulse.DEAD, asyncio.all_tasks(self)

    def hold(self, life: Life) -> None:
        """Stop a process in its tracks."""
        life.pulse = Pulse.HELD

    def wake(self, life: Life) -> None:
        """Let a held process go on with all that has come meanwhile."""
        if life.pulse is Pulse.HELD:
            life.pulse = Pulse.RUNS
            self._ready.extend(life.waiting)
            life.waiting.clear()

    def live(self, world: Coroutine[Any, Any, None]) -> None:
        """Run a world to its end, then close. Raises Stuck, and whatever the world raises."""
        try:
            self.run_until_complete(world)
        finally:
            self._burying, self._turns_from = True, next(self._turns)
            self.run_until_complete(self._bury())
            self.close()

    async def _bury(self) -> None:
        """Let everything end, the dead too; what goes wrong in that concerns nobody."""
        for life in self._lives:
            self._ready.extend(life.waiting)
            life.waiting.clear()
        tasks = sorted(
            (task for task in asyncio.all_tasks() if task is not asyncio.current_task()), key=asyncio.Task.get_name
        )
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run_once(self) -> None:
        self._time_passes()
        turn = list(self._ready)
        self._ready.clear()
        self._random.shuffle(turn)
        for handle in turn:
            if not handle.cancelled() and self._runs(handle):
                handle._run()

    def _time_passes(self) -> None:
        scheduled = self._scheduled
        while scheduled and scheduled[0].cancelled():
            heapq.heappop(scheduled)._scheduled = False  # type: ignore[attr-defined]
        turn = next(self._turns)
        if not self._ready and not self._stopping:
            if not scheduled:
                raise Stuck("everybody waits, and nothing is planned")
            self._now_s, self._turns_from = max(self._now_s, scheduled[0].when()), turn
        elif turn - self._turns_from > TURNS_AT_ONCE_MAX:
            raise Stuck(f"time stands still at {self._now_s:.6f} s")
        while scheduled and scheduled[0].when() <= self._now_s:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False  # type: ignore[attr-defined]
            self._ready.append(handle)

    def _runs(self, handle: asyncio.Handle) -> bool:
        """False for what belongs to a process that does not run now; it is set aside."""
        life: Life | None = handle._context.get(LIFE)  # type: ignore[attr-defined]
        if life is None or life.pulse is Pulse.RUNS or self._burying:
            return True
        life.waiting.append(handle)
        return False

    def _write_to_self(self) -> None:
        raise AssertionError("a thread called: there are none here")

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Every name is its own address."""
        return [(0, 0, 0, "", (host, port))]

    async def create_connection(self, factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """Connect in memory; every address is the same machine."""
        del host
        return await self.network.connect(factory, int(port))

    async def create_server(self, factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """Listen in memory."""
        del host
        return self.network.listen(factory, int(port))
