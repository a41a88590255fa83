"""Capture files written by hand: both orders of octets, both precisions, pcapng, and damaged ones."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from simulator.tapes.pcap_read import PACKET_MAX, Packet, packets
from tests.unit.simulator.tapes.wire import block, enhanced, interface, option, pcap, section


def read(file: bytes) -> list[Packet]:
    return list(packets(BytesIO(file)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("digits", [6, 9])
def test_a_capture_is_read_in_either_order_and_precision(order: str, digits: int) -> None:
    file = pcap((1.5, b"abc", 0), (2.25, b"", 4), order=order, digits=digits, link=113)
    assert read(file) == [Packet(1, 1.5, 113, b"abc", 0), Packet(2, 2.25, 113, b"", 4)]


def test_a_file_written_by_hand_octet_by_octet() -> None:
    file = bytes.fromhex(
        "d4c3b2a1 02000400 00000000 00000000 ffff0000 65000000 01000000 20a10700 02000000 02000000 4142"
    )
    assert read(file) == [Packet(1, 1.5, 101, b"AB", 0)]


def test_what_stands_above_the_link_type_is_no_part_of_it() -> None:
    """Its upper half says something about frame check sequences."""
    assert read(pcap((1, b"a", 0), link=0xF000_0001))[0].link == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_is_read_in_either_order(order: str) -> None:
    file = section(order) + interface(276, order=order) + enhanced(1_500_000, b"abc", order=order, missing=2)
    assert read(file) == [Packet(1, 1.5, 276, b"abc", 2)]


@pytest.mark.parametrize(
    ("options", "units", "at_s"),
    [
        (b"", 2_000_000, 2.0),
        (option(9, b"\x09"), 1_500_000_000, 1.5),
        (option(9, b"\x81"), 3, 1.5),
        (option(2, b"eth0") + option(14, struct.pack("<q", 100)) + option(0, b""), 1_000_000, 101.0),
        (option(2, b"lo"), 1_795_892_282_717_126, 1_795_892_282.717126),
    ],
)
def test_an_interface_says_what_its_times_mean(options: bytes, units: int, at_s: float) -> None:
    assert read(section() + interface(options=options) + enhanced(units, b"a"))[0].at_s == at_s


def test_pcapng_has_several_interfaces_sections_and_kinds_of_blocks() -> None:
    """A section counts its interfaces anew; unknown blocks are passed over; simple packets have no time."""
    first = section() + interface(1) + interface(101) + enhanced(0, b"a", which=1) + block(5, b"statistics")
    second = section(">") + interface(113, order=">", snaplen=2) + block(3, struct.pack(">I", 5) + b"bc", ">")
    assert [(packet.number, packet.link, packet.octets, packet.missing) for packet in read(first + second)] == [
        (1, 101, b"a", 0),
        (2, 113, b"bc", 3),
    ]


@pytest.mark.parametrize(
    "file", [pcap((1, b"abc", 0), (2, b"def", 0)), section() + interface() + enhanced(1, b"abcd") * 2]
)
@pytest.mark.parametrize("cut", [1, 4, 7, 17])
def test_a_capture_that_was_cut_off_ends_before_its_last_packet(file: bytes, cut: int) -> None:
    assert [packet.number for packet in read(file[:-cut])] == [1]


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        (b"", "no capture: it begins with nothing"),
        (b"from,to", "no capture: it begins with 66726f6d"),
        (bytes.fromhex("d4c3b2a1") + b"\0" * 8, "the header of the file is cut off"),
        (pcap((1, b"a", 0)) + struct.pack("<IIII", 0, 0, PACKET_MAX + 1, 0), "packet 2: a length of 1048577"),
        (section()[:8] + b"\0" * 20, "block 1: no section header"),
        (section() + struct.pack("<II", 1, 8), "block 2: a length of 8"),
        (section() + struct.pack("<II", 1, 13), "block 2: a length of 13"),
        (section() + struct.pack("<II", 1, PACKET_MAX + 4), "block 2: a length of"),
        (section() + enhanced(1, b"a"), "block 2: it is damaged"),
        (section() + interface() + enhanced(1, b"a", which=7), "block 3: it is damaged"),
        (section() + block(1, b""), "block 2: it is damaged"),
        (section() + block(3, struct.pack("<I", 1) + b"a"), "block 2: it is damaged"),
    ],
)
def test_a_damaged_capture_is_named_with_the_place(file: bytes, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read(file)
