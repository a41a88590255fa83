"""One direction of a connection, in order again: late, repeated, overlapping and missing segments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from simulator.tapes.ip import Segment
from simulator.tapes.tcp import HELD_MAX, NUMBERS, Chunk, Direction

Part = tuple[int, bytes]
ENDS = ("10.0.0.2", 1), ("10.0.0.1", 2)


def part(sequence: int, data: bytes, *, starts: bool = False) -> Segment:
    return Segment(*ENDS, sequence % NUMBERS, starts, data, 0)


def told(first: int, parts: list[Part]) -> list[Chunk]:
    """What a direction says whose first number is *first*, when its *parts* come in this order."""
    direction = Direction()
    chunks = direction.take(part(first - 1, b"", starts=True), 0.0, 0)
    for number, (offset, data) in enumerate(parts, start=1):
        chunks += direction.take(part(first + offset, data), float(number), number)
    return chunks + direction.end()


@pytest.mark.parametrize("first", [1, NUMBERS - 2, NUMBERS // 2 - 2, 0])
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("in order", [(0, b"abc"), (3, b"def")]),
        ("late", [(3, b"def"), (0, b"abc")]),
        ("repeated", [(0, b"abc"), (0, b"abc"), (3, b"def"), (0, b"abc"), (3, b"def")]),
        ("repeated longer", [(0, b"abc"), (0, b"abcdef")]),
        ("overlapping", [(0, b"abcd"), (2, b"cdef")]),
        ("late and overlapping", [(2, b"cdef"), (0, b"abcd")]),
        ("late and within what came", [(4, b"ef"), (1, b"bc"), (0, b"abcd")]),
        ("two of a number held, the longer counts", [(3, b"d"), (3, b"def"), (0, b"abc")]),
        ("the same, the longer first", [(3, b"def"), (3, b"d"), (0, b"abc")]),
        ("an octet at a time, backwards", [(5 - at, b"fedcba"[at : at + 1]) for at in range(6)]),
        ("empty ones between, and one to keep it alive", [(0, b"abc"), (3, b""), (2, b"x"), (3, b"def")]),
    ],
)
def test_the_octets_come_out_in_order_and_once(first: int, name: str, parts: list[Part]) -> None:
    chunks = told(first, parts)
    assert b"".join(chunk.data for chunk in chunks) == b"abcdef", name
    assert not any(chunk.after_gap for chunk in chunks)


def test_a_chunk_names_the_packet_it_came_in() -> None:
    assert told(1, [(3, b"def"), (0, b"abc")]) == [Chunk(2.0, 2, b"abc"), Chunk(1.0, 1, b"def")]


def test_what_never_came_is_a_gap() -> None:
    chunks = told(1, [(0, b"abc"), (6, b"ghi"), (12, b"m"), (9, b"jkl")])
    assert [(chunk.data, chunk.after_gap) for chunk in chunks] == [
        (b"abc", False),
        (b"ghi", True),
        (b"jkl", False),
        (b"m", False),
    ]


def test_a_gap_is_not_waited_for_without_end() -> None:
    direction = Direction()
    direction.take(part(0, b"", starts=True), 0.0, 0)
    waited = [direction.take(part(10 + at, b"x"), 0.0, 0) for at in range(HELD_MAX + 1)]
    assert [len(chunks) for chunks in waited] == [0] * HELD_MAX + [HELD_MAX + 1]
    assert waited[-1][0].after_gap


def test_a_capture_may_begin_in_the_middle() -> None:
    direction = Direction()
    assert direction.take(part(77, b"abc"), 0.0, 1) == [Chunk(0.0, 1, b"abc")]


def test_ports_that_are_used_again_begin_anew() -> None:
    direction = Direction()
    direction.take(part(100, b"", starts=True), 0.0, 1)
    direction.take(part(200, b"held"), 0.0, 2)
    direction.take(part(5_000, b"", starts=True), 0.0, 3)
    assert direction.take(part(5_001, b"new"), 0.0, 4) == [Chunk(0.0, 4, b"new", after_gap=True)]
    assert direction.end() == []


def test_a_repeated_beginning_changes_nothing() -> None:
    direction = Direction()
    direction.take(part(100, b"", starts=True), 0.0, 1)
    direction.take(part(103, b"cd"), 0.0, 2)
    direction.take(part(100, b"", starts=True), 0.0, 3)
    chunks = direction.take(part(101, b"ab"), 0.0, 4)
    assert [(chunk.data, chunk.after_gap) for chunk in chunks] == [(b"ab", False), (b"cd", False)]


@settings(max_examples=200)
@given(st.data(), st.integers(0, NUMBERS - 1))
def test_however_it_was_cut_shuffled_and_repeated(data: st.DataObject, first: int) -> None:
    octets = bytes(range(40))
    cuts = sorted({0, 40, *data.draw(st.lists(st.integers(1, 39), max_size=8))})
    parts = [(start, octets[start:end]) for start, end in pairwise(cuts)]
    again = data.draw(st.lists(st.sampled_from(parts), max_size=4))
    order = data.draw(st.permutations(parts + again))
    assert b"".join(chunk.data for chunk in told(first, list(order))) == octets
