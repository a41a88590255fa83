"""A machine on which the gateway is started, held, told to leave, and killed. What runs on it is the real service."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, cast

from smsgw.node import HandingStore, Outside, assemble
from smsgw.ports import Provider
from smsgw.sessions.passwords import check
from smsgw.store.unit import Surroundings
from tests.simulation.configuration import configuration
from tests.simulation.loop import LIFE, Life, Pulse, VirtualLoop
from tests.simulation.network import Network
from tests.simulation.store import DiskWeather, PlayedConnection, PlayedStore

# A moment at which nothing particular happens, UTC microseconds.
EPOCH_US: Final = 1_795_000_000_000_000
HASH_S: Final = 0.036
# Shorter and longer than a lease of 30 s, and than a provider call's lease of deadline and 60 s.
FREEZE_S: Final = (5.0, 45.0, 100.0)


class NodeClock:
    """Implements `ports.Clock`: the world's time, and how wrong this machine is about it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.wrong_us = 0

    def now_us(self) -> int:
        """UTC microseconds, as this machine believes."""
        return EPOCH_US + int(self._loop.time() * 1_000_000) + self.wrong_us

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return self._loop.time()


class DrawnChance:
    """Implements `ports.Chance` from a seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def bits(self, count: int) -> int:
        """A random integer."""
        return self._random.getrandbits(count)

    def octets(self, count: int) -> bytes:
        """Random octets."""
        return self._random.randbytes(count)


class SlowHasher:
    """Implements `ports.PasswordHasher`: it takes its time, but not ours."""

    async def verify(self, verifier: str, digest: bytes) -> bool | None:
        """Check a digest."""
        await asyncio.sleep(HASH_S)
        return check(verifier, digest)


@dataclass(frozen=True, kw_only=True)
class Site:
    """What all machines of a world share. On several nodes the database has the time, on one the node has."""

    loop: VirtualLoop
    network: Network
    database: sqlite3.Connection
    providers: Mapping[str, Provider]
    disk: DiskWeather = field(default_factory=DiskWeather)
    committed: Callable[[], None]
    several: bool


class Machine:
    """See the module. `told` is called with what is done to it."""

    def __init__(self, name: str, site: Site, random: Random, told: Callable[[str], None]) -> None:
        self._name = name
        self._site = site
        self._random = random
        self._told = told
        self.clock = NodeClock(site.loop)
        self._right = NodeClock(site.loop)
        self._life: Life | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    def up(self) -> bool:
        """Whether a process runs, or would if it were not held."""
        return self._task is not None and not self._task.done()

    @property
    def failed(self) -> BaseException | None:
        """Why the process ended by itself, if it did for an error."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()

    def start(self) -> None:
        """Start the gateway, as the service manager does."""
        self._told(f"{self._name} starts")
        self._life = Life(self._name)
        self._site.loop.born(self._life)
        self._stop = asyncio.Event()
        context = contextvars.copy_context()
        context.run(LIFE.set, self._life)
        self._task = self._site.loop.create_task(self._run(), name=self._name, context=context)

    def kill(self, *, silently: bool) -> None:
        """Kill -9; *silently*: the machine loses its power, so that nobody resets its connections."""
        self._told(f"{self._name} is killed")
        assert self._life is not None
        self._site.loop.kill(self._life)
        self._site.network.orphan(self._life, silently=silently)
        self._task = None

    def hold(self) -> None:
        """Stop the process in its tracks: a suspended machine, a long pause of its memory."""
        self._told(f"{self._name} is held")
        assert self._life is not None
        self._site.loop.hold(self._life)

    def wake(self) -> None:
        """Let it go on, not knowing that time has passed."""
        if self._life is not None and self._life.pulse is Pulse.HELD:
            self._told(f"{self._name} wakes")
            self._site.loop.wake(self._life)

    def _freeze(self) -> None:
        """Be held from now on, for a while that the node knows nothing of."""
        self.hold()
        self._site.loop.call_later(self._random.choice(FREEZE_S), self.wake, context=contextvars.Context())

    def leave(self) -> None:
        """SIGTERM."""
        self._told(f"{self._name} is told to leave")
        self._stop.set()

    async def _run(self) -> None:
        site, chance = self._site, DrawnChance(Random(self._random.random()))  # noqa: S311 -- from the seed
        connection = PlayedConnection(
            site.database, (self._right if site.several else self.clock).now_us, self._random, site.disk
        )
        around = Surroundings(self.clock, chance, configuration().rules.keyring)
        store = PlayedStore(connection, around, self._random, site.committed, self._freeze)
        outside = Outside(
            clock=self.clock,
            chance=chance,
            store=cast("HandingStore", store),
            hasher=SlowHasher(),
            providers=site.providers,
        )
        writing = asyncio.create_task(store.run(), name=f"{self._name} store")
        await assemble(configuration(), outside).run(self._stop)
        await store.close()
        writing.cancel()
