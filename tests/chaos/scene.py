"""What surrounds a gateway that dies: an operator, billings, subscribers with money, a configuration in a hurry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from simulator.app import Simulator
from simulator.billing.faults import Fault, FaultKind
from simulator.settings import SimulatorSettings
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.settings.load import environment, load
from smsgw.system import SystemChance
from smsgw.web.operations import Operations
from smsgw.wiring import opened_store
from tests.house import CHEAP
from tests.integration.gateway import BILLINGS, PASSWORD, SECRETS, SMSC, write_configuration

SUBSCRIBERS: Final = 16
# Long enough that the octets of a question have left before its answer comes.
PROVIDER_S: Final = 0.02


@asynccontextmanager
async def operator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings.single(SMSC, providers=BILLINGS, journal_max=1_000_000)) as simulator:
        for billing in simulator.billings.values():
            # Five payments end in a time-out: their outcome is asked for while the gateway dies and comes back.
            billing.faults.put(Fault(kind=FaultKind.APPLY_THEN_TIMEOUT, count=5))
            billing.faults.put(Fault(kind=FaultKind.SLOW, count=1_000_000, command="any", seconds=PROVIDER_S))
        yield simulator


async def enrol(config: Path) -> list[Msisdn]:
    """Subscribers who have money, in a database that no gateway has opened yet."""
    configuration = load(config, {**environment(), **SECRETS})
    numbers = [Msisdn(f"+9989012{index:05d}") for index in range(10_000, 10_000 + SUBSCRIBERS)]
    async with opened_store(configuration) as store:
        operations = Operations(configuration.rules, store, SystemChance(), CHEAP)
        for msisdn in numbers:
            await operations.add_subscriber(msisdn, Secret(PASSWORD), "en")
            await operations.top_up(msisdn, "4000000", "till", msisdn)
    return numbers


def configured(folder: Path, simulator: Simulator) -> Path:
    """A configuration in which a payment without an answer ends between two kills."""
    return write_configuration(folder, simulator, speak="warning", answers_per_hour=1_000_000, pay_deadline_s=0.3)


async def unbalanced(config: Path) -> list[str]:
    async with opened_store(load(config, {**environment(), **SECRETS})) as store:
        return list(await store.reads.unbalanced())
