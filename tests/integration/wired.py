"""A simulator, a bare connection to it and its HTTP side, for tests that look at the wire from both ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from simulator.app import Simulator
from smsgw.smpp.constants import INTERFACE_VERSION, Command, Status
from smsgw.smpp.pdu import FieldValue
from tests.integration.raw_smsc import Peer

TO_ANNA: dict[str, FieldValue] = {"source_addr": b"1400", "destination_addr": b"998901234567"}


class Answer(NamedTuple):
    """What HTTP answered."""

    status: int
    body: Any


class Http:
    """Asks the simulator."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, path: str, **query: str) -> Any:
        async with self._session.get(path, params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def ask(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        async with self._session.request(method, path, json=body, **options) as response:
            is_json = response.content_type.endswith("json")
            return Answer(response.status, await response.json() if is_json else await response.text())

    async def post(self, path: str, body: object = None) -> Any:
        answer = await self.ask("POST", path, body)
        assert answer.status < 300, answer.body
        return answer.body


@asynccontextmanager
async def asking(simulator: Simulator, **options: Any) -> AsyncIterator[Http]:
    """Its HTTP side."""
    async with aiohttp.ClientSession(simulator.http_url, **options) as session:
        yield Http(session)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Peer]:
    """A connection that has not bound."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()


def bind_fields(system_id: str = "gateway", password: str = "secret1") -> dict[str, FieldValue]:
    return {"system_id": system_id.encode(), "password": password.encode(), "interface_version": INTERFACE_VERSION}


async def bind(peer: Peer, command: Command = Command.BIND_TRANSCEIVER, system_id: str = "gateway") -> int:
    """Bind, and return the status."""
    peer.request(command, bind_fields(system_id))
    return (await peer.expect(Command(command | 0x8000_0000))).status


@asynccontextmanager
async def bound(port: int, command: Command = Command.BIND_TRANSCEIVER) -> AsyncIterator[Peer]:
    """A connection that is bound."""
    async with connected(port) as peer:
        assert await bind(peer, command) == Status.ESME_ROK
        yield peer
