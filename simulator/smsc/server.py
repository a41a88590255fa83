"""The SMSC's sockets: carries octets and time between connections and `Smsc`.

Rule 1: everything that happens in one turn of the loop is followed by one `run` and one write per connection.
Rule 2: the clock is one that the loop counts by too. It is `time.monotonic`, because uvloop's own is too coarse to
measure latencies with; on virtual time it is the loop's.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import time
from collections.abc import Callable
from typing import cast

from simulator.faults.scenario import Scenario
from simulator.settings import SmscSettings
from simulator.smsc.lines import Line
from simulator.smsc.memory import Memory
from simulator.smsc.messages import Message
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.smsc.receipt_desk import ReceiptOrder
from simulator.smsc.smsc import Smsc
from simulator.smsc.trickle import Trickle
from smsgw.smpp.states import State

OUTBIND_S = 10.0
"""How long a gateway that we connect to gets to take the connection."""

UNREAD_MAX = 1 << 20
"""Octets for a gateway that does not read them, beside those that the system holds; beyond it is not read either."""

FAREWELL_S = 1.0
"""How long the gateways get to answer our unbind when the simulator ends."""


class SmscServer:
    """Listens for gateways. To be made inside a running loop."""

    def __init__(
        self,
        settings: SmscSettings,
        clock: Callable[[], float] = time.monotonic,
        name: str = "operator",
        memory: Memory | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.now_s = clock
        self.smsc = Smsc(settings, time.time() - clock(), name, memory)
        self._connections: dict[int, Connection] = {}
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._turn_due = False

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Start to listen and return the port; the scenario begins. Raises OSError when the port is taken."""
        settings = self.smsc.settings
        self.smsc.play(settings.scenario, settings.seed, self.now_s())
        self._server = await self._loop.create_server(lambda: Connection(self), host, port, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Unbind everyone in order, then end."""
        if self._server is not None:
            self._server.close()
        for line in list(self.smsc.lines):
            self.unbind(line)
        if self._connections:
            await asyncio.wait([connection.gone for connection in self._connections.values()], timeout=FAREWELL_S)
        for connection in list(self._connections.values()):
            connection.abort()
        if self._timer is not None:
            self._timer.cancel()

    def send(self, text: Text) -> Mo:
        """Send a subscriber's text; see `Smsc.send`."""
        mo = self.smsc.send(text, self.now_s())
        self.turn_soon()
        return mo

    def unbind(self, line: Line) -> None:
        """Ask a gateway to go; one that never bound is cut."""
        if line.session.state is State.OPEN:
            line.cut = True
        else:
            line.session.unbind(self.now_s())
        self.turn_soon()

    def drop(self, line: Line) -> None:
        """Cut a connection without a word."""
        line.cut = True
        self._connections[line.id].abort()

    def stall(self, line: Line) -> None:
        """Let a connection be dead, but open."""
        line.mute()
        self.turn_soon()

    def play(self, scenario: Scenario, seed: int) -> None:
        """Begin a scenario, in place of the one that was played."""
        self.smsc.play(scenario, seed, self.now_s())
        self.turn_soon()

    def half_open(self, line: Line) -> None:
        """Hear a gateway, and be heard no more."""
        line.open_half()
        self.turn_soon()

    def raw(self, line: Line, chunks: list[bytes], gap_s: float) -> None:
        """Write any octets on a connection, in chunks so many seconds apart."""
        self._connections[line.id].say_raw(chunks, gap_s)

    async def outbind(self, host: str, port: int, credentials: tuple[str, str]) -> Line:
        """Connect to a gateway and ask it to bind (SMPP 3.4, 2.2.1). Raises OSError, TimeoutError."""
        connecting = self._loop.create_connection(lambda: Connection(self), host, port)
        _, connection = await asyncio.wait_for(connecting, OUTBIND_S)
        self.smsc.outbind(connection.line, *credentials, self.now_s())
        self.turn_soon()
        return connection.line

    def receipt(self, mt: Mt, order: ReceiptOrder) -> list[Message]:
        """Send a receipt by hand; see `Smsc.receipt`."""
        messages = self.smsc.receipt(mt, order, self.now_s())
        self.turn_soon()
        return messages

    def turn_soon(self) -> None:
        """Run and write once, after everything that happens in this turn of the loop."""
        if not self._turn_due:
            self._turn_due = True
            self._loop.call_soon(self._turn)

    def opened(self, connection: Connection, peer: str) -> Line:
        """A gateway has connected."""
        line = self.smsc.connect(peer, self.now_s())
        self._connections[line.id] = connection
        self.turn_soon()
        return line

    def closed(self, line: Line) -> None:
        """A connection is gone."""
        self._connections.pop(line.id, None)
        self.turn_soon()

    def _turn(self) -> None:
        self._turn_due = False
        self.smsc.run(self.now_s())
        for connection in list(self._connections.values()):
            connection.flush()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self.smsc.next_due_s()
        if due_s < math.inf:
            self._timer = self._loop.call_at(due_s, self._turn)


class Connection(asyncio.Protocol):
    """One gateway's connection."""

    def __init__(self, server: SmscServer) -> None:
        self._server = server
        self._smsc = server.smsc
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._line: Line | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_s = math.inf
        self._reading = True
        self._writing = True
        self._trickle = Trickle(self._write_now, server.turn_soon)
        self.gone: asyncio.Future[None] = self._loop.create_future()

    @property
    def line(self) -> Line:
        """What the SMSC knows it by."""
        assert self._line is not None, "there is a line from connection_made on"
        return self._line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A gateway has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(UNREAD_MAX)
        host, port = transport.get_extra_info("peername")[:2]
        self._line = self._server.opened(self, f"{host}:{port}")

    def data_received(self, data: bytes) -> None:
        """Take every PDU of this read."""
        self._smsc.receive(self.line, data, self._server.now_s())
        self._server.turn_soon()

    def pause_writing(self) -> None:
        """The gateway does not read: what it asks from now on would only heap up answers."""
        self._writing = False

    def resume_writing(self) -> None:
        """It reads again."""
        self._writing = True
        self._server.turn_soon()

    def eof_received(self) -> None:
        """The gateway says no more, but may still listen: it gets the answers that are ready, then the line closes."""
        self._smsc.tick(self.line, self._server.now_s())
        self.flush()

    def connection_lost(self, _: Exception | None) -> None:
        """What is in flight goes back into the queue."""
        self._smsc.lost(self.line, self._server.now_s())
        self._trickle.close()
        if self._timer is not None:
            self._timer.cancel()
        self._server.closed(self.line)
        self.gone.set_result(None)

    def abort(self) -> None:
        """Cut it."""
        if self._transport is not None:
            self._transport.abort()

    def flush(self) -> None:
        """Write what there is, and close when the session is over or the line is to be cut."""
        transport, line = self._transport, self.line
        if transport is None or transport.is_closing():
            return
        if self._trickle.is_busy():
            line.collect()
            self._read_or_not(transport)
            return
        if self._writing or line.over:
            self._write(line.data_to_send())
        self._read_or_not(transport)
        if self._trickle.is_busy():
            return
        if line.over:
            transport.close()
            return
        if not line.half_open:
            self._arm(line.session.next_deadline_s())

    def _read_or_not(self, transport: asyncio.Transport) -> None:
        wanted = self._writing and self.line.wants_data
        if wanted is not self._reading:
            self._reading = wanted
            (transport.resume_reading if wanted else transport.pause_reading)()

    def say_raw(self, chunks: list[bytes], gap_s: float) -> None:
        """Write octets as they are, after what the session has said; it says nothing in between."""
        self.flush()
        self._trickle.put(chunks, gap_s)

    def _write(self, data: bytes) -> None:
        if not self.line.octet_every_s:
            self._write_now(data)
        elif data:
            self._trickle.put((data[at : at + 1] for at in range(len(data))), self.line.octet_every_s)

    def _write_now(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._smsc.wrote(self.line, data, self._server.now_s())
            self._transport.write(data)

    def _arm(self, deadline_s: float) -> None:
        """One timer; while it is early enough it stays, because deadlines mostly move away."""
        if deadline_s >= self._timer_at_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at_s = deadline_s
        self._timer = self._loop.call_at(deadline_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_at_s = math.inf
        self._smsc.tick(self.line, self._server.now_s())
        self._server.turn_soon()
