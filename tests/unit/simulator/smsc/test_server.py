"""One connection on a network that the test plays: what is written when, what is read, and when it counts as said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import simulator.smsc.lines
from simulator.settings import SmscSettings
from simulator.smsc.memory import Memory
from simulator.smsc.pdus import Way
from simulator.smsc.server import UNREAD_MAX, Connection, SmscServer
from smsgw.smpp.codec import bodiless, encode
from smsgw.smpp.constants import Command

ASKED = encode(bodiless(Command.ENQUIRE_LINK, 0, 1))
ANSWERED = encode(bodiless(Command.ENQUIRE_LINK_RESP, 0, 1))


class Network(asyncio.Transport):
    """Takes what is written, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.written = bytearray()
        self.reading = True
        self.high: int | None = None

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:  # noqa: ARG002 -- as asyncio
        self.high = high


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
async def connection(memory: Memory, network: Network) -> Connection:
    made = Connection(SmscServer(SmscSettings(), memory=memory))
    made.connection_made(network)
    return made


def said(memory: Memory) -> list[bytes]:
    return [seen.octets for seen in memory.pdus.since(0) if seen.way is Way.OUT]


async def test_who_does_not_read_is_read_no_more_until_it_does(connection: Connection, network: Network) -> None:
    connection.pause_writing()
    connection.data_received(ASKED)
    connection.flush()
    assert (network.high, network.reading, bytes(network.written)) == (UNREAD_MAX, False, b"")
    connection.resume_writing()
    connection.flush()
    assert (network.reading, bytes(network.written)) == (True, ANSWERED)


async def test_who_asks_more_than_a_slow_line_can_answer_is_read_no_more(
    connection: Connection, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator.smsc.lines, "HELD_OCTETS_MAX", 2 * len(ANSWERED))
    connection.line.octet_every_s = 3600.0
    reading = []
    for _ in range(3):
        connection.data_received(ASKED)
        connection.flush()
        reading.append(network.reading)
    assert reading == [True, True, False]
    connection.connection_lost(None)


async def test_a_pdu_is_seen_when_its_last_octet_has_left(
    connection: Connection, network: Network, memory: Memory
) -> None:
    connection.line.octet_every_s = 1e-4
    connection.data_received(ASKED)
    connection.flush()
    assert said(memory) == []
    while len(network.written) < len(ANSWERED):
        assert said(memory) == []
        await asyncio.sleep(0)
    assert said(memory) == [ANSWERED]


async def test_raw_octets_are_seen_when_they_leave(connection: Connection, memory: Memory) -> None:
    connection.say_raw([ANSWERED, ANSWERED[:5], ANSWERED[5:]], 3600.0)
    assert said(memory) == [ANSWERED]
    connection.connection_lost(None)
