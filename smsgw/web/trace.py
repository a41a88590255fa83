"""Following a link: one JSON line for each PDU, for as long as somebody reads.

Rule 1: nothing is made or kept while nobody follows, and a follower that reads too slowly loses lines, not the gateway
time: it is told how many.
Rule 2: what a line may show is decided in `smpp.tracing`.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web

from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.tracing import traced
from smsgw.smpp.wire import Trace
from smsgw.web.answers import HEADERS, RETRY_AFTER_S, answer, refusal
from smsgw.web.problems import Problem, missing

Follow = Callable[[str, Trace], Callable[[], None] | None]
"""Show every PDU of a link, by its name, to a trace; what it returns ends that. None = there is no such link."""

LINES_TYPE: Final = "application/x-ndjson"
# Each costs a line of JSON for every PDU; whoever looks for a fault is seldom more than two.
FOLLOWERS_MAX: Final = 4
# A second of a busy link; what comes faster than the follower reads for longer than that is counted, not kept.
LINES_MAX: Final = 2_000
# Without PDUs an empty line now and then: only writing tells that the follower has gone.
SILENCE_S: Final = 2.0

BUSY: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "busy", f"{FOLLOWERS_MAX} follow already; let one of them end first"
)


class Follower:
    """The lines that one follower has still to read."""

    def __init__(self) -> None:
        self.lost = 0
        self._lines: deque[tuple[datetime, str, Pdu | BadPdu]] = deque()
        self._news = asyncio.Event()
        self._is_over = False

    def take(self, direction: str, pdu: Pdu | BadPdu) -> None:
        """Keep one PDU, or count it."""
        if len(self._lines) >= LINES_MAX:
            self.lost += 1
            return
        self._lines.append((datetime.now(UTC), direction, pdu))
        self._news.set()

    def end(self) -> None:
        """There will be no more."""
        self._is_over = True
        self._news.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Lines as they come; a chunk without any in a silence."""
        while not self._is_over:
            try:
                await asyncio.wait_for(self._news.wait(), SILENCE_S)
            except TimeoutError:
                yield b"\n"
                continue
            self._news.clear()
            yield self._taken()

    def _taken(self) -> bytes:
        lines = [{"at": at.isoformat(timespec="milliseconds"), **traced(way, pdu)} for at, way, pdu in self._lines]
        self._lines.clear()
        if self.lost:
            lines.append({"lost": self.lost})
            self.lost = 0
        return "".join(json.dumps(line) + "\n" for line in lines).encode()


class LinkTraces:
    """The route, and those who follow."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._followers: set[Follower] = set()

    async def trace(self, request: web.Request) -> web.StreamResponse:
        """GET …/links/{link}/trace."""
        if len(self._followers) >= FOLLOWERS_MAX:
            return refusal(BUSY, {"Retry-After": RETRY_AFTER_S})
        follower = Follower()
        end = self._follow(request.match_info["link"], follower.take)
        if end is None:
            return answer(missing("no_link", "there is no such link; `smsgw link status` names all"))
        self._followers.add(follower)
        try:
            return await _write(request, follower)
        finally:
            self._followers.discard(follower)
            end()

    async def close(self, _: web.Application) -> None:
        """The gateway stops: nobody may hold it up."""
        for follower in self._followers:
            follower.end()


async def _write(request: web.Request, follower: Follower) -> web.StreamResponse:
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": LINES_TYPE})
    await response.prepare(request)
    try:
        async for chunk in follower.chunks():
            await response.write(chunk)
    except ConnectionError:
        pass  # the follower has gone, as followers do
    return response
