"""What the simulator puts on the wire when it is told to: octets, parts, silence, a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.settings import AccountRules, SimulatorSettings, SmscSettings
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.reassembly import Part, concatenation
from smsgw.smpp.tlv import Tag
from tests.integration.raw_smsc import Peer, raw_smsc
from tests.integration.running_link import until
from tests.integration.wired import TO_ANNA, Http, asking, bind, bind_fields, bound, connected
from tests.ports import free_port

SMSC = SmscSettings(
    credentials={"gateway": "secret1", "ears": "secret1"},
    account_rules={"gateway": AccountRules(binds_max=2), "ears": AccountRules(binds=frozenset({"receiver"}))},
)
MO = {"from": "+998901112233", "to": "1400"}
LONG = "a" * 153 + "b" * 153 + "c" * 153


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings.single(SMSC)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[Http]:
    async with asking(simulator) as asked:
        yield asked


@pytest.fixture
async def gateway(simulator: Simulator) -> AsyncIterator[Peer]:
    async with bound(simulator.smpp_port) as peer:
        yield peer


async def session_id(http: Http) -> int:
    (line,) = (await http.get("/sessions"))["sessions"]
    return int(line["id"])


async def delivered(peer: Peer, count: int = 1) -> list[Pdu]:
    pdus = []
    for _ in range(count):
        pdus.append(await peer.expect(Command.DELIVER_SM))
        peer.answer(pdus[-1])
    return pdus


# Texts as octets and in parts.


async def test_octets_stand_on_the_wire_as_they_were_given(gateway: Peer, http: Http) -> None:
    given = {"data_coding": 4, "esm_class": 0x40, "protocol_id": 0x7F, "source_addr_ton": 2, "dest_addr_npi": 9}
    octets = "0605040b8423f0dead"
    sent = await http.post("/mo", {**MO, **given, "hex": octets, "tlvs": {"0x1400": "01", "user_response_code": "05"}})
    assert (sent["hex"], sent["parts"], sent["parts_total"]) == (octets, [1], 1)
    (pdu,) = await delivered(gateway)
    assert given.items() <= pdu.fields.items()
    assert pdu.octets("short_message").hex() == octets
    assert pdu.tlvs == ((0x1400, b"\x01"), (Tag.USER_RESPONSE_CODE, b"\x05"))


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar"])
async def test_parts_come_in_the_order_that_was_asked_for(gateway: Peer, http: Http, method: str) -> None:
    sent = await http.post("/mo", {**MO, "text": LONG, "long": method, "parts": [2, 1, 2]})
    assert (sent["parts"], sent["segments"]) == ([2, 1, 2], 3)
    read = []
    for pdu in await delivered(gateway, 3):
        part = concatenation(pdu.integer("esm_class"), pdu.octets("short_message"), pdu.tlvs)
        assert isinstance(part, Part)
        read.append((part.number, part.total))
    total = sent["parts_total"]
    assert read == [(2, total), (1, total), (2, total)]


async def test_parts_come_so_far_apart(gateway: Peer, http: Http) -> None:
    sent = await http.post("/mo", {**MO, "text": LONG, "gap_s": 0.05})
    await delivered(gateway, 3)
    pdus = (await http.get("/pdus"))["pdus"]
    times = [pdu["at_s"] for pdu in pdus if pdu["command"] == "deliver_sm"]
    assert [later - sooner >= 0.045 for sooner, later in pairwise(times)] == [True, True]
    assert (await http.get(f"/mo/{sent['id']}"))["segments"] == 3


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"hex": "00", "tlvs": {"message_payload": "00"}}, "exclude each other"),
        ({"text": "HELP", "parts": [2]}, "parts: this text has the parts 1 to 1"),
        ({"hex": "0"}, "hex: octets in hexadecimal"),
    ],
)
async def test_what_cannot_be_sent_is_refused_and_nothing_is(
    gateway: Peer, http: Http, body: dict[str, Any], hint: str
) -> None:
    answer = await http.ask("POST", "/mo", {**MO, **body})
    assert (answer.status, hint in answer.body["detail"]) == (400, True)
    await http.post("/mo", {**MO, "text": "HELP"})
    (pdu,) = await delivered(gateway)
    assert pdu.octets("short_message") == b"HELP"


# Raw octets.


async def test_any_octets_can_be_written_bit_by_bit(gateway: Peer, http: Http) -> None:
    """The gateway reads one whole PDU; nothing of the session's own stands between its pieces."""
    pdu = encode(Pdu(Command.DELIVER_SM, 0, 77, {"short_message": b"TORN"}))
    body = {"hex": pdu.hex(), "chunks": [4, 12], "gap_s": 0.1}
    sent = await http.post(f"/sessions/{await session_id(http)}/raw", body)
    assert sent == {"octets": len(pdu), "chunks": [4, 12, len(pdu) - 16], "gap_s": 0.1}
    gateway.request(Command.ENQUIRE_LINK)
    assert (await gateway.expect(Command.DELIVER_SM)).octets("short_message") == b"TORN"
    await gateway.expect(Command.ENQUIRE_LINK_RESP)
    seen = (await http.get("/pdus"))["pdus"]
    assert [one["command"] for one in seen if one["direction"] == ">"][-2:] == ["deliver_sm", "enquire_link_resp"]


async def test_octets_that_are_no_pdu_leave_all_the_same(gateway: Peer, http: Http) -> None:
    await http.post(f"/sessions/{await session_id(http)}/raw", {"hex": b"HTTP/1.1 400".hex()})
    async with asyncio.timeout(10):
        assert await gateway._reader.readexactly(12) == b"HTTP/1.1 400"


async def test_raw_octets_are_named_where_they_cannot_be_read(gateway: Peer, http: Http) -> None:
    wrong = await http.ask("POST", f"/sessions/{await session_id(http)}/raw", {"hex": "00", "chunks": [9]})
    assert (wrong.status, "chunks: " in wrong.body["detail"]) == (400, True)
    assert (await http.ask("POST", "/sessions/99/raw", {"hex": "00"})).status == 404


async def test_a_connection_that_ends_amid_its_octets_harms_nobody(simulator: Simulator, http: Http) -> None:
    async with bound(simulator.smpp_port):
        await http.post(f"/sessions/{await session_id(http)}/raw", {"hex": "00" * 9, "chunks": [1] * 9, "gap_s": 60})
    await until(lambda: not list(simulator.network.lines()))
    assert (await http.get("/health"))["status"] == "ok"


# Half of a connection.


async def test_a_half_open_session_takes_texts_and_is_heard_no_more(gateway: Peer, http: Http) -> None:
    await http.post(f"/sessions/{await session_id(http)}/half_open")
    gateway.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"PAID"})
    assert [mt["text"] for mt in (await http.get("/mt", wait="20"))["messages"]] == ["PAID"]
    gateway.request(Command.ENQUIRE_LINK)
    gateway.request(Command.UNBIND)
    gateway.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"AFTER"})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await gateway._reader.read(1)
    assert not gateway._reader.at_eof()


@pytest.mark.parametrize(("deed", "mark"), [("stall", "stalled"), ("half_open", "half_open")])
async def test_a_session_that_nothing_reaches_says_so(gateway: Peer, http: Http, deed: str, mark: str) -> None:
    """As the health of the whole does, though it is bound as before."""
    (before,) = (await http.get("/sessions"))["sessions"]
    assert (before["receives"], before[mark]) == (True, False)
    await http.post(f"/sessions/{before['id']}/{deed}")
    (after,) = (await http.get("/sessions"))["sessions"]
    assert (after["receives"], after[mark], after["state"]) == (False, True, "bound_trx")
    assert (await http.get("/health"))["receiving"] is False


async def test_a_stalled_session_takes_nothing(gateway: Peer, http: Http) -> None:
    await http.post(f"/sessions/{await session_id(http)}/stall")
    gateway.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": b"PAID"})
    assert (await http.get("/mt", wait="0.2"))["messages"] == []


async def test_a_gateway_that_leaves_a_half_open_session_is_not_blamed(
    simulator: Simulator, gateway: Peer, http: Http
) -> None:
    await http.post(f"/sessions/{await session_id(http)}/half_open")
    gateway.drop()
    await until(lambda: not list(simulator.network.lines()))
    assert (await http.get("/conformance"))["violations"] == []


async def test_a_half_open_session_can_be_dropped(gateway: Peer, http: Http) -> None:
    number = await session_id(http)
    await http.post(f"/sessions/{number}/half_open")
    await http.post(f"/sessions/{number}/drop")
    with suppress(ConnectionResetError):
        assert await gateway.ended()


# outbind


async def test_outbind_asks_a_gateway_for_its_bind_and_then_has_a_session(http: Http) -> None:
    await http.post("/mo", {**MO, "text": "HELP"})
    async with raw_smsc() as listening:  # any listener does: here the gateway is who waits
        where = {"host": "127.0.0.1", "port": listening.port, "system_id": "SMSC", "password": "out"}
        session = await http.post("/outbind", where)
        assert (session["state"], session["peer"]) == ("open", f"127.0.0.1:{listening.port}")
        peer = await listening.peer()
        asked = await peer.expect(Command.OUTBIND)
        assert (asked.octets("system_id"), asked.octets("password")) == (b"SMSC", b"out")
        peer.request(Command.BIND_RECEIVER, bind_fields())
        assert (await peer.expect(Command.BIND_RECEIVER_RESP)).status == Status.ESME_ROK
        (pdu,) = await delivered(peer)
        assert pdu.octets("short_message") == b"HELP"
        assert (await http.get("/sessions"))["sessions"][0]["state"] == "bound_rx"


async def test_an_outbind_to_nobody_is_said_to_be_so(http: Http) -> None:
    port = free_port()
    answer = await http.ask("POST", "/outbind", {"host": "127.0.0.1", "port": port})
    assert (answer.status, f"nobody listens at 127.0.0.1:{port}" in answer.body["detail"]) == (502, True)
    wrong = await http.ask("POST", "/outbind", {"host": "127.0.0.1", "port": port, "operator": "nobody"})
    assert (wrong.status, "operator: 'nobody' is none of" in wrong.body["detail"]) == (400, True)


@pytest.mark.parametrize("host", ["..", "a" * 64])
async def test_an_outbind_to_what_is_no_name_is_refused(http: Http, host: str) -> None:
    answer = await http.ask("POST", "/outbind", {"host": host, "port": 1})
    assert (answer.status, f"host: {host!r} is no name" in answer.body["detail"]) == (400, True)


# Which bind may do what (SMPP 3.4, table 2-1), and how many there may be.


@pytest.mark.parametrize(
    ("bind_command", "request_command", "status"),
    [
        (Command.BIND_TRANSMITTER, Command.SUBMIT_SM, Status.ESME_ROK),
        (Command.BIND_TRANSCEIVER, Command.SUBMIT_SM, Status.ESME_ROK),
        (Command.BIND_RECEIVER, Command.SUBMIT_SM, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.SUBMIT_MULTI, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.QUERY_SM, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.CANCEL_SM, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.REPLACE_SM, Status.ESME_RINVBNDSTS),
        (Command.BIND_RECEIVER, Command.DATA_SM, Status.ESME_ROK),
        (Command.BIND_TRANSMITTER, Command.QUERY_SM, Status.ESME_RQUERYFAIL),  # served, and there is no such message
        (Command.BIND_TRANSMITTER, Command.DELIVER_SM, Status.ESME_RINVBNDSTS),  # it is the SMSC's to send
        (Command.BIND_TRANSCEIVER, Command.BIND_TRANSCEIVER, Status.ESME_RALYBND),
    ],
)
async def test_each_bind_may_send_what_it_is_for(
    simulator: Simulator, bind_command: Command, request_command: Command, status: Status
) -> None:
    async with bound(simulator.smpp_port, bind_command) as peer:
        addressed = request_command in {Command.SUBMIT_SM, Command.DATA_SM}
        peer.request(request_command, TO_ANNA if addressed else {})
        assert (await peer.expect(Command(request_command | 0x8000_0000))).status == status


async def test_a_transmitter_is_never_sent_a_text(simulator: Simulator, http: Http) -> None:
    async with bound(simulator.smpp_port, Command.BIND_TRANSMITTER) as peer:
        answer = await http.ask("POST", "/mo?wait=ack&timeout=0.1", {**MO, "text": "HELP"})
        assert (answer.status, "no gateway is bound" in answer.body["detail"]) == (504, True)
        peer.request(Command.ENQUIRE_LINK)
        await peer.expect(Command.ENQUIRE_LINK_RESP)
        assert not peer.has_unread


async def test_an_account_has_so_many_binds_and_of_such_kinds(simulator: Simulator, gateway: Peer) -> None:
    async with bound(simulator.smpp_port), connected(simulator.smpp_port) as third:
        assert await bind(third) == Status.ESME_RALYBND
        assert await bind(third, Command.BIND_TRANSMITTER, "ears") == Status.ESME_RBINDFAIL
        assert await bind(third, Command.BIND_RECEIVER, "ears") == Status.ESME_ROK
