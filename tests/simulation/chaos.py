"""What goes wrong among the parts, each as often as the seed says; and the calm after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from simulator.faults.fault import RECEIPT, Fault
from simulator.faults.utterances import Utterance
from simulator.smsc.smsc import Smsc
from smsgw.smpp.constants import Status
from tests.simulation.machine import Machine
from tests.simulation.network import Network
from tests.simulation.options import Options

# Shorter and longer than a lease of 30 s, and than a provider call's lease of deadline and 60 s.
HOLD_S: Final = (1.0, 20.0, 45.0, 100.0, 180.0)
DOWN_S_MAX: Final = 20.0
# Without power nobody resets the connections of a machine.
POWER_SHARE: Final = 0.3
JUMP_S: Final = (1, 30, 600)
SMSC_FAULTS: Final[tuple[tuple[str, Fault], ...]] = (
    ("submit_sm", Fault(no_response=True)),
    ("submit_sm", Fault(status=Status.ESME_RTHROTTLED, for_s=5)),
    ("submit_sm", Fault(status=Status.ESME_RMSGQFUL, count=3)),
    ("submit_sm", Fault(status=Status.ESME_RSYSERR)),
    ("submit_sm", Fault(delay_s=11, count=3)),
    ("submit_sm", Fault(delay_s=11, status=Status.ESME_RSYSERR)),
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

Plague = Callable[[Random], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Chaos:
    """`note` is told of everything that is done."""

    options: Options
    random: Random
    machines: Sequence[Machine]
    network: Network
    smsc: Smsc
    note: Callable[[str, str], None]

    async def reign(self) -> None:
        """Break things until cancelled."""
        options = self.options
        plagues: list[tuple[float, Plague]] = [
            (options.kill_gap_s, self._kill),
            (options.hold_gap_s, self._hold),
            (options.leave_gap_s, self._leave),
            (options.jump_gap_s, self._jump),
            (options.cut_gap_s, self._cut),
            (options.hush_gap_s, self._hush),
            (options.smsc_gap_s, self._vex),
        ]
        async with asyncio.TaskGroup() as group:
            for gap_s, plague in plagues:
                if gap_s:
                    group.create_task(_again_and_again(gap_s, plague, Random(self.random.random())))  # noqa: S311 -- from the seed

    def end(self) -> None:
        """Let everything be well again."""
        self.network.heal()
        self.smsc.faults.clear()
        for machine in self.machines:
            machine.clock.wrong_us = 0
            machine.wake()

    def revive(self) -> None:
        """Start what is down, as a service manager does."""
        for machine in self.machines:
            if not machine.up():
                machine.start()

    async def _kill(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up():
            machine.kill(silently=random.random() < POWER_SHARE)
            await asyncio.sleep(random.uniform(0.1, DOWN_S_MAX))
            machine.start()

    async def _hold(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up():
            machine.hold()
            await asyncio.sleep(random.choice(HOLD_S))
            machine.wake()

    async def _leave(self, random: Random) -> None:
        machine = random.choice(self.machines)
        if machine.up():
            machine.leave()
            await asyncio.sleep(random.uniform(0.1, DOWN_S_MAX))
            if not machine.up():
                machine.start()

    async def _jump(self, random: Random) -> None:
        machine = random.choice(self.machines)
        jump_s = random.choice(JUMP_S) * random.choice((-1, 1))
        self.note("jump", f"{jump_s}")
        machine.clock.wrong_us = jump_s * 1_000_000

    async def _cut(self, random: Random) -> None:
        if self.network.links:
            self.note("cut", "")
            self.network.cut(random.randrange(len(self.network.links)))

    async def _hush(self, random: Random) -> None:
        if self.network.links:
            self.note("hush", "")
            self.network.hush(random.randrange(len(self.network.links)))

    async def _vex(self, random: Random) -> None:
        subject, fault = random.choice(SMSC_FAULTS)
        self.note("vexed", f"{subject} {fault}")
        self.smsc.faults.put(subject, fault)


async def _again_and_again(gap_s: float, plague: Plague, random: Random) -> None:
    while True:
        await asyncio.sleep(random.expovariate(1 / gap_s))
        await plague(random)
