"""An SMSC that misbehaves: it takes a bind, then sends enquire_link without end, as fast as it is read."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final, Self, cast

from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.frames import HEADER, FrameBuffer
from smsgw.smpp.pdu import Pdu

# A chunk is small beside the socket's buffers, so that the load in the same process has its turns.
CHUNK: Final = encode(Pdu(Command.ENQUIRE_LINK, Status.ESME_ROK, 1, {})) * 100


class Flood:
    """Listens for one gateway. `answers` counts its enquire_link_resp; it floods only between `open` and `shut`."""

    def __init__(self) -> None:
        self.port = 0
        self.answers = 0
        self.flowing = False
        self._server: asyncio.Server | None = None
        self._connections: list[_Connection] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._connection, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            connection.close()

    def open(self) -> None:
        """Begin."""
        self.flowing = True
        for connection in self._connections:
            connection.pour()

    def shut(self) -> None:
        """Stop; what the sockets hold is still read and answered."""
        self.flowing = False

    def _connection(self) -> _Connection:
        self._connections.append(_Connection(self))
        return self._connections[-1]


class _Connection(asyncio.Protocol):
    """The bind, then the flood."""

    def __init__(self, flood: Flood) -> None:
        self._flood = flood
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._frames = FrameBuffer()
        self._bound = False
        self._may_write = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._bound:
            self._flood.answers += len(data) // HEADER.size
            return
        self._frames.feed(data)
        frame = self._frames.next_frame()
        if isinstance(frame, bytes):
            self._accept(cast("Pdu", decode(frame)))

    def pause_writing(self) -> None:
        self._may_write = False

    def resume_writing(self) -> None:
        self._may_write = True
        self.pour()

    def pour(self) -> None:
        """Send on, as long as somebody reads."""
        if self._bound and self._flood.flowing and self._may_write and not self._open_transport.is_closing():
            self._open_transport.write(CHUNK)
            self._loop.call_soon(self.pour)

    def close(self) -> None:
        """Cut the line."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def _open_transport(self) -> asyncio.Transport:
        assert self._transport is not None, "there is one from connection_made on"
        return self._transport

    def _accept(self, bind: Pdu) -> None:
        answer = Pdu(bind.command_id | RESPONSE_BIT, Status.ESME_ROK, bind.sequence, {})
        self._open_transport.write(encode(answer))
        self._bound = True
        self.pour()
