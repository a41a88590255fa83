"""The simulator towards gateways that are honest but unusual: bare sockets say what no library would."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from simulator.app import Simulator
from simulator.settings import SimulatorSettings, SmscSettings
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import FieldValue
from tests.integration.wired import bound, connected

CREDENTIALS: dict[str, FieldValue] = {"system_id": b"gateway", "password": b"secret1", "interface_version": 0x34}
TO_ANNA: dict[str, FieldValue] = {"source_addr": b"1400", "destination_addr": b"998901234567"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings.single(SmscSettings(credentials={"gateway": "secret1"}))) as running:
        yield running


async def test_a_gateway_that_says_no_more_is_still_answered(simulator: Simulator) -> None:
    """It closes its own direction behind its last request; the answers go the other way."""
    async with bound(simulator.smpp_port) as peer:
        peer.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"PAID"})
        peer.request(Command.UNBIND)
        peer.writer.write_eof()
        await peer.expect(Command.SUBMIT_SM_RESP)
        await peer.expect(Command.UNBIND_RESP)
        assert await peer.ended()


async def test_a_submit_before_the_bind_is_refused(simulator: Simulator) -> None:
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"PAID"})
        assert (await peer.expect(Command.SUBMIT_SM_RESP)).status == Status.ESME_RINVBNDSTS


async def test_a_refused_bind_may_be_tried_again_on_the_same_line(simulator: Simulator) -> None:
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.BIND_TRANSCEIVER, {**CREDENTIALS, "password": b"wrong"})
        assert (await peer.expect(Command.BIND_TRANSCEIVER_RESP)).status == Status.ESME_RINVPASWD
        peer.request(Command.BIND_TRANSCEIVER, CREDENTIALS)
        assert (await peer.expect(Command.BIND_TRANSCEIVER_RESP)).status == Status.ESME_ROK


async def test_a_browser_that_calls_is_sent_away(simulator: Simulator) -> None:
    async with connected(simulator.smpp_port) as peer:
        peer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await peer.expect(Command.GENERIC_NACK)).status == Status.ESME_RINVCMDLEN
        assert await peer.ended()


@pytest.mark.parametrize("version", [0x00, 0x33, 0x34])
async def test_parameters_go_to_those_who_know_them(simulator: Simulator, version: int) -> None:
    """SMPP 3.4, 3.4: to a gateway before 3.4 neither at the bind nor later, and its ids have at most eight octets."""
    knows = version == 0x34
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.BIND_TRANSCEIVER, {**CREDENTIALS, "interface_version": version})
        assert bool((await peer.expect(Command.BIND_TRANSCEIVER_RESP)).tlvs) is knows
        peer.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"PAID", "registered_delivery": 1})
        message_id = (await peer.expect(Command.SUBMIT_SM_RESP)).octets("message_id")
        assert len(message_id) <= 8
        receipt = await peer.expect(Command.DELIVER_SM)
        assert (bool(receipt.tlvs), message_id in receipt.octets("short_message")) == (knows, True)
