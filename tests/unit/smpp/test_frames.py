"""Cutting a stream into PDUs."""

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.frames import COMMAND_LENGTH_MAX, HEADER, FrameBuffer
from smsgw.smpp.pdu import BadFrame


def frame(body: bytes = b"", sequence: int = 1) -> bytes:
    return HEADER.pack(HEADER.size + len(body), 0x15, 0, sequence) + body


def cut(*chunks: bytes) -> list[bytes | BadFrame]:
    """Feed chunk by chunk and take all there is after each."""
    buffer, found = FrameBuffer(), []
    for chunk in chunks:
        buffer.feed(chunk)
        while (next_frame := buffer.next_frame()) is not None:
            found.append(next_frame)
            if isinstance(next_frame, BadFrame):
                return found
    return found


def octet_by_octet(data: bytes) -> list[bytes]:
    return [bytes([octet]) for octet in data]


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(0, 300), max_size=5))
def test_cutting_changes_nothing(bodies: list[bytes], cuts: list[int]) -> None:
    """The same octets give the same frames: whole, one by one, or in any pieces."""
    frames = [frame(body) for body in bodies]
    stream = b"".join(frames)
    edges = sorted({0, len(stream), *(c for c in cuts if c < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert cut(stream) == cut(*pieces) == cut(*octet_by_octet(stream)) == frames


@pytest.mark.parametrize("length", [0, 1, 15, COMMAND_LENGTH_MAX + 1, 0x48545450, 0xFFFFFFFF])
def test_a_length_that_cannot_be(length: int) -> None:
    """Too short for a header, or past the limit ('HTTP' is 1.2 GB): known from the first four octets."""
    assert cut(length.to_bytes(4)) == [BadFrame(length)]


@pytest.mark.parametrize("length", [HEADER.size, COMMAND_LENGTH_MAX])
def test_the_shortest_and_the_longest_frame(length: int) -> None:
    """Both ends of the allowed range are whole frames."""
    only = frame(b"x" * (length - HEADER.size))
    assert cut(only[:-1], only[-1:]) == [only]


def test_a_bad_frame_stays() -> None:
    """Once cutting is lost nothing after it is read."""
    buffer = FrameBuffer()
    buffer.feed(bytes(4) + frame())
    assert buffer.next_frame() == BadFrame(0)
    assert buffer.next_frame() == BadFrame(0)


def test_frames_before_a_bad_one_are_good() -> None:
    """What was whole is not lost with what follows."""
    assert cut(frame() + bytes(4)) == [frame(), BadFrame(0)]


def test_what_waits_is_known() -> None:
    """Empty, begun, whole, taken."""
    buffer = FrameBuffer()
    assert not buffer.has_started_frame()
    buffer.feed(frame()[:3])
    assert buffer.next_frame() is None
    assert buffer.has_started_frame()
    buffer.feed(frame()[3:])
    assert buffer.next_frame() == frame()
    assert not buffer.has_started_frame()


def test_a_taken_frame_is_not_kept() -> None:
    """The buffer holds only what is not read yet, however long the session lives."""
    buffer = FrameBuffer()
    for _ in range(100):
        buffer.feed(frame(b"x" * 100))
        assert buffer.next_frame() is not None
        assert buffer.next_frame() is None
    assert len(buffer._octets) == 0
