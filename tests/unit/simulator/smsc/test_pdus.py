"""PDUs are cut out of a stream however it arrives, and noted as they stood on the wire."""

from __future__ import annotations

import pytest

from simulator.smsc.pdus import Frames, PduLog, Tap, Way, Where
from smsgw.smpp.codec import bodiless, encode
from smsgw.smpp.constants import Command

ASKED = encode(bodiless(Command.ENQUIRE_LINK, 0, 1))
ANSWERED = encode(bodiless(Command.ENQUIRE_LINK_RESP, 0, 1))
NO_SMPP = b"HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize(
    ("chunks", "pdus"),
    [
        pytest.param([ASKED + ANSWERED], [ASKED, ANSWERED], id="two_in_one_read"),
        pytest.param([ASKED[:3], ASKED[3:] + ANSWERED[:15], ANSWERED[15:]], [ASKED, ANSWERED], id="cut_anywhere"),
        pytest.param([ASKED + NO_SMPP], [ASKED, NO_SMPP], id="what_is_no_smpp_stands_as_it_is"),
        pytest.param([b"\0\0\0\x0f" + bytes(20)], [b"\0\0\0\x0f" + bytes(20)], id="a_length_below_the_header"),
        pytest.param([ASKED[:15]], [], id="an_unfinished_one_waits"),
    ],
)
def test_a_stream_is_cut_into_pdus(chunks: list[bytes], pdus: list[bytes]) -> None:
    frames = Frames()
    assert [pdu for chunk in chunks for pdu in frames.cut(chunk)] == pdus


def test_each_direction_is_cut_by_itself_and_noted_with_its_session() -> None:
    log = PduLog(10)
    tap = Tap(log, Where("beeline", 7, "127.0.0.1:1"), lambda: 1.8e9)
    tap.note(Way.IN, ASKED[:8])
    tap.note(Way.OUT, ANSWERED)
    tap.note(Way.IN, ASKED[8:])
    assert [(seen.id, seen.at_s, seen.operator, seen.line_id) for seen in log.since(0)] == [
        (1, 1.8e9, "beeline", 7),
        (2, 1.8e9, "beeline", 7),
    ]
    assert [(seen.way, seen.octets) for seen in log.since(0)] == [(Way.OUT, ANSWERED), (Way.IN, ASKED)]


@pytest.mark.timeout(30)
def test_a_read_full_of_pdus_is_walked_once() -> None:
    """Sixteen megabytes: a fraction of a second, or minutes where the rest is copied for each PDU."""
    assert len(Frames().cut(ASKED * 1_000_000)) == 1_000_000


@pytest.mark.parametrize(
    ("entries_max", "octets_max", "kept"),
    [(10, 40, [2, 3]), (10, 32, [2, 3]), (10, 15, [3]), (2, 1_000, [2, 3]), (1, 1_000, [3])],
)
def test_what_is_kept_is_bounded_in_number_and_in_octets(entries_max: int, octets_max: int, kept: list[int]) -> None:
    log = PduLog(entries_max, octets_max)
    Tap(log, Where("beeline", 7, "127.0.0.1:1"), lambda: 1.8e9).note(Way.IN, ASKED * 3)
    assert [seen.id for seen in log.since(0)] == kept
