"""The door of the HTTP server: how many connections there are, and how long one may keep silent.

aiohttp lets a connection that never sends a whole request stay for ever. Here it has some seconds for that, and when
all places are taken the one that has been silent for longest makes room: a crowd that only holds places open gets in
nobody's way.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

# The API works at eight requests at once; scrapes, probes and followers of links are a handful more.
CONNECTIONS_MAX: Final = 64
# From the connection, or the last answer, to the whole head of a request: a slow line needs one second.
SILENT_S_MAX: Final = 10.0
# Connections that the system has accepted and we have not seen yet.
BACKLOG: Final = 64


class Guest(web.RequestHandler):
    """One connection, which tells the door when it comes and goes."""

    __slots__ = ("_door",)

    def __init__(self, door: Door, server: web.Server) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=None)  # type: ignore[arg-type]  # as AppRunner does: no access log
        self._door = door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Come in."""
        super().connection_made(transport)
        self._door.came(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Go."""
        self._door.left(self)
        super().connection_lost(exc)

    def send_away(self) -> None:
        """End the connection at once, whatever was still to be said."""
        if self.transport is not None:
            self.transport.abort()


class Door:
    """Lets connections in. `guest` is the factory for `loop.create_server`."""

    def __init__(self) -> None:
        self._all: set[Guest] = set()
        # Whoever is silent, and when that has lasted too long; the longest silence first.
        self._silent: dict[Guest, asyncio.TimerHandle] = {}

    def guest(self, server: web.Server) -> Guest:
        """A connection that is about to be made."""
        return Guest(self, server)

    def came(self, guest: Guest) -> None:
        """Give a place to a connection; where there is none, somebody leaves."""
        self._all.add(guest)
        self._falls_silent(guest)
        if len(self._all) > CONNECTIONS_MAX:
            self._sent_away(next(iter(self._silent)))

    def left(self, guest: Guest) -> None:
        """The connection is no more."""
        self._all.discard(guest)
        self._speaks(guest)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whoever is being served is not silent. Before all other middlewares."""
        guest = request.protocol
        assert isinstance(guest, Guest), "every connection came through the door"
        self._speaks(guest)
        try:
            return await handler(request)
        finally:
            if guest in self._all:
                self._falls_silent(guest)

    def _falls_silent(self, guest: Guest) -> None:
        loop = asyncio.get_running_loop()
        self._silent[guest] = loop.call_later(SILENT_S_MAX, self._sent_away, guest)

    def _speaks(self, guest: Guest) -> None:
        timer = self._silent.pop(guest, None)
        if timer is not None:
            timer.cancel()

    def _sent_away(self, guest: Guest) -> None:
        self.left(guest)
        guest.send_away()
