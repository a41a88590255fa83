"""TCP in memory, on virtual time: late, cut, and silent when the seed says so.

Rule 1: octets of one direction keep their order, and come in pieces as they were written.
Rule 2: each end runs as the process that opened it, so it is frozen together with it.
Rule 3: a cut is seen by both ends; a silence by neither: who does not ask will never know.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from random import Random
from typing import Any, Final

# Between two pieces of one direction, so that their order is that of their times.
GAP_S: Final = 1e-6
CALM_LATENCY_S: Final = 0.001


class Listener:
    """Implements what is used of `asyncio.Server`."""

    def __init__(self, network: Network, port: int) -> None:
        self._network = network
        self.port = port
        self.sockets = (self,)

    def getsockname(self) -> tuple[str, int]:
        """Where it listens."""
        return "memory", self.port

    def close(self) -> None:
        """Take no more connections."""
        self._network.close(self.port)


class Network:
    """All connections. `latency_s` and `refused` (a share of connections) are weather."""

    def __init__(self, random: Random, latency_s: float, refused: float) -> None:
        self._random = random
        self._listening: dict[int, tuple[Callable[[], asyncio.BaseProtocol], contextvars.Context]] = {}
        self.latency_s = latency_s
        self.refused = refused
        self.links: list[tuple[End, End]] = []

    def listen(self, factory: Callable[[], asyncio.BaseProtocol], port: int) -> Listener:
        """Take connections at *port*."""
        self._listening[port] = factory, contextvars.copy_context()
        return Listener(self, port)

    def close(self, port: int) -> None:
        """Take no more."""
        self._listening.pop(port, None)

    def delay_s(self) -> float:
        """How long one piece takes."""
        return self._random.uniform(0.2, 2.0) * self.latency_s

    async def connect(self, factory: Callable[[], asyncio.BaseProtocol], port: int) -> tuple[End, asyncio.BaseProtocol]:
        """Open a connection. Raises ConnectionRefusedError."""
        await asyncio.sleep(self.delay_s())
        if port not in self._listening or self._random.random() < self.refused:
            raise ConnectionRefusedError("nobody listens")
        serve, context = self._listening[port]
        near = End(self, contextvars.copy_context())
        far = End(self, context)
        near.peer, far.peer = far, near
        self.links.append((near, far))
        context.copy().run(far.opened, serve)
        near.opened(factory)
        return near, near.protocol

    def cut(self, number: int) -> None:
        """End the connection of that place in the list for both."""
        for end in self.links[number % len(self.links)]:
            end.lost(ConnectionResetError("cut"))

    def hush(self, number: int) -> None:
        """Let a connection be dead, though it stays open."""
        for end in self.links[number % len(self.links)]:
            end.silent = True

    def heal(self) -> None:
        """From now on connections are swift and good; those that were dead are reset."""
        self.latency_s, self.refused = CALM_LATENCY_S, 0.0
        for near, far in list(self.links):
            if near.silent or far.silent:
                near.lost(ConnectionResetError("reset"))
                far.lost(ConnectionResetError("reset"))

    def orphan(self, life: object, *, silently: bool) -> None:
        """A process is gone: its peers are told by the system that it ran on, or by nobody."""
        for near, far in [link for link in self.links if link[0].is_of(life)]:
            near.silent = True
            if silently:
                far.silent = True
            else:
                far.lost(ConnectionResetError("reset"))

    def forget(self) -> None:
        """Let go of connections that are over for both ends."""
        self.links = [link for link in self.links if not all(end.is_closing() for end in link)]


class End(asyncio.Transport):
    """One end of a connection."""

    peer: End
    protocol: Any

    def __init__(self, network: Network, context: contextvars.Context) -> None:
        super().__init__({"peername": ("memory", 0)})
        self._network = network
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._reads = True
        self._kept: list[bytes] = []
        self._next_s = 0.0
        self.silent = False

    def is_of(self, life: object) -> bool:
        """Whether that process opened it."""
        return life in self._context.values()

    def opened(self, factory: Callable[[], asyncio.BaseProtocol]) -> None:
        """Make the protocol and tell it."""
        self.protocol = factory()
        self.protocol.connection_made(self)

    def write(self, data: Any) -> None:
        """Send octets on their way."""
        if data and not self._closing:
            self._plan(self.peer.arrived, bytes(data))

    def close(self) -> None:
        """Say no more; the peer hears of it after all that was said."""
        if not self._closing:
            self._plan(self.peer.lost, None)
            self.lost(None)

    def abort(self) -> None:
        """End it at once."""
        if not self._closing:
            self._plan(self.peer.lost, ConnectionResetError("aborted"))
            self.lost(None)

    def is_closing(self) -> bool:
        """True once it is over for this side."""
        return self._closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """What is written is on its way at once: nobody ever has to pause."""

    def pause_reading(self) -> None:
        """Keep what comes."""
        self._reads = False

    def resume_reading(self) -> None:
        """Give what was kept, and what comes."""
        self._reads = True
        kept, self._kept = self._kept, []
        for data in kept:
            self.arrived(data)

    def arrived(self, data: bytes) -> None:
        """Octets have come."""
        if self._closing:
            return
        if self._reads:
            self.protocol.data_received(data)
        else:
            self._kept.append(data)

    def lost(self, error: Exception | None) -> None:
        """The connection is over; the protocol is told soon."""
        if not self._closing:
            self._closing = True
            self._network.forget()
            self._loop.call_soon(self.protocol.connection_lost, error, context=self._context)

    def _plan(self, then: Callable[..., None], what: object) -> None:
        """Let something happen at the other end, after all that went before."""
        if self.silent:
            return
        self._next_s = max(self._loop.time() + self._network.delay_s(), self._next_s + GAP_S)
        self._loop.call_at(self._next_s, then, what, context=self.peer._context)
