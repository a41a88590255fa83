"""PDUs out of packets: connections told apart, cut, and picked up again after a gap."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from simulator.tapes.capture import pdus
from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.pcap_read import Packet, packets
from simulator.tapes.pcap_write import FILE_HEADER, Conversation, End
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu
from tests.unit.simulator.tapes.wire import ipv4, tcp

ALL = CaptureFilter()
GATEWAY, SMSC = End.of("10.0.0.2:50000"), End.of("10.0.0.1:2775")


def enquiry(sequence: int) -> bytes:
    return encode(Pdu(Command.ENQUIRE_LINK, 0, sequence, {}))


def text(sequence: int, length: int = 100) -> bytes:
    return encode(Pdu(Command.DELIVER_SM, 0, sequence, {"short_message": b"x" * length}))


def captured(*records: bytes) -> Iterator[Packet]:
    return packets(BytesIO(FILE_HEADER + b"".join(records)))


def test_what_was_written_is_read() -> None:
    talk, other = Conversation(GATEWAY, SMSC, 1), Conversation(End.of("[::1]:50000"), End.of("[::1]:2775"), 2)
    found = pdus(
        captured(
            talk.opened(1.0),
            other.opened(1.0),
            talk.said(1.0, enquiry(1), by_gateway=True),
            other.said(2.0, text(2), by_gateway=False),
            talk.said(3.0, text(3) + enquiry(4), by_gateway=False),
            talk.closed(4.0),
        ),
        ALL,
    ).pdus
    assert [(pdu.at_s, pdu.packet, pdu.source[0], pdu.octets) for pdu in found] == [
        (1.0, 7, "10.0.0.2", enquiry(1)),
        (2.0, 8, "::1", text(2)),
        (3.0, 9, "10.0.0.1", text(3)),
        (3.0, 9, "10.0.0.1", enquiry(4)),
    ]


def test_a_pdu_of_many_segments_is_whole_when_its_last_has_come() -> None:
    long = encode(Pdu(Command.DELIVER_SM, 0, 1, {}, ((0x0424, b"x" * 40_000),)))
    talk = Conversation(GATEWAY, SMSC, 1)
    found = pdus(captured(talk.opened(0), talk.said(1, long, by_gateway=False)), ALL).pdus
    assert [(pdu.packet, pdu.octets) for pdu in found] == [(3 + 28, long)]


@pytest.mark.parametrize("size", [1, 15, 16, 17])
def test_however_small_the_segments(size: int) -> None:
    talk = Conversation(GATEWAY, SMSC, 1)
    octets = enquiry(1) + text(2)
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    found = pdus(captured(talk.opened(0), *(talk.said(1, piece, by_gateway=True) for piece in pieces)), ALL).pdus
    assert [pdu.octets for pdu in found] == [enquiry(1), text(2)]


def segments(*parts: tuple[int, bytes]) -> Iterator[Packet]:
    """Packets of one direction, without a handshake, each with its sequence number."""
    for number, (sequence, data) in enumerate(parts, start=1):
        body = bytearray(tcp(data))
        body[4:8] = sequence.to_bytes(4)
        yield Packet(number, float(number), 101, ipv4(bytes(body)), 0)


def test_a_capture_that_begins_in_the_middle_of_a_pdu_goes_on_with_the_next() -> None:
    half = text(1)[40:]
    found = pdus(segments((100, half), (100 + len(half), enquiry(2))), ALL).pdus
    assert [pdu.octets for pdu in found] == [enquiry(2)]


def test_after_a_gap_reading_goes_on_at_the_next_pdu() -> None:
    whole, half = text(1), text(2)
    end = 100 + len(whole) + len(half)
    found = pdus(segments((100, whole + half[:30]), (end + 50, half[30:]), (end + 500, enquiry(3))), ALL).pdus
    assert [pdu.octets for pdu in found] == [whole, enquiry(3)]


def test_what_loses_its_cutting_is_picked_up_at_a_later_segment() -> None:
    broken = b"\xff\xff\xff\xff" + enquiry(2)[4:]
    found = pdus(segments((0, enquiry(1) + broken), (32, enquiry(3))), ALL).pdus
    assert [pdu.octets for pdu in found] == [enquiry(1), enquiry(3)]


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 40, b"\x16\x03\x01\x02\x00" * 9, b"\0\0\0\x10\0\0\0\x15\0\0\0\1\0\0\0\1"],
)
def test_what_is_no_smpp_is_passed_over(data: bytes) -> None:
    """The last of them is a request with a status, which no request has."""
    assert pdus(segments((0, data)), ALL).pdus == []


def test_only_the_connections_that_are_wanted_are_read() -> None:
    assert pdus(segments((0, enquiry(1))), CaptureFilter.of("port 2776")).pdus == []
    assert len(pdus(segments((0, enquiry(1))), CaptureFilter.of("port 2775")).pdus) == 1


def test_packets_of_which_a_part_was_captured_are_named() -> None:
    cut = [packet._replace(octets=packet.octets[:-20]) for packet in segments((0, text(1)))]
    with pytest.raises(ValueError, match=r"packet 1: 20 octets of it are missing; .* -s 0"):
        pdus(cut, ALL)


def test_packets_that_are_cut_short_before_a_pdu_could_be_known_are_counted() -> None:
    cut = [packet._replace(octets=packet.octets[: 40 + 10]) for packet in segments((0, text(1)), (500, text(2)))]
    assert pdus(cut, ALL) == ([], 2)


def test_packets_of_other_connections_may_be_cut_short() -> None:
    cut = [packet._replace(octets=packet.octets[:-20]) for packet in segments((0, text(1)))]
    assert pdus(cut, CaptureFilter.of("port 2776")) == ([], 0)


def test_a_link_that_is_not_known_is_named_with_its_packet() -> None:
    with pytest.raises(ValueError, match="packet 3: link type 105"):
        pdus([Packet(3, 0.0, 105, b"", 0)], ALL)
