"""One world, drawn from a seed: nodes, an operator, providers, people, and what goes wrong among them.

It lives through three times. People pay while things break; then everything heals, and what was begun must come to a
named end; then the books of all sides are laid side by side.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

from simulator.settings import SmscSettings
from simulator.smsc.journal import Entry
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.smsc.server import SmscServer
from smsgw.domain.money import UZS, money
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.service.subscribers import register
from smsgw.service.top_up import top_up_wallet
from smsgw.sessions.passwords import Argon2Settings, make_verifier
from smsgw.store.inline import InlineStore, open_inline
from smsgw.store.unit import Surroundings
from tests.simulation.audit import Auditor
from tests.simulation.billing import DistantProvider
from tests.simulation.chaos import Chaos
from tests.simulation.configuration import PAYEES, PORT, configuration
from tests.simulation.judge import Judge
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.machine import DrawnChance, Machine, NodeClock, Site
from tests.simulation.network import Network
from tests.simulation.options import KINDS, Options
from tests.simulation.people import ATTACKS, PASSWORD, Person, Phone, clumsy, honest
from tests.simulation.provider import CALM
from tests.simulation.store import DiskWeather

CHAOS_S: Final = 240.0
# What is in hand when things heal ends within a payment's life (300 s), leases, a clock that was 600 s wrong, and the
# last rungs of the ladders.
HEAL_S_MAX: Final = 1500.0
LOOK_EVERY_S: Final = 5.0
# From one payment of a person to the next.
REST_S_MAX: Final = 30.0
MONEY_IN: Final = "1000000"
CHEAP: Final = Argon2Settings(memory_kib=8, passes=1)


class Violation(AssertionError):  # noqa: N818 -- what it is
    """A rule is broken: which, when and how."""


class Report(NamedTuple):
    """What a world came to: a digest of everything that happened, and how often what was seen."""

    seed: int
    digest: str
    seen: Counter[str]
    virtual_s: float


def _nothing(_: str) -> None:
    pass


class World:
    """See the module. *trace* is given every event as a line; *options* other than the seed's are for shrinking."""

    def __init__(self, seed: int, trace: Callable[[str], None] = _nothing, options: Options | None = None) -> None:
        self.seed = seed
        self.options = options or Options.drawn(seed)
        self._trace = trace
        self._network = Network(self._random("network"), self.options.latency_s, self.options.refused_rate)
        self.loop = VirtualLoop(self._random("order"), self._network)
        self._seen: Counter[str] = Counter()
        self._digest = hashlib.sha256()
        self._violations: list[str] = []
        self._accounts = 100_000
        self._phones: dict[str, Phone] = {}
        self._people: list[asyncio.Task[None]] = []

    def run(self) -> Report:
        """Live.

        Raises:
            Violation: a rule was broken.
        """
        try:
            self.loop.live(self._live())
        except Stuck as stuck:
            raise Violation(f"I26 {stuck}") from stuck
        return Report(self.seed, self._digest.hexdigest(), self._seen, self.loop.time())

    def _random(self, name: str) -> Random:
        """A stream of its own for each part, so that a change in one leaves the others as they were."""
        return Random(f"{self.seed} {name}")  # noqa: S311 -- the same seed must draw the same world

    def _note(self, event: str, detail: str = "") -> None:
        """Something happened: it counts, it is part of the digest, and it can be read in the trace."""
        self._seen[event] += 1
        line = f"{self.loop.time():12.6f} {event} {detail}"
        self._digest.update(line.encode())
        self._trace(line)

    def _broken(self, rule: str, why: str) -> None:
        """A rule is broken; the world ends at the next look."""
        self._note("broken", f"{rule} {why}")
        self._violations.append(f"{rule} at {self.loop.time():.3f} s: {why}")

    async def _live(self) -> None:
        await self._begin()
        await self._break_things()
        await self._heal()
        self._end()

    async def _begin(self) -> None:
        server = SmscServer(SmscSettings(receipt_delay_s=0.5, redelivery_delay_s=2.0), self.loop.time)
        await server.listen("operator", PORT)
        right = NodeClock(self.loop)
        around = Surroundings(right, DrawnChance(self._random("enrolment")), configuration().rules.keyring)
        store = open_inline(around)
        self._providers = {
            name: DistantProvider(KINDS[kind], self._random(name), right.now_us, store.database, self._broken)
            for name, kind in zip(PAYEES, self.options.kinds, strict=True)
        }
        auditor = Auditor(store.database, self._providers, self._broken)
        self._judge = Judge(
            database=store.database,
            auditor=auditor,
            phones=self._phones,
            clocks_jump=self.options.jump_gap_s > 0,
            broken=self._broken,
        )
        server.smsc.journal.watchers.append(self._passes)
        self._disk = DiskWeather.of(self.options)
        site = Site(
            loop=self.loop,
            network=self._network,
            database=store.database,
            providers=self._providers,
            disk=self._disk,
            committed=auditor.look,
            several=self.options.nodes > 1,
        )
        names = [f"node{number}" for number in range(self.options.nodes)]
        self._chaos = Chaos(
            options=self.options,
            random=self._random("chaos"),
            machines=[Machine(name, site, self._random(name), self._note) for name in names],
            network=self._network,
            smsc=server.smsc,
            note=self._note,
        )
        await self._enrol(store, server)
        self._chaos.revive()

    async def _enrol(self, store: InlineStore, server: SmscServer) -> None:
        keyring = configuration().rules.keyring
        verifier = make_verifier(keyring.pepper(keyring.current, Secret(PASSWORD)), bytes(16), CHEAP)
        for index, person in enumerate(self._cast()):
            number = Msisdn(f"+99890123{index:04d}")
            phone = Phone(number, self._random(number), server.send, self._account)
            self._phones[number.removeprefix("+")] = phone
            await register(store, number, "en", verifier, keyring.current)
            await top_up_wallet(store, number, "till", money(MONEY_IN, UZS), f"first-{index}")
            self._people.append(self.loop.create_task(self._lives(person, phone), name=f"phone{index}"))

    def _cast(self) -> list[Person]:
        options, random = self.options, self._random("cast")
        attackers = [random.choice(ATTACKS) for _ in range(options.attackers)]
        return [*[honest] * options.honest, *[clumsy] * options.clumsy, *attackers]

    def _account(self) -> str:
        self._accounts += 1
        return str(self._accounts)

    async def _lives(self, person: Person, phone: Phone) -> None:
        while self.loop.time() < CHAOS_S:
            await phone.thinks(REST_S_MAX)
            await person(phone)

    def _passes(self, entry: Entry) -> None:
        """What the operator sees."""
        match entry.item:
            case Mt(text=said) | Mo(text=Text(text=said)):
                self._note(entry.kind.value, f"{entry.number} {said}")
            case item:
                self._note(entry.kind.value, f"{entry.number} {item}")
        self._judge.hears(entry)
        if isinstance(entry.item, Mt) and entry.number in self._phones:
            self._phones[entry.number].reads(entry.item.text)

    async def _break_things(self) -> None:
        reign = self.loop.create_task(self._chaos.reign(), name="chaos")
        while self.loop.time() < CHAOS_S:
            await asyncio.sleep(1.0)
            self._look()
        reign.cancel()
        await asyncio.gather(reign, return_exceptions=True)

    def _look(self) -> None:
        for provider in self._providers.values():
            provider.time_passes()
        failed = next((machine.failed for machine in self._chaos.machines if machine.failed), None)
        if failed is not None:
            raise Violation(f"I26 a node ended by itself: {failed!r}") from failed
        if self.loop.faults:
            raise Violation(f"I24 nobody caught: {self.loop.faults[0]}")
        if self._violations:
            raise Violation("; ".join(self._violations[:3]))

    async def _heal(self) -> None:
        """Nothing breaks any more; whatever was begun must end, with a name, in a bounded time."""
        self._note("heals")
        for provider in self._providers.values():
            provider.weather = CALM
        self._disk.clears()
        self._chaos.end()
        end_s = self.loop.time() + HEAL_S_MAX
        while any(not person.done() for person in self._people) or any(self._judge.open().values()):
            if self.loop.time() > end_s:
                raise Violation(f"I26 after {HEAL_S_MAX:.0f} s of calm: {self._judge.open()}")
            self._chaos.revive()
            await asyncio.sleep(LOOK_EVERY_S)
            self._look()

    def _end(self) -> None:
        for provider in self._providers.values():
            provider.all_arrives()
        self._judge.close()
        for row in self._judge.auditor.payments():
            self._note(f"payment {row.state}", str(row.number))
        self._look()
