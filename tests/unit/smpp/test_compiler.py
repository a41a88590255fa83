"""Readers and writers made from tables."""

import pytest

from smsgw.smpp.compiler import CUT_SHORT, Broken, Fields, make_reader, make_writer
from smsgw.smpp.constants import Status
from smsgw.smpp.layouts import CString, Int, Layout, OctetString, Repeated
from smsgw.smpp.pdu import LocalProtocolError

NAME = CString("name", 4, Status.ESME_RINVSRCADR)
TEXT = OctetString("text", "text_length", 3, Status.ESME_RINVMSGLEN)
KINDS = Repeated(
    "kinds",
    "kinds_count",
    {1: (Int("kind"), NAME), 2: (Int("kind"), Int("number", 4))},
    "kind",
    Status.ESME_RINVDESTFLAG,
)
PAIRS = Repeated("pairs", "pairs_count", {0: (Int("a"), Int("b"))}, None, Status.ESME_RINVNUMDESTS)


@pytest.mark.parametrize(
    ("layout", "fields", "octets"),
    [
        ((), {}, b""),
        ((Int("a"),), {"a": 255}, b"\xff"),
        ((Int("a", 4), Int("b")), {"a": 1, "b": 2}, b"\0\0\0\1\2"),
        ((NAME,), {"name": b""}, b"\0"),
        ((NAME,), {"name": b"abc"}, b"abc\0"),
        ((Int("a"), TEXT), {"a": 9, "text": b"a\0c"}, b"\x09\x03a\0c"),
        ((TEXT, Int("a")), {"text": b"", "a": 1}, b"\0\1"),
        ((KINDS,), {"kinds": ()}, b"\0"),
        ((KINDS,), {"kinds": ({"kind": 1, "name": b"ab"}, {"kind": 2, "number": 7})}, b"\2\1ab\0\2\0\0\0\7"),
        ((PAIRS, Int("c")), {"pairs": ({"a": 1, "b": 2},), "c": 3}, b"\1\1\2\3"),
    ],
)
def test_both_ways(layout: Layout, fields: Fields, octets: bytes) -> None:
    """What a writer writes its reader reads, and the octets are those of the table."""
    assert make_writer(layout)(fields) == octets
    assert make_reader(layout)(b"##" + octets, 2) == (fields, 2 + len(octets))


@pytest.mark.parametrize(
    ("layout", "octets", "status"),
    [
        ((Int("a"),), b"", Status.ESME_RINVCMDLEN),
        ((Int("a", 4),), b"\0\0\0", Status.ESME_RINVCMDLEN),
        ((NAME,), b"", Status.ESME_RINVSRCADR),
        ((NAME,), b"abc", Status.ESME_RINVSRCADR),
        ((NAME,), b"abcd\0", Status.ESME_RINVSRCADR),
        ((TEXT,), b"", Status.ESME_RINVCMDLEN),
        ((TEXT,), b"\x03ab", Status.ESME_RINVMSGLEN),
        ((KINDS,), b"", Status.ESME_RINVCMDLEN),
        ((KINDS,), b"\1", Status.ESME_RINVCMDLEN),
        ((KINDS,), b"\1\3", Status.ESME_RINVDESTFLAG),
        ((KINDS,), b"\1\1abcd", Status.ESME_RINVSRCADR),
        ((KINDS,), b"\2\1a\0", Status.ESME_RINVCMDLEN),
        ((PAIRS,), b"\2\1\1", Status.ESME_RINVCMDLEN),
    ],
)
def test_a_broken_body_is_named(layout: Layout, octets: bytes, status: Status) -> None:
    """Each broken field answers with its own status, a body cut short with ESME_RINVCMDLEN."""
    answer = make_reader(layout)(octets, 0)
    assert isinstance(answer, Broken)
    assert answer.status == status
    assert answer.reason


def test_a_body_cut_short_has_one_reason() -> None:
    """Wherever an integer is missing."""
    assert make_reader((Int("a"), Int("b")))(b"\1", 0) == CUT_SHORT


@pytest.mark.parametrize(
    ("layout", "fields"),
    [
        ((NAME,), {"name": b"abcd"}),
        ((NAME,), {"name": b"a\0b"}),
        ((TEXT,), {"text": b"abcd"}),
        ((KINDS,), {"kinds": ({"kind": 3},)}),
        ((KINDS,), {"kinds": ({},)}),
        ((KINDS,), {"kinds": ({"kind": 1, "name": b"abcd"},)}),
    ],
)
def test_what_does_not_fit_is_refused(layout: Layout, fields: Fields) -> None:
    """Nothing is cut to make it fit."""
    with pytest.raises(LocalProtocolError):
        make_writer(layout)(fields)


def test_what_is_not_given_is_empty() -> None:
    """0, no octets, no entries."""
    assert make_writer((Int("a"), NAME, TEXT, PAIRS))({}) == bytes(4)
