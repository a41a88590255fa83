"""Captures as octets: headers written by hand from RFC 791, 8200, 9293 and the format of pcap."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from simulator.tapes.pcap_write import FILE_HEADER, MTU, Conversation, End, checksum

GATEWAY, SMSC = End.of("10.0.0.2:50000"), End.of("10.0.0.1:2775")


def test_the_file_begins_as_a_capture_of_raw_ip_packets_with_microseconds() -> None:
    assert FILE_HEADER.hex(" ", 4) == "d4c3b2a1 02000400 00000000 00000000 00000400 65000000"


def test_the_checksum_is_that_of_rfc_1071() -> None:
    """The example of its section 3: the sum is ddf2."""
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")).hex() == "220d"


@pytest.mark.parametrize(("octets", "sum_of_them"), [(b"", "ffff"), (b"\xff\xff\xff\xff", "0000"), (b"\1", "feff")])
def test_the_checksum_carries_round_and_pads(octets: bytes, sum_of_them: str) -> None:
    assert checksum(octets).hex() == sum_of_them


def records(octets: bytes) -> list[bytes]:
    """The packets of some records, without their heads."""
    packets = []
    while octets:
        length = int.from_bytes(octets[8:12], "little")
        assert octets[8:12] == octets[12:16], "every packet is whole"
        packets.append(octets[16 : 16 + length])
        octets = octets[16 + length :]
    return packets


def test_a_handshake_octet_by_octet() -> None:
    syn, syn_ack, ack = records(Conversation(GATEWAY, SMSC, 1).opened(1.5))
    assert syn.hex(" ", 4) == (
        "45000028 00004000 400626ce 0a000002 0a000001"  # 40 octets, do not fragment, 64 hops, TCP
        " c3500ad7 01000000 00000000 5002ffff ccb80000"  # 50000 to 2775, SYN, window 65535
    )
    assert syn_ack[20:36].hex(" ", 4) == "0ad7c350 01800000 01000001 5012ffff"
    assert ack[20:36].hex(" ", 4) == "c3500ad7 01000001 01800001 5010ffff"


@pytest.mark.parametrize(("gateway", "smsc"), [(GATEWAY, SMSC), (End.of("[::1]:50000"), End.of("::1:2775"))])
def test_every_checksum_is_right(gateway: End, smsc: End) -> None:
    """Summed with its checksum, a header or a segment comes to nothing (RFC 1071, 1)."""
    talk = Conversation(gateway, smsc, 3)
    octets = talk.opened(0) + talk.said(1, b"x" * 3_001, by_gateway=False) + talk.closed(2)
    for packet in records(octets):
        head = 20 if packet[0] >> 4 == 4 else 40
        if head == 20:
            assert checksum(packet[:20]) == b"\0\0"
        addresses = packet[12:20] if head == 20 else packet[8:40]
        pseudo = addresses + (len(packet) - head).to_bytes(4) + b"\0\0\0\6"
        assert checksum(pseudo + packet[head:]) == b"\0\0"


def test_what_is_said_is_cut_and_numbered() -> None:
    talk = Conversation(GATEWAY, SMSC, 0)
    talk.opened(0)
    asked = records(talk.said(1, b"a" * 3_000, by_gateway=True))
    answered = records(talk.said(2, b"b", by_gateway=False))
    assert [len(packet) for packet in asked] == [MTU, MTU, 40 + 3_000 - 2 * (MTU - 40)]
    assert b"".join(packet[40:] for packet in asked) == b"a" * 3_000
    assert [int.from_bytes(packet[24:28]) for packet in asked] == [1, 1_461, 2_921]
    assert [packet[33] & 0x08 for packet in asked] == [0, 0, 0x08], "only the last is pushed"
    assert int.from_bytes(answered[0][28:32]) == 3_001, "all of it is acknowledged"


def test_at_the_end_both_sides_say_so() -> None:
    talk = Conversation(GATEWAY, SMSC, 0)
    talk.opened(0)
    first, second, last = records(talk.closed(1))
    assert [packet[33] for packet in (first, second, last)] == [0x11, 0x11, 0x10]
    assert int.from_bytes(second[28:32]) == int.from_bytes(first[24:28]) + 1
    assert int.from_bytes(last[28:32]) == int.from_bytes(second[24:28]) + 1


def test_numbers_begin_anew_after_the_last() -> None:
    talk = Conversation(GATEWAY, SMSC, 255)
    talk.opened(0)
    talk._gateway.next = 2**32 - 2
    packets = records(talk.said(0, b"abc", by_gateway=True) + talk.said(0, b"d", by_gateway=True))
    assert [int.from_bytes(packet[24:28]) for packet in packets] == [2**32 - 2, 1]


@pytest.mark.parametrize(
    ("at_s", "head"),
    [(1.5, "01000000 20a10700"), (0.9999996, "01000000 00000000"), (2**31 + 0.25, "00000080 90d00300")],
)
def test_times_are_seconds_and_microseconds(at_s: float, head: str) -> None:
    assert Conversation(GATEWAY, SMSC, 1).closed(at_s)[:8].hex(" ", 4) == head


@pytest.mark.parametrize(
    ("words", "host", "port"),
    [
        ("127.0.0.1:2775", "127.0.0.1", 2775),
        ("::1:40000", "::1", 40_000),
        ("[fe80::1%eth0]:1", "fe80::1", 1),
    ],
)
def test_an_end_is_an_address_and_a_port(words: str, host: str, port: int) -> None:
    assert End.of(words) == (ip_address(host), port)
