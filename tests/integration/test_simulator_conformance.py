"""The judge over HTTP and on the terminal: what a gateway breaks is said with its clause and its mend."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import aiohttp
import pytest

from simulator.app import Simulator
from simulator.conformance.rules import RULES
from simulator.faults.fault import Fault
from simulator.faults.utterances import Utterance
from simulator.settings import OperatorSettings, SimulatorSettings
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import INTERFACE_VERSION, Command
from smsgw.smpp.pdu import Pdu
from tests.integration.raw_smsc import WAIT_S
from tests.integration.test_simulator_commands import ANY_PORTS, command, smpp_port
from tests.integration.wired import TO_ANNA, bound

BIND = encode(Pdu(Command.BIND_RECEIVER, 0, 1, {"system_id": b"gateway", "interface_version": INTERFACE_VERSION}))
SUBMIT = encode(Pdu(Command.SUBMIT_SM, 0, 2, {"source_addr": b"1400", "destination_addr": b"998901234567"}))
UNBIND = encode(Pdu(Command.UNBIND, 0, 3, {}))


async def say(port: int, *requests: bytes) -> None:
    """A gateway that says these one after the other, each when the one before is answered, and then leaves."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await asyncio.wait_for(reader.readexactly(4), WAIT_S)
        await reader.readexactly(int.from_bytes(head) - 4)
    writer.close()
    await writer.wait_closed()


async def test_a_breach_is_listed_with_its_clause_and_its_mend() -> None:
    async with Simulator() as simulator, aiohttp.ClientSession(simulator.http_url) as http:

        async def asked(**query: Any) -> Any:
            async with http.get("/conformance", params=query) as response:
                return await response.json()

        assert (await asked())["verdict"] == "no_traffic"
        await say(simulator.smpp_port, BIND, SUBMIT, UNBIND)
        found = await asked(wait=WAIT_S)
        assert (found["verdict"], found["counts"]) == ("broken", {"wrong_state": 1})
        (breach,) = found["violations"]
        assert (breach["rule"], breach["level"], breach["clause"]) == ("wrong_state", "must", "2.3, table 2-1")
        assert breach["detail"] == "submit_sm while bound_rx"
        assert (await asked(since=found["next"]))["violations"] == []


@pytest.mark.parametrize("fault", [Fault(no_response=True), Fault(say=(Utterance.WRONG_SEQUENCE,), delay_s=0.01)])
async def test_what_a_fault_leaves_unanswered_is_not_in_flight(fault: Fault) -> None:
    settings = SimulatorSettings(operators=(OperatorSettings(gateway_window=1),))
    async with Simulator(settings) as simulator, bound(simulator.smpp_port) as peer:
        abandoned: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        simulator.network.memory.pdus.abandoned.append(lambda *which: abandoned.put_nowait(which))
        simulator.smsc.faults.put("submit_sm", fault)
        simulator.smsc.faults.put("enquire_link", Fault(no_response=True))
        for asked, fields in ((Command.SUBMIT_SM, TO_ANNA), (Command.ENQUIRE_LINK, {})):
            sequence = peer.request(asked, fields)
            assert await asyncio.wait_for(abandoned.get(), WAIT_S) == (1, sequence)
        last = peer.request(Command.SUBMIT_SM, TO_ANNA)
        while (await peer.read()).sequence != last:
            pass  # what was said in place of an answer
        assert (simulator.judge.pdus, dict(simulator.judge.counts)) == (4, {})


async def test_the_rules_can_be_asked_for() -> None:
    async with Simulator() as simulator, aiohttp.ClientSession(simulator.http_url) as http:
        rules = (await (await http.get("/conformance/rules")).json())["rules"]
        assert [rule["name"] for rule in rules] == list(RULES)


@pytest.mark.parametrize(
    ("requests", "code", "said"),
    [
        ((BIND, SUBMIT, UNBIND), 1, "must wrong_state operator, session 1: submit_sm while bound_rx (SMPP 3.4, 2.3"),
        ((BIND,), 0, "should no_unbind operator, session 1: the connection was closed while bound_rx"),
    ],
)
async def test_strict_says_it_at_once_and_in_the_exit_code(requests: tuple[bytes, ...], code: int, said: str) -> None:
    async with command("serve", *ANY_PORTS, "--strict") as process:
        assert process.stderr is not None
        port = await smpp_port(process)
        await process.stderr.readline()
        await say(port, *requests)
        assert said in (await asyncio.wait_for(process.stderr.readline(), WAIT_S)).decode()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == code
