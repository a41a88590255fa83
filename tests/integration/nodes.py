"""Several whole gateways on one PostgreSQL database, and the operator that spreads its texts over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from simulator.app import Simulator
from simulator.settings import SimulatorSettings
from smsgw.app import App, opened
from smsgw.domain.phones import Msisdn
from smsgw.settings.load import Configuration, load
from tests.integration.gateway import (
    BILLINGS,
    PASSWORD,
    SECRETS,
    SMSC,
    WAIT_S,
    Gateway,
    code_in,
    write_configuration,
)
from tests.integration.running_link import until

PEOPLE: Final = [Msisdn(f"+99890123{number:04d}") for number in range(4500, 4508)]
DIALOGUES: Final = 3


def bound(simulator: Simulator) -> int:
    """How many gateways the operator has."""
    return sum(line.receives for line in simulator.smsc.lines)


class Nodes:
    """Two nodes and the operator that spreads its texts over both."""

    def __init__(self, gateway: Gateway, apps: list[App], stops: list[asyncio.Event]) -> None:
        self.url = gateway.configuration.settings.store.url.get_secret_value()
        self.gateway = gateway
        self.apps = apps
        self.stops = stops

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database, beside the nodes."""
        with psycopg.connect(self.url) as session:
            return session.execute(question.encode()).fetchall()

    async def pay(self, msisdn: Msisdn, number: int) -> str:
        """One whole payment; its last text."""
        asked = await self.gateway.ask(f"COMNET*ali{number}x{msisdn[-4:]}*1000*{PASSWORD}", msisdn)
        receipt = await self.gateway.ask(code_in(asked), msisdn)
        return receipt.text

    async def everybody_pays(self, first: int) -> list[str]:
        """Each of the people makes several payments, all at the same time."""

        async def one(msisdn: Msisdn) -> list[str]:
            return [await self.pay(msisdn, first + number) for number in range(DIALOGUES)]

        return [text for texts in await asyncio.gather(*map(one, PEOPLE)) for text in texts]


@asynccontextmanager
async def running_nodes(folder: Path, url: str, count: int = 2) -> AsyncIterator[Nodes]:
    """So many gateways, bound, with everybody registered; at the end they stop in order."""
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(SimulatorSettings.single(SMSC, providers=BILLINGS)))
        file = write_configuration(folder, simulator, answers_per_hour=1000)
        file.write_text(file.read_text().replace(f"sqlite:///{folder}/smsgw.sqlite", url))
        configuration: Configuration = load(file, SECRETS)
        apps = [await stack.enter_async_context(opened(configuration)) for _ in range(count)]
        stops = [asyncio.Event() for _ in apps]
        running = [asyncio.ensure_future(app.run(stop)) for app, stop in zip(apps, stops, strict=True)]
        await until(lambda: bound(simulator) == len(apps), WAIT_S)
        gateway = Gateway(apps[0], simulator, configuration)
        for msisdn in PEOPLE:
            await gateway.enrol(msisdn)
        yield Nodes(gateway, apps, stops)
        for stop in stops:
            stop.set()
        await asyncio.wait_for(asyncio.gather(*running), WAIT_S)
