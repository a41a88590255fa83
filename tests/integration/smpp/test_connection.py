"""One connection on a real socket: what comes in is handled before it is answered, and no SMSC can hurt us."""

from __future__ import annotations

import asyncio
import math
import socket
from typing import Any, Final

import pytest

from smsgw.domain.sms import Ack, Delivery, Submitted
from smsgw.smpp import connection
from smsgw.smpp.codec import encode
from smsgw.smpp.connection import Connection
from smsgw.smpp.constants import Command, EsmClass, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.session_settings import SessionSettings
from tests.integration.raw_smsc import RawSmsc, full_listener
from tests.integration.running_link import Heard, bound_peer, running, settings, until

# Octets that may wait unsent for a peer that does not read: asyncio's own high-water mark, and what one read adds.
UNSENT_MAX: Final = 1_000_000
SEND_OCTETS: Final = 16 * 1024
# More than the kernel's buffers of both ends hold.
FLOOD_OCTETS: Final = 64 * 1024 * 1024


class Gate:
    """A handler that waits until the test lets each text go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, _: str) -> Ack:
        await self.open.wait()
        return Ack.DONE


async def test_a_text_is_acknowledged_only_after_its_handler_has_ended(smsc: RawSmsc) -> None:
    gate = Gate()
    heard = Heard(lambda text: gate(text) if text == "slow" else _ack(Ack.DONE))
    async with running(settings(smsc.port), heard):
        peer = await smsc.bound()
        slow, quick = peer.deliver(b"slow"), peer.deliver(b"quick")
        first = await peer.expect(Command.DELIVER_SM_RESP)
        assert first.sequence == quick, "a text that is ready does not wait for another"
        gate.open.set()
        second = await peer.expect(Command.DELIVER_SM_RESP)
    assert (second.sequence, second.status) == (slow, Status.ESME_ROK)


async def _ack(ack: Ack) -> Ack:
    return ack


@pytest.mark.parametrize("status", [Status.ESME_RX_T_APPN, Status.ESME_RMSGQFUL])
async def test_what_cannot_be_taken_now_gets_the_links_own_retry_status(smsc: RawSmsc, status: Status) -> None:
    heard = Heard(lambda _: _ack(Ack.RETRY))
    async with running(settings(smsc.port, retry_status=status), heard):
        peer = await smsc.bound()
        peer.deliver(b"BALANCE")
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == status


async def test_a_handler_that_raises_means_later_and_the_session_lives_on(smsc: RawSmsc) -> None:
    async def fail_once(text: str) -> Ack:
        if text == "bad":
            raise RuntimeError("a bug in a use case")
        return Ack.DONE

    async with running(settings(smsc.port), Heard(fail_once)):
        peer = await smsc.bound()
        peer.deliver(b"bad")
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_RX_T_APPN
        peer.deliver(b"good")
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_ROK


async def test_texts_parts_and_receipts_each_reach_their_own_handler(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.deliver(b"BALANCE")
        peer.deliver(b"\x05\x00\x03\x07\x02\x01SARKOR", esm_class=EsmClass.UDHI)
        peer.deliver(b"id:1F stat:DELIVRD", esm_class=EsmClass.SMSC_DELIVERY_RECEIPT)
        answers = [await peer.expect(Command.DELIVER_SM_RESP) for _ in range(3)]
    heard = gateway.heard
    assert [answer.status for answer in answers] == [Status.ESME_ROK] * 3
    assert [sms.text for sms in heard.texts] == ["BALANCE"]
    assert [(part.number, part.payload) for part in heard.parts] == [(1, b"SARKOR")]
    assert heard.receipts == [("1F", Delivery.DELIVERED)]


async def test_a_receipt_that_names_no_text_is_acknowledged_and_passed_over(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.deliver(b"?", esm_class=EsmClass.SMSC_DELIVERY_RECEIPT)
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_ROK
    assert not gateway.heard.receipts


@pytest.mark.proves("I25")
async def test_nothing_more_is_read_while_the_inbound_window_is_full(smsc: RawSmsc) -> None:
    """The session may hold five unanswered texts: the sixth waits in the socket, and comes once one is answered."""
    gate = Gate()
    async with running(settings(smsc.port), Heard(gate)) as gateway:
        peer = await smsc.bound()
        for number in range(8):
            peer.deliver(b"text %d" % number)
        await until(lambda: len(gateway.heard.texts) == 5)
        await until(lambda: not gateway.link.connections[0].session.wants_data)
        peer.deliver(b"the ninth")
        gate.open.set()
        answers = [await peer.expect(Command.DELIVER_SM_RESP) for _ in range(9)]
    assert len({answer.sequence for answer in answers}) == 9
    assert gateway.heard.texts[-1].text == "the ninth"


async def test_all_texts_of_one_read_are_answered_in_one_write(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)):
        peer = await smsc.bound()
        for number in range(4):
            peer.deliver(b"text %d" % number)
        await peer.expect(Command.DELIVER_SM_RESP)
        assert peer.has_unread, "the other three answers came with the first"


@pytest.mark.proves("A5")
async def test_octets_that_drip_make_the_same_pdu(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        for octet in encode(Pdu(Command.ENQUIRE_LINK, 0, 77, {})):
            peer.write(bytes([octet]))
            await peer.writer.drain()
            await asyncio.sleep(0)
        assert (await peer.expect(Command.ENQUIRE_LINK_RESP)).sequence == 77
        assert gateway.link.bound == 1


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="another protocol"),
        pytest.param(b"\x00\x00\x00\x0f" + bytes(11), id="a length below the header"),
        pytest.param(b"\xff\xff\xff\xff" + bytes(12), id="a length of four gigabytes"),
    ],
)
async def test_a_stream_that_cannot_be_cut_is_closed_and_opened_anew(smsc: RawSmsc, octets: bytes) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.write(octets)
        assert await peer.ended()
        await smsc.bound()
        await gateway.bound()


async def test_a_broken_pdu_is_refused_and_the_session_lives_on(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.write(b"\x00\x00\x00\x12\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x63ab")
        assert (await peer.read()).status != Status.ESME_ROK
        peer.deliver(b"good")
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_ROK
        assert gateway.link.bound == 1


@pytest.mark.proves("F29")
async def test_answers_that_nobody_asked_for_do_no_harm(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        for command in (Command.SUBMIT_SM_RESP, Command.BIND_TRANSCEIVER_RESP, Command.UNBIND_RESP):
            peer.write(encode(Pdu(command, 0, 4711, {})))
        peer.write(encode(Pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDID, 0, {})))
        peer.deliver(b"good")
        assert (await peer.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_ROK
        assert gateway.link.bound == 1


@pytest.mark.proves("F24")
async def test_an_smsc_that_falls_silent_is_asked_and_then_left(smsc: RawSmsc) -> None:
    session = SessionSettings(enquire_link_interval_s=0.05, enquire_link_timeout_s=0.05)
    async with running(settings(smsc.port, session=session)):
        peer = await smsc.bound()
        await peer.expect(Command.ENQUIRE_LINK)
        assert await peer.ended()
        await smsc.bound()


@pytest.mark.proves("I25", "A16")
async def test_a_flood_that_leads_to_no_commit_is_read_at_a_bounded_rate(smsc: RawSmsc) -> None:
    """Some seconds' worth of questions at once: what is behind them waits, and the line is not given up."""
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        peer.write(encode(Pdu(Command.ENQUIRE_LINK, 0, 1, {})) * 3_000)
        for _ in range(3_000):
            await peer.expect(Command.ENQUIRE_LINK_RESP)
        assert not gateway.link.connections[0]._reading
        assert gateway.link.bound == 1


async def test_reading_goes_on_once_a_flood_has_been_paid_for(smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_RATE", 100_000.0)
    monkeypatch.setattr(connection, "IDLE_BURST_S", 0.001)
    async with running(settings(smsc.port)):
        peer = await smsc.bound()
        peer.write(encode(Pdu(Command.ENQUIRE_LINK, 0, 1, {})) * 10_000)
        peer.deliver(b"BALANCE")
        answers = [(await peer.read()).command_id for _ in range(10_001)]
    assert Command.DELIVER_SM_RESP in answers


@pytest.mark.proves("A16")
async def test_an_answer_behind_a_flood_counts(smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our pause is not the SMSC's silence, however much it has asked: it is short beside every timer."""
    monkeypatch.setattr(connection, "IDLE_RATE", 1.0)
    monkeypatch.setattr(connection, "IDLE_PAUSE_S", 0.05)
    session = SessionSettings(response_s=10.0)
    async with running(settings(smsc.port, session=session)) as gateway:
        peer = await bound_peer(smsc, gateway)
        (text,) = gateway.submits(1)
        submit = await peer.expect(Command.SUBMIT_SM)
        peer.write(encode(Pdu(Command.ENQUIRE_LINK, 0, 1, {})) * 100)
        for _ in range(100):
            await peer.expect(Command.ENQUIRE_LINK_RESP)
        peer.answer(submit, fields={"message_id": b"A1"})
        assert await text == Submitted("A1")


@pytest.mark.proves("I25", "A16")
async def test_an_smsc_that_asks_without_reading_fills_no_memory(
    smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We stop reading from whoever does not read our answers."""
    monkeypatch.setattr(connection, "IDLE_RATE", math.inf)
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.bound()
        _narrow(gateway.link.connections)
        questions = encode(Pdu(Command.ENQUIRE_LINK, 0, 1, {})) * 4096
        sending = asyncio.ensure_future(_flood(peer.writer, questions))
        await until(lambda: not _peer_reads(gateway.link.connections))
        transport = gateway.link.connections[0]._transport
        assert transport is not None
        assert transport.get_write_buffer_size() < UNSENT_MAX
        assert not sending.done()
        sending.cancel()
        peer.drop()


def _narrow(connections: tuple[Connection, ...]) -> None:
    """Let the kernel take little for a peer that does not read; it would take megabytes of answers by itself."""
    for each in connections:
        assert each._transport is not None
        each._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_OCTETS)


async def _flood(writer: asyncio.StreamWriter, octets: bytes) -> None:
    for _ in range(FLOOD_OCTETS // len(octets)):
        writer.write(octets)
        await writer.drain()


def _peer_reads(connections: tuple[Connection, ...]) -> bool:
    return all(each._peer_reads for each in connections)


@pytest.mark.proves("A16")
async def test_an_smsc_that_reads_nothing_is_cut_in_the_end(smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch) -> None:
    """A close that waits for the last octets to be read would wait for ever, and the link would stay down."""
    monkeypatch.setattr(connection, "FAREWELL_S", 0.05)
    monkeypatch.setattr(connection, "IDLE_RATE", math.inf)
    session = SessionSettings(enquire_link_interval_s=0.3, enquire_link_timeout_s=0.1)
    async with running(settings(smsc.port, session=session)) as gateway:
        peer = await smsc.bound()
        _narrow(gateway.link.connections)
        questions = encode(Pdu(Command.ENQUIRE_LINK, 0, 1, {})) * 4096
        sending = asyncio.ensure_future(_flood(peer.writer, questions))
        await smsc.bound()
        await gateway.bound()
        await asyncio.wait([sending])
        assert isinstance(sending.exception(), ConnectionError)


async def test_a_text_that_is_in_hand_when_the_line_breaks_harms_nobody(smsc: RawSmsc) -> None:
    """Its answer has no line any more; the SMSC brings it again, and it is handled again."""
    gate = Gate()
    async with running(settings(smsc.port), Heard(gate)) as gateway:
        peer = await smsc.bound()
        peer.deliver(b"BALANCE")
        await until(lambda: gateway.heard.texts)
        peer.drop()
        again = await smsc.bound()
        gate.open.set()
        again.deliver(b"BALANCE")
        assert (await again.expect(Command.DELIVER_SM_RESP)).status == Status.ESME_ROK
    assert len(gateway.heard.texts) == 2


@pytest.mark.parametrize(
    ("dead_host", "connect_s"),
    # The limit is shared out among the addresses; only who is silent uses his share up.
    [pytest.param("127.0.0.2", 20.0, id="refused"), pytest.param("127.0.0.3", 3.0, id="silent")],
)
async def test_an_address_that_is_dead_does_not_hide_the_others(
    smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch, dead_host: str, connect_s: float
) -> None:
    """A host may have several: IPv6 that leads nowhere beside IPv4, an SMSC's second site."""

    async def addresses(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, smsc.port)) for host in (dead_host, "127.0.0.1")]

    with full_listener("127.0.0.3", smsc.port):
        link_settings = settings(smsc.port, host="smsc.example", connect_s=connect_s)
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", addresses)
        async with running(link_settings) as gateway:
            await smsc.bound()
            await gateway.bound()
