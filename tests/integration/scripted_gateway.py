"""A gateway in a few lines, for tests of the simulator: it acks every text and answers as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from smsgw.smpp.constants import INTERFACE_VERSION, Command
from smsgw.smpp.events import Event, RequestReceived
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import is_receipt
from smsgw.smpp.segments import Method, Segment, split
from smsgw.smpp.session import Session
from smsgw.smpp.states import Role
from smsgw.smpp.text import Alphabet, decode

Reply = Callable[[str], str | None]


def scripted(*answers: str) -> Reply:
    """Answer the first texts with *answers*, and those after them not at all."""
    left = deque(answers)
    return lambda _text: left.popleft() if left else None


class ScriptedGateway(asyncio.Protocol):
    """One transceiver."""

    def __init__(self, reply: Reply, status: int = 0, *, receipts: bool) -> None:
        self._reply = reply
        self._status = status
        self._receipts = receipts
        self._loop = asyncio.get_running_loop()
        self._session = Session(Role.ESME, now_s=self._loop.time())
        self._transport: asyncio.Transport | None = None
        self._outbox: deque[dict[str, FieldValue]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        bind: dict[str, FieldValue] = {"system_id": b"gateway", "interface_version": INTERFACE_VERSION}
        self._session.request(Command.BIND_TRANSCEIVER, bind, self._loop.time())
        transport.write(self._session.data_to_send())

    def data_received(self, data: bytes) -> None:
        for event in self._session.receive_data(data, self._loop.time()):
            self._take(event)
        while self._outbox and self._session.is_bound and self._session.window_free:
            self._session.request(Command.SUBMIT_SM, self._outbox.popleft(), self._loop.time())
        assert self._transport is not None
        self._transport.write(self._session.data_to_send())

    def connection_lost(self, _: Exception | None) -> None:
        self._session.connection_lost()

    def stand_still(self, seconds: float) -> None:
        """Read nothing for so long."""
        assert self._transport is not None
        self._transport.pause_reading()
        self._loop.call_later(seconds, self._transport.resume_reading)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _take(self, event: Event) -> None:
        if not isinstance(event, RequestReceived):
            return
        pdu = event.pdu
        self._session.respond(pdu.sequence, self._status)
        if is_receipt(pdu.integer("esm_class")):
            return
        answer = self._reply(decode(pdu.message_octets(), pdu.integer("data_coding")))
        if answer is not None:
            self._outbox += [self._submit(pdu, segment) for segment in split(answer, Alphabet.GSM0338, Method.UDH8, 7)]

    def _submit(self, asked: Pdu, segment: Segment) -> dict[str, FieldValue]:
        return {
            "source_addr": asked.octets("destination_addr"),
            "destination_addr": asked.octets("source_addr"),
            "data_coding": segment.data_coding,
            "esm_class": int(segment.esm_class),
            "registered_delivery": int(self._receipts),
            "short_message": segment.short_message,
        }


@asynccontextmanager
async def gateway(
    port: int, reply: Reply, status: int = 0, *, receipts: bool = False
) -> AsyncIterator[ScriptedGateway]:
    """A gateway that is bound, or about to be, to the SMSC at *port*, and answers each text with *status*."""
    loop = asyncio.get_running_loop()
    _, bound = await loop.create_connection(
        lambda: ScriptedGateway(reply, status, receipts=receipts), "127.0.0.1", port
    )
    try:
        yield bound
    finally:
        bound.close()
