"""One world, drawn from a seed: nodes, an operator, providers, people, and what goes wrong among them.

It lives through three times. People pay while things break; then everything heals, and what was begun must come to a
named end; then the books of all sides are laid side by side.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from simulator.faults import RECEIPT, Fault
from simulator.journal import Answer, Entry, Kind
from simulator.mo import Mo, MoState
from simulator.mt import Mt
from simulator.server import SmscServer
from simulator.settings import SmscSettings
from simulator.utterances import Utterance
from smsgw.domain.money import UZS, money
from smsgw.domain.phones import Msisdn
from smsgw.service.subscribers import register
from smsgw.service.top_up import top_up_wallet
from smsgw.sessions.passwords import Argon2Settings, make_verifier
from smsgw.smpp.constants import Status
from smsgw.store.inline import InlineStore, open_inline
from smsgw.store.unit import Surroundings
from tests.simulation.audit import Auditor, Row
from tests.simulation.billing import DistantProvider
from tests.simulation.configuration import CODE_TTL_S, PAYEES, PORT, configuration
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.machine import DrawnChance, Machine, NodeClock, Site
from tests.simulation.network import Network
from tests.simulation.options import KINDS, Options
from tests.simulation.people import ATTACKS, PASSWORD, Person, Phone, clumsy, honest
from tests.simulation.provider import Weather
from tests.simulation.store import DiskWeather

CHAOS_S: Final = 240.0
# What is in hand when things heal ends within a payment's life (300 s), leases, and the last rungs of the ladders.
HEAL_S_MAX: Final = 1500.0
LOOK_EVERY_S: Final = 5.0
MONEY_IN: Final = "1000000"
CHEAP: Final = Argon2Settings(memory_kib=8, passes=1)
HOLD_S: Final = (1.0, 20.0, 45.0, 100.0)
DOWN_S_MAX: Final = 20.0
JUMP_S: Final = (1, 30, 600)
SMSC_FAULTS: Final[tuple[tuple[str, Fault], ...]] = (
    ("submit_sm", Fault(no_response=True)),
    ("submit_sm", Fault(status=Status.ESME_RTHROTTLED, for_s=5)),
    ("submit_sm", Fault(status=Status.ESME_RMSGQFUL, count=3)),
    ("submit_sm", Fault(status=Status.ESME_RSYSERR)),
    ("submit_sm", Fault(delay_s=12)),
    ("submit_sm", Fault(no_response=True, disconnect_after=True)),
    ("submit_sm", Fault(say=(Utterance.RESPONSE, Utterance.RESPONSE))),
    ("submit_sm", Fault(say=(Utterance.WRONG_SEQUENCE,))),
    ("submit_sm", Fault(say=(Utterance.GENERIC_NACK,))),
    ("submit_sm", Fault(say=(Utterance.RESPONSE, Utterance.UNBIND))),
    ("submit_sm", Fault(mute_after=True)),
    ("bind_transceiver", Fault(status=Status.ESME_RBINDFAIL)),
    (RECEIPT, Fault(early=True)),
    (RECEIPT, Fault(copies=3)),
    (RECEIPT, Fault(no_response=True)),
)
CALM: Final = Weather(*([0.0] * len(Weather.__slots__)))  # type: ignore[attr-defined]
# Verdicts after which silence is right.
SILENT: Final = frozenset({"flood_silence", "stranger_silence", "machine_sender"})


class Violation(AssertionError):  # noqa: N818 -- what it is
    """A rule is broken: which, how, and when."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a world came to: a digest of everything that happened, and how often what was seen."""

    seed: int
    digest: str
    seen: Counter[str]
    virtual_s: float


@dataclass
class World:
    """See the module. `trace` is given every event as a line."""

    seed: int
    trace: Callable[[str], None] = lambda _: None
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.options = Options.drawn(self.seed)
        self._network = Network(self.random("network"))
        self._network.latency_s, self._network.refused = self.options.latency_s, self.options.refused_rate
        self.loop = VirtualLoop(self.random("order"), self._network)
        self._digest = hashlib.sha256()
        self._violations: list[str] = []
        self._accounts = 100_000

    def random(self, name: str) -> Random:
        """A stream of its own for each part, so that a change in one leaves the others as they were."""
        return Random(f"{self.seed} {name}")  # noqa: S311 -- the same seed must draw the same world

    def run(self) -> Report:
        """Live.

        Raises:
            Violation: a rule was broken.
        """
        try:
            self.loop.run_until_complete(self._live())
        except Stuck as stuck:
            raise Violation(f"I26 {stuck}") from stuck
        finally:
            self.loop.close()
        return Report(self.seed, self._digest.hexdigest(), self.seen, self.loop.time())

    def note(self, event: str, detail: str = "") -> None:
        """Something happened: it counts, it is part of the digest, and it can be read in the trace."""
        self.seen[event] += 1
        line = f"{self.loop.time():12.6f} {event} {detail}"
        self._digest.update(line.encode())
        self.trace(line)

    def broken(self, rule: str, why: str) -> None:
        """A rule is broken; the world ends at the next look."""
        self.note("broken", f"{rule} {why}")
        self._violations.append(f"{rule} at {self.loop.time():.3f} s: {why}")

    async def _live(self) -> None:
        try:
            await self._begin()
            await self._break_things()
            await self._heal()
            self._lay_side_by_side()
            self._judge()
        finally:
            await self.loop.bury()

    async def _begin(self) -> None:
        self._smsc = SmscServer(SmscSettings(receipt_delay_s=0.5, redelivery_delay_s=2.0), self.loop.time)
        self._smsc.smsc.journal.watchers.append(self._journal)
        await self._smsc.listen("operator", PORT)
        right = NodeClock(self.loop)
        chance = DrawnChance(self.random("enrolment"))
        store = open_inline(Surroundings(right, chance, configuration().rules.keyring))
        self.database = store._database
        self.providers = {
            name: DistantProvider(KINDS[kind], self.random(name), right.now_us, self.database, self.broken)
            for name, kind in zip(PAYEES, self.options.kinds, strict=True)
        }
        self.auditor = Auditor(self.database, self.providers, self.broken)
        self._disk = DiskWeather(
            undone=self.options.undone_rate,
            unsaid=self.options.unsaid_rate,
            refused=self.options.full_rate,
            slow=self.options.slow_rate,
        )
        site = Site(
            loop=self.loop,
            network=self._network,
            database=self.database,
            providers=self.providers,
            disk=self._disk,
            committed=self.auditor.look,
            several=self.options.nodes > 1,
        )
        self.machines = [
            Machine(f"node{number}", site, self.random(f"node{number}"), self.note)
            for number in range(self.options.nodes)
        ]
        await self._enrol(store)
        for machine in self.machines:
            machine.start()

    async def _enrol(self, store: InlineStore) -> None:
        options = self.options
        self.phones: dict[str, Phone] = {}
        people: list[Person] = [honest] * options.honest + [clumsy] * options.clumsy
        people += [self.random("attackers").choice(ATTACKS) for _ in range(options.attackers)]
        self._people: list[asyncio.Task[None]] = []
        for index, person in enumerate(people):
            number = Msisdn(f"+99890123{index:04d}")
            phone = Phone(number, self.random(number), self._smsc.send, self._account)
            self.phones[number.removeprefix("+")] = phone
            digest = configuration().rules.keyring.pepper(configuration().rules.keyring.current, PASSWORD)
            await register(store, number, "en", make_verifier(digest, bytes(16), CHEAP), configuration().rules.keyring.current)
            await top_up_wallet(store, number, "till", money(MONEY_IN, UZS), f"first-{index}")
            self._people.append(self.loop.create_task(self._lives(person, phone), name=f"phone{index}"))

    def _account(self) -> str:
        self._accounts += 1
        return str(self._accounts)

    async def _lives(self, person: Person, phone: Phone) -> None:
        await phone.thinks(20)
        while self.loop.time() < CHAOS_S:
            await person(phone)
            await phone.thinks(30)

    def _journal(self, entry: Entry) -> None:
        """What the operator sees."""
        match entry.item:
            case Mt(text=text):
                self.note("mt", f"{entry.number} {text}")
                self._watch_receipt(text)
                if entry.number in self.phones:
                    self.phones[entry.number].reads(text)
            case Answer(state=MoState.ACKED, mo_id=mo_id):
                self.note("acked", f"{entry.number} {mo_id}")
                self._watch_ack(entry.number)
            case Mo() as mo:
                self.note("mo", f"{entry.number} {mo.text.text}")
            case _:
                self.note(entry.kind.value, entry.number)

    def _watch_receipt(self, text: str) -> None:
        """I16: no receipt before what it says is so."""
        if "PAID" in text:
            executed = [row for row in self.auditor.payments() if row.state in {"executed", "returned"}]
            if not any(str(row.number) in text for row in executed):
                self.broken("I16", f"a receipt for what is not executed: {text}")

    def _watch_ack(self, number: str) -> None:
        """I13: what was acknowledged is committed."""
        phone = self.phones.get(number)
        if phone is None:
            return
        acked = {mo.text.text for _, mo in phone.sent if mo.state is MoState.ACKED}
        (count,) = self.database.execute("SELECT count(*) FROM messages WHERE msisdn = ?", ("+" + number,)).fetchone()
        if count < len(acked):
            self.broken("I13", f"{number}: {len(acked)} different texts acknowledged, {count} committed")

    async def _break_things(self) -> None:
        options, random = self.options, self.random("chaos")
        plagues: list[tuple[float, Callable[[Random], Awaitable[None]]]] = [
            (options.kill_gap_s, self._kill),
            (options.hold_gap_s, self._hold),
            (options.leave_gap_s, self._leave),
            (options.jump_gap_s, self._jump),
            (options.cut_gap_s, self._cut),
            (options.hush_gap_s, self._hush),
            (options.smsc_gap_s, self._vex),
        ]
        running = [self.loop.create_task(self._plague(gap_s, do, Random(random.random()))) for gap_s, do in plagues if gap_s]  # noqa: S311
        while self.loop.time() < CHAOS_S:
            await asyncio.sleep(1.0)
            self._tick()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _plague(self, gap_s: float, do: Callable[[Random], Awaitable[None]], random: Random) -> None:
        while True:
            await asyncio.sleep(random.expovariate(1 / gap_s))
            await do(random)

    def _tick(self) -> None:
        for provider in self.providers.values():
            provider.time_passes()
        for machine in self.machines:
            if machine.failed is not None:
                raise Violation(f"I26 a node ended by itself: {machine.failed!r}") from machine.failed
        if self.loop.faults:
            raise Violation(f"I24 nobody caught: {self.loop.faults[0]}")
        self._judge()

    def _judge(self) -> None:
        if self._violations:
            raise Violation("; ".join(self._violations[:3]))

    async def _kill(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up:
            machine.kill(silently=random.random() < 0.3)
            await asyncio.sleep(random.uniform(0.1, DOWN_S_MAX))
            machine.start()

    async def _hold(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up:
            machine.hold()
            await asyncio.sleep(random.choice(HOLD_S))
            machine.wake()

    async def _leave(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up:
            machine.leave()

    async def _jump(self, random: Random) -> None:
        machine = random.choice(self.machines)
        jump_s = random.choice(JUMP_S) * random.choice((-1, 1))
        self.note("jump", f"{jump_s}")
        machine.clock.wrong_us = jump_s * 1_000_000

    async def _cut(self, random: Random) -> None:
        if self._network.links:
            self.note("cut")
            self._network.cut(random.randrange(len(self._network.links)))

    async def _hush(self, random: Random) -> None:
        if self._network.links:
            self.note("hush")
            self._network.hush(random.randrange(len(self._network.links)))

    async def _vex(self, random: Random) -> None:
        subject, fault = random.choice(SMSC_FAULTS)
        self.note("vexed", f"{subject} {fault}")
        self._smsc.smsc.faults.put(subject, fault)

    async def _heal(self) -> None:
        """Nothing breaks any more; whatever was begun must end, with a name, in a bounded time."""
        self.note("heals")
        for provider in self.providers.values():
            provider.weather = CALM
        self._disk.undone = self._disk.unsaid = self._disk.refused = self._disk.slow = 0.0
        self._network.latency_s, self._network.refused = 0.001, 0.0
        self._smsc.smsc.faults.clear()
        for machine in self.machines:
            machine.clock.wrong_us = 0
            machine.wake()
            if not machine.up:
                machine.start()
        end_s = self.loop.time() + HEAL_S_MAX
        while not self._all_done():
            if self.loop.time() > end_s:
                raise Violation(f"I26 after {HEAL_S_MAX:.0f} s of calm: {self._open()}")
            await asyncio.sleep(LOOK_EVERY_S)
            self._tick()
            for machine in self.machines:
                if not machine.up:
                    machine.start()
        for provider in self.providers.values():
            provider.all_arrives()

    def _all_done(self) -> bool:
        return all(task.done() for task in self._people) and not any(self._open().values())

    def _open(self) -> dict[str, int]:
        """What has not ended: texts at the operator, payments without an outcome, texts of ours."""

        def count(question: str) -> int:
            (found,) = self.database.execute(question).fetchone()
            return int(found)

        waiting = [mo for phone in self.phones.values() for _, mo in phone.sent if not mo.over]
        return {
            "texts not acknowledged": len(waiting),
            "payments open": count("SELECT count(*) FROM payments WHERE state IN ('checking', 'awaiting_code')"),
            "calls due": count("SELECT count(*) FROM provider_calls WHERE state = 'due'"),
            "texts to send": count("SELECT count(*) FROM outbox WHERE state = 'queued'"),
        }

    def _lay_side_by_side(self) -> None:
        self.auditor.look()
        self.auditor.agree()
        rows = self.auditor.payments()
        for row in rows:
            self.note(f"payment {row.state}", str(row.number))
        self._all_parked_or_known(rows)
        for row in rows:
            if row.confirmed_at_us:
                self._rightly_confirmed(row)
        for number, phone in self.phones.items():
            self._all_answered(number, phone)
        self._no_secret()

    def _all_parked_or_known(self, rows: list[Row]) -> None:
        """I26: a payment whose outcome nobody knows has a call that waits for a person, and its money is held."""
        parked = {payment for (payment,) in self.database.execute("SELECT payment_id FROM provider_calls WHERE state = 'parked'")}
        lost = [row.number for row in rows if row.state == "processing" and row.id not in parked]
        if lost:
            self.broken("I26", f"neither known nor parked: {lost}")

    def _rightly_confirmed(self, row: Row) -> None:
        """I19, I20, I21: its own phone has sent its own code, in time, and not after too many wrong ones."""
        phone = self.phones[row.msisdn.removeprefix("+")]
        (account,) = row.account.strip('[]"').split('"')[:1]
        texted = phone.codes.get(account)
        if texted is None:
            self.broken("I19", f"{row.number} was confirmed without a code")
            return
        at_s, code = texted
        sent_s = [s for s, mo in phone.sent if mo.text.text == code and s >= at_s]
        if not sent_s:
            self.broken("I19", f"{row.number} was confirmed, and nobody sent {code}")
        elif not self.options.jump_gap_s and min(sent_s) > at_s + CODE_TTL_S + 10:
            self.broken("I21", f"{row.number} was confirmed {min(sent_s) - at_s:.0f} s after its code")
        else:
            self._not_guessed(row, phone, (at_s, min(sent_s)), code)

    def _not_guessed(self, row: Row, phone: Phone, time: tuple[float, float], code: str) -> None:
        since_s, until_s = time
        ours = {known for _, known in phone.codes.values()}
        wrong = {
            mo.text.text
            for s, mo in phone.sent
            if since_s < s and s + (mo.latency_s or 0) < until_s and mo.text.text.isdecimal() and mo.text.text not in ours
        }
        if len(wrong) >= 5:
            self.broken("I20", f"{row.number} was confirmed after {len(wrong)} wrong codes")

    def _all_answered(self, number: str, phone: Phone) -> None:
        """I14: every text has had an answer, or silence has its reason."""
        verdicts = {verdict for (verdict,) in self.database.execute("SELECT verdict FROM messages WHERE msisdn = ?", ("+" + number,))}
        if verdicts & SILENT:
            return
        first: dict[str, float] = {}
        for sent_s, mo in phone.sent:
            if mo.state is MoState.ACKED:
                first.setdefault(mo.text.text, sent_s)
        last_s = max((read.at_s for read in phone.inbox), default=0.0)
        unanswered = [text for text, sent_s in first.items() if sent_s > last_s]
        if unanswered:
            self.broken("I14", f"{number}: nothing came after {unanswered}")

    def _no_secret(self) -> None:
        """I23: the password is nowhere in the database."""
        if PASSWORD.encode() in self.database.serialize():
            self.broken("I23", "the password is in the database")


def main(seed: int) -> Report:
    """Run one seed and show it."""
    return World(seed, lambda line: print(line, file=sys.stdout)).run()
