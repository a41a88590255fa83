"""An SMSC of bare sockets: it says exactly what a test tells it to say, wrong or right, and nothing else."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import count

from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, Tlvs

RECEIVE_OCTETS = 16 * 1024
WAIT_S = 20.0
"""Long enough for a busy machine; only a test that fails waits for so long."""


class Peer:
    """One connection of the gateway, seen from the SMSC."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._sequences = count(1)

    async def read(self) -> Pdu:
        """The next PDU; raises IncompleteReadError at the end of the connection."""
        async with asyncio.timeout(WAIT_S):
            head = await self._reader.readexactly(4)
            pdu = decode(head + await self._reader.readexactly(struct.unpack(">I", head)[0] - 4))
        assert isinstance(pdu, Pdu), pdu
        return pdu

    @property
    def has_unread(self) -> bool:
        """True if octets have come that no test has looked at."""
        return bool(self._reader._buffer)  # type: ignore[attr-defined]

    async def expect(self, command: Command) -> Pdu:
        """The next PDU, which must be this one."""
        pdu = await self.read()
        assert pdu.command_id == command, pdu
        return pdu

    async def bind(self, status: int = Status.ESME_ROK) -> Pdu:
        """Answer the bind that a gateway begins with."""
        pdu = await self.read()
        self.answer(pdu, status, tlvs=() if status else (SC_INTERFACE_VERSION_34,))
        return pdu

    def answer(
        self, pdu: Pdu, status: int = Status.ESME_ROK, fields: dict[str, FieldValue] | None = None, tlvs: Tlvs = ()
    ) -> None:
        self.write(encode(Pdu(pdu.command_id | RESPONSE_BIT, status, pdu.sequence, fields or {}, tlvs)))

    def request(self, command: Command, fields: dict[str, FieldValue] | None = None) -> int:
        """Send a request; returns its sequence number."""
        pdu = Pdu(command, Status.ESME_ROK, next(self._sequences), fields or {})
        self.write(encode(pdu))
        return pdu.sequence

    def deliver(self, octets: bytes, esm_class: int = 0) -> int:
        """Send what a subscriber has written, or a receipt; returns its sequence number."""
        fields: dict[str, FieldValue] = {"source_addr": b"998901234567", "destination_addr": b"1400"}
        message: dict[str, FieldValue] = {"esm_class": int(esm_class), "short_message": octets}
        return self.request(Command.DELIVER_SM, fields | message)

    def write(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def ended(self) -> bool:
        """True once the gateway has closed the connection, whatever it still had to say."""
        async with asyncio.timeout(WAIT_S):
            while await self._reader.read(65_536):
                pass
        return True

    def drop(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()


class RawSmsc:
    """Listens on loopback; each connection waits in a queue for the test that plays it."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._all: list[Peer] = []

    async def peer(self) -> Peer:
        """The next connection."""
        return await asyncio.wait_for(self._peers.get(), WAIT_S)

    async def bound(self) -> Peer:
        """The next connection, its bind accepted."""
        peer = await self.peer()
        await peer.bind()
        return peer

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        peer = Peer(reader, writer)
        self._all.append(peer)
        self._peers.put_nowait(peer)

    def close(self) -> None:
        for peer in self._all:
            peer.drop()


@asynccontextmanager
async def raw_smsc() -> AsyncIterator[RawSmsc]:
    """A listening SMSC."""
    smsc = RawSmsc()
    listener = socket.create_server(("127.0.0.1", 0))
    # Inherited by every connection: what the peer does not read fills its buffer at once, and not after megabytes.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_OCTETS)
    server = await asyncio.start_server(smsc.connected, sock=listener)
    smsc.port = listener.getsockname()[1]
    try:
        yield smsc
    finally:
        server.close()
        smsc.close()


@contextmanager
def full_listener(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port whose queue of connections is full, so that a new one hangs in the network."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((host, port), backlog=0))
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])
