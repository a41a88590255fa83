"""The door: places are few, silence is short, and whoever only holds a place makes room for whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from smsgw.web import door
from smsgw.web.door import CONNECTIONS_MAX
from smsgw.web.facade import Facade
from smsgw.web.server import serve
from tests.integration.web.conftest import TOKEN
from tests.ports import free_port

PROBE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
WAIT_S = 5.0


@dataclass
class Line:
    """One connection of bare octets."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, octets: bytes) -> bytes:
        """Send, and read the first line of the answer; nothing = the line was cut."""
        self.writer.write(octets)
        with suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.readline(), WAIT_S)
        return b""

    async def ended(self) -> bool:
        """True once the other side has cut the line."""
        with suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), WAIT_S)
        return True


@dataclass
class Http:
    """The listening server, and the lines to it."""

    port: int
    lines: list[Line] = field(default_factory=list)

    async def line(self) -> Line:
        self.lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.lines[-1]

    async def probe(self) -> bytes:
        """What an honest client gets."""
        return await (await self.line()).ask(PROBE)

    async def close(self) -> None:
        for line in self.lines:
            line.writer.close()
        for line in self.lines:
            with suppress(ConnectionError):
                await line.writer.wait_closed()


@pytest.fixture
async def http(facade: Facade) -> AsyncIterator[Http]:
    port = free_port()
    async with serve(replace(facade, address=("127.0.0.1", port))):
        http = Http(port)
        yield http
        await http.close()


@pytest.mark.proves("A81")
async def test_a_crowd_that_says_nothing_keeps_nobody_out(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long their silence could last otherwise."""
    monkeypatch.setattr(door, "SILENT_S_MAX", 1000.0)
    crowd = [await http.line() for _ in range(3 * CONNECTIONS_MAX)]

    assert await http.probe() == b"HTTP/1.1 200 OK\r\n"
    # One place is the honest client's own.
    cut = sum([await line.ended() for line in crowd[: 2 * CONNECTIONS_MAX + 1]])
    assert cut == 2 * CONNECTIONS_MAX + 1


@pytest.mark.parametrize(
    "octets", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["none", "a line", "a header"]
)
async def test_a_head_that_does_not_come_whole_is_waited_for_shortly(
    http: Http, monkeypatch: pytest.MonkeyPatch, octets: bytes
) -> None:
    monkeypatch.setattr(door, "SILENT_S_MAX", 0.05)
    line = await http.line()
    line.writer.write(octets)

    assert await line.ended()


async def test_a_header_an_octet_at_a_time_is_no_less_slow(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the whole head, not the last octet of it."""
    monkeypatch.setattr(door, "SILENT_S_MAX", 0.1)
    line = await http.line()
    dripping = asyncio.ensure_future(drip(line))

    assert await line.ended()
    await dripping


async def drip(line: Line) -> None:
    """Send a header for as long as the line lives."""
    line.writer.write(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    with suppress(ConnectionError):
        while not line.reader.at_eof():
            line.writer.write(b"x")
            await line.writer.drain()
            await asyncio.sleep(0.005)


async def test_a_line_that_was_answered_may_ask_again_and_is_cut_when_it_does_not(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SILENT_S_MAX", 0.2)
    line = await http.line()
    assert await line.ask(PROBE) == b"HTTP/1.1 200 OK\r\n"
    await line.reader.readuntil(b"}\n")
    assert await line.ask(PROBE) == b"HTTP/1.1 200 OK\r\n"

    assert await line.ended()


async def test_a_stranger_s_body_is_not_waited_for(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token the answer comes before the body, and the line does not live on it."""
    monkeypatch.setattr(door, "SILENT_S_MAX", 0.05)
    line = await http.line()
    head = b"POST /api/v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"

    assert await line.ask(head) == b"HTTP/1.1 401 Unauthorized\r\n"
    assert await line.ended()


async def test_slow_bodies_hold_the_places_of_the_api_and_nothing_else(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even with the token: probes are answered, and the places come back."""
    monkeypatch.setattr("smsgw.web.gate.REQUEST_S_MAX", 0.2)
    head = f"POST /api/v1/topups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 60000\r\n\r\n"
    slow = [asyncio.ensure_future((await http.line()).ask(head.encode())) for _ in range(8)]

    assert await http.probe() == b"HTTP/1.1 200 OK\r\n"
    assert set(await asyncio.gather(*slow)) == {b"HTTP/1.1 504 Gateway Timeout\r\n"}
