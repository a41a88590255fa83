"""One simulated provider: its protocol, its book, its faults, and what it has seen."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from simulator.api.problems import ProblemError
from simulator.billing.book import Asked, Book, Judgement, Result
from simulator.billing.click import ClickServer
from simulator.billing.faults import Answers, Credits, Fault, FaultBox
from simulator.billing.json_api import JsonServer
from simulator.billing.osmp import OsmpServer
from simulator.billing.payme import PaymeServer
from simulator.billing.paynet import PaynetServer
from simulator.billing.sarkor import SarkorServer
from simulator.billing.sber import SberServer


class Server(Protocol):
    """The server's side of one protocol. It may look into the book to name what a request does not name itself."""

    path: str
    """Where its requests come to; may end in a variable part, such as `/v1/{verb}`."""
    base: str
    """What a gateway is configured with: the path without what its own side of the protocol adds."""

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood. ProblemError: its body cannot be read at all."""

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with a code of the test's choice."""

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer about another payment, where the protocol can express it."""


SERVERS: Final[Mapping[str, Callable[[str, str, Book], Server]]] = {
    "click": ClickServer,
    "json": JsonServer,
    "osmp": OsmpServer,
    "payme": PaymeServer,
    "paynet": PaynetServer,
    "sarkor": SarkorServer,
    "sber": SberServer,
}
# A body that drips is cut off after so many octets: every client's deadline is over by then.
DRIP_OCTETS_MAX: Final = 300


_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A part of a path, which is a pattern to the router: nothing in it may be more than a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingSetup:
    """One provider to simulate. `login` and `password` are what its protocol asks for; empty = OSMP without Basic.

    Raises ValueError: the name cannot stand in a path, or nobody simulates the protocol.
    """

    name: str
    protocol: str
    login: str = ""
    password: str = ""
    dedupes: bool = True
    duplicate_checked_first: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for a part of a path: use letters and digits of ASCII, _ and -")
        if self.protocol not in SERVERS:
            raise ValueError(f"{self.name}: protocol {self.protocol!r} is not simulated, only {', '.join(SERVERS)}")


class Billing:
    """The provider at work.

    `requests` counts by command; `overlaps` counts pays that came while the client of another one with the same
    reference was still waiting, which a payment system must never let happen.
    """

    def __init__(self, setup: BillingSetup) -> None:
        self.setup = setup
        self.book = Book(dedupes=setup.dedupes, duplicate_checked_first=setup.duplicate_checked_first)
        self.faults = FaultBox()
        self.server: Server = SERVERS[setup.protocol](setup.login, setup.password, self.book)
        self.requests: Counter[str] = Counter()
        self.in_flight_max = 0
        self.overlaps = 0
        self._in_flight: list[tuple[web.Request, Asked]] = []
        self._stop = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of the protocol, or fail as told."""
        try:
            asked = await self.server.read(request)
        except ProblemError:
            self.requests["bad"] += 1
            raise
        if isinstance(asked, web.Response):
            self.requests["bad"] += 1
            return asked
        self.requests[asked.command] += 1
        self._count_waiting(asked)
        self._in_flight.append((request, asked))
        try:
            return await self._answer(request, asked) or _dropped(request)
        finally:
            self._in_flight.remove((request, asked))

    def stop(self) -> None:
        """End all waiting; what would have been credited later is not."""
        self._stop.set()

    def totals(self) -> dict[str, object]:
        """How much stands in the book, and what was asked so far: whoever watches compares it with the last."""
        return {"changes": self.book.changes, **self.book.total._asdict(), "requests": dict(self.requests)}

    def accounts(self, newest: int) -> dict[str, object]:
        """Who was credited how much, ready for JSON; whoever was credited last first."""
        listed = [{"account": account, **one._asdict()} for account, one in self.book.accounts(newest)]
        return {"accounts": listed, "total": self.book.total._asdict()}

    def ledger(self, newest: int = 0) -> dict[str, object]:
        """The book and the counts, ready for JSON; of the credits all, or the *newest* only."""
        return {
            "credits": self.book.lines(newest),
            "requests": dict(self.requests),
            "in_flight_max": self.in_flight_max,
            "overlaps": self.overlaps,
        }

    def _count_waiting(self, asked: Asked) -> None:
        # A client that gave up is not waiting, even while its request still sleeps here.
        waiting = [other for request, other in self._in_flight if not _gone(request)]
        self.in_flight_max = max(self.in_flight_max, len(waiting) + 1)
        if asked.command == "pay":
            self.overlaps += any(other.command == "pay" and other.reference == asked.reference for other in waiting)

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse | None:
        """The answer; None = the connection is to be cut."""
        fault = self.faults.take(asked, self.book.find(asked.reference))
        if fault is None:
            return self.server.answer(asked, self._judge(asked))
        if fault.effect.answers is Answers.NORMAL:
            await self._pause(fault.wait_s)
        judgement = self._judge(asked) if fault.effect.credits is Credits.NOW else Judgement(Result.OK)
        match fault.effect.answers:
            case Answers.SILENCE:
                await self._silence(asked, fault)
                return None
            case Answers.HALF:
                return await _half(request, self.server.answer(asked, judgement))
            case Answers.DRIP:
                return await self._drip(request)
            case _:
                return self._faulty(asked, judgement, fault)

    def _faulty(self, asked: Asked, judgement: Judgement, fault: Fault) -> web.Response | None:
        match fault.effect.answers:
            case Answers.NORMAL:
                return self.server.answer(asked, judgement)
            case Answers.WRONG_ECHO:
                return self.server.wrong_echo(asked, judgement)
            case Answers.REFUSAL:
                return self.server.refusal(asked, fault.status)
            case Answers.STATUS:
                return web.Response(status=fault.status, text="fault", headers=_headers(fault))
            case Answers.GARBAGE:
                return web.Response(text=fault.body, content_type="text/html")
            case _:
                return None

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        """A body that begins well and never ends."""
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(DRIP_OCTETS_MAX):
            await response.write(b" ")
            await self._pause(1.0)
            if self._stop.is_set():
                break
        return response

    async def _silence(self, asked: Asked, fault: Fault) -> None:
        """Say nothing; a late credit comes at the end, long after the client has gone."""
        await self._pause(fault.wait_s)
        if fault.effect.credits is Credits.LATER and not self._stop.is_set():
            self._judge(asked)

    def _judge(self, asked: Asked) -> Judgement:
        return self.book.judge(asked, time.time())

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


async def _half(request: web.Request, whole: web.Response) -> web.Response | None:
    """Send the head and the first half of the body; None = now cut the connection."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(
        headers={"Content-Type": whole.headers["Content-Type"], "Content-Length": str(len(body))}
    )
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    return None


def _headers(fault: Fault) -> dict[str, str]:
    later = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s else {}
    return {"Location": "/elsewhere"} | later


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _dropped(request: web.Request) -> web.Response:
    """Cut the connection without a byte of an answer; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
