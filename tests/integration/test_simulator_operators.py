"""Several operators in one simulator: each has its own subscribers, port and gateways, and all share one memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from simulator.app import Simulator
from simulator.settings import OperatorSettings, SimulatorSettings
from simulator.smsc.mo import Text
from tests.integration.raw_smsc import WAIT_S
from tests.integration.scripted_gateway import gateway, scripted

BEELINE = OperatorSettings(name="beeline", prefixes=("99890", "99891"))
UCELL = OperatorSettings(name="ucell", prefixes=("99893", "998901"))


@pytest_asyncio.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(operators=(BEELINE, UCELL))) as running:
        yield running


@pytest.mark.parametrize(
    ("number", "operator", "home"),
    [
        ("+998931112233", "", "ucell"),
        ("998902223344", "", "beeline"),
        ("+998901112233", "", "ucell"),  # the longer prefix
        ("+998971112233", "", "beeline"),  # nobody's: the first operator's
        ("+998931112233", "beeline", "beeline"),  # roaming, if one likes
    ],
)
async def test_a_text_goes_out_at_the_subscribers_operator(
    simulator: Simulator, number: str, operator: str, home: str
) -> None:
    async with gateway(simulator.network.ports[home], scripted("PAID")):
        mo = simulator.send_mo(Text(number, "1400", "HELP", operator=operator))
        assert (await simulator.answered(mo, WAIT_S)).over
        assert (await simulator.next_mt(number, mo.id, WAIT_S)).operator == home


async def test_sessions_say_whose_they_are_and_have_numbers_of_their_own(simulator: Simulator) -> None:
    ports = simulator.network.ports
    async with (
        gateway(ports["beeline"], scripted()),
        gateway(ports["ucell"], scripted()),
        aiohttp.ClientSession(simulator.http_url) as http,
    ):
        for port in ("beeline", "ucell"):
            await simulator.answered(simulator.send_mo(Text("+998901", "1400", "HELP", operator=port)), WAIT_S)
        sessions = (await (await http.get("/sessions")).json())["sessions"]
        assert sorted((line["operator"], line["state"]) for line in sessions) == [
            ("beeline", "bound_trx"),
            ("ucell", "bound_trx"),
        ]
        assert len({line["id"] for line in sessions}) == 2


async def test_an_operator_that_is_not_there_is_named(simulator: Simulator) -> None:
    body = {"from": "+998901112233", "to": "1400", "text": "HELP", "operator": "tele2"}
    async with aiohttp.ClientSession(simulator.http_url) as http, http.post("/mo", json=body) as response:
        assert response.status == 400
        assert (await response.json())["detail"] == "operator: 'tele2' is none of beeline, ucell"


async def test_every_pdu_can_be_looked_at_without_what_it_says(simulator: Simulator) -> None:
    async with (
        gateway(simulator.network.ports["beeline"], scripted("PAID")),
        aiohttp.ClientSession(simulator.http_url) as http,
    ):
        mo = simulator.send_mo(Text("+998901112233", "1400", "parol1", operator="beeline"))
        await simulator.next_mt("+998901112233", mo.id, WAIT_S)
        said = await (await http.get("/pdus")).text()
        pdus = json.loads(said)["pdus"]
        assert [(pdu["direction"], pdu["command"]) for pdu in pdus][:4] == [
            ("<", "bind_transceiver"),
            (">", "bind_transceiver_resp"),
            (">", "deliver_sm"),
            ("<", "deliver_sm_resp"),
        ]
        assert {pdu["operator"] for pdu in pdus} == {"beeline"}
        assert "998901112233" not in said
        octets = (await (await http.get("/pdus", params={"octets": "1", "since": "2"})).json())["pdus"][0]["octets"]
        assert b"parol1" in bytes.fromhex(octets)
        assert b"parol1".hex() not in said


@pytest.mark.parametrize(
    ("operator", "beeline", "ucell"),
    [(None, ["enquire_link"], ["enquire_link"]), ("ucell", [], ["enquire_link"])],
)
async def test_a_fault_is_every_operators_or_one_operators(
    simulator: Simulator, operator: str | None, beeline: list[str], ucell: list[str]
) -> None:
    body = {"smsc": {"enquire_link": {"no_response": True}}} | ({"operator": operator} if operator else {})
    async with aiohttp.ClientSession(simulator.http_url) as http:
        async with http.post("/faults", json=body) as response:
            waiting = (await response.json())["operators"]
        assert {name: list(faults) for name, faults in waiting.items()} == {"beeline": beeline, "ucell": ucell}
        assert (await http.delete("/faults")).status == 204
        assert (await (await http.get("/faults")).json())["operators"] == {"beeline": {}, "ucell": {}}
