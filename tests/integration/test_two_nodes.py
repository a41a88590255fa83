"""Two gateways on one PostgreSQL, bound to one operator: whichever gets a text goes on with what the other began."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest

from simulator.app import Simulator
from simulator.settings import SimulatorSettings
from smsgw.app import App, opened
from smsgw.domain.payment import State
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

PEOPLE = [Msisdn(f"+99890123{number:04d}") for number in range(4500, 4508)]
DIALOGUES = 3


def bound(simulator: Simulator) -> int:
    """How many gateways the operator has."""
    return sum(line.receives for line in simulator.smsc.lines)


class Nodes:
    """Two nodes and the operator that spreads its texts over both."""

    def __init__(self, gateway: Gateway, apps: list[App], stops: list[asyncio.Event]) -> None:
        self.gateway = gateway
        self.apps = apps
        self.stops = stops

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


@pytest.fixture
async def nodes(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodes]:
    monkeypatch.setenv("SMSGW_STORE__URL", postgres_url)
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(Simulator(SimulatorSettings(smsc=SMSC, providers=BILLINGS)))
        configuration: Configuration = load(write_configuration(tmp_path, simulator, answers_per_hour=1000), SECRETS)
        apps = [await stack.enter_async_context(opened(configuration)) for _ in range(2)]
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


@pytest.mark.proves("I18")
async def test_either_node_takes_the_code_of_a_payment_that_the_other_opened(nodes: Nodes) -> None:
    texts = await nodes.everybody_pays(first=0)

    assert [text for text in texts if "PAID" not in text] == []
    await nodes.gateway.prove()
    taken = [
        line.session.counters["received", "deliver_sm_resp", "ESME_ROK"] for line in nodes.gateway.simulator.smsc.lines
    ]
    assert len(taken) == len(nodes.apps)
    assert min(taken) > 0, "one node did all the work"


async def test_when_one_node_leaves_the_other_goes_on(nodes: Nodes) -> None:
    await nodes.everybody_pays(first=0)
    nodes.stops[1].set()
    await until(lambda: bound(nodes.gateway.simulator) == 1, WAIT_S)
    texts = await nodes.everybody_pays(first=DIALOGUES)

    assert [text for text in texts if "PAID" not in text] == []
    await nodes.gateway.prove()


@pytest.mark.proves("A55")
async def test_fifty_wrong_codes_at_once_over_two_nodes_are_five_tries(nodes: Nodes, postgres_url: str) -> None:
    """Each node reads the count of the other, and the right code after them pays nothing."""
    gateway, anna = nodes.gateway, PEOPLE[0]
    right = code_in(await gateway.ask(f"COMNET*ali1*1000*{PASSWORD}", anna))
    await asyncio.gather(*(gateway.send(f"{(int(right) + by) % 1_000_000:06d}", anna) for by in range(1, 51)))
    await gateway.send(right, anna)

    with psycopg.connect(postgres_url) as session:
        verdicts: dict[str, int] = dict(
            session.execute("SELECT verdict, count(*) FROM messages GROUP BY verdict").fetchall()
        )
        counted = session.execute("SELECT wrong_codes, pauses FROM subscribers WHERE msisdn = %s", (anna,)).fetchone()
    assert (verdicts["wrong_code"], verdicts["code_dead"]) == (4, 2), "the right code is told that it came too late"
    assert counted is not None
    assert counted[0] == 5
    assert (await gateway.payment(anna)).state is State.CODE_SPENT
    assert gateway.credits("comnet") == []
    taken = [line.session.counters["received", "deliver_sm_resp", "ESME_ROK"] for line in gateway.simulator.smsc.lines]
    assert min(taken) > 10, "one node did all the work"
