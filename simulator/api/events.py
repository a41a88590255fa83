"""What happens, as it happens: GET /events, as Server-Sent Events (HTML Living Standard, 9.2).

Rule 1: nobody has a queue here. A reader is a place in the memory of what passed; whoever falls further behind than a
turn can tell is told how much it lost (`lost`), and goes on with the newest.
Rule 2: whatever is a state (sessions, faults, the providers' books) is told whole when it differs from what was told.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from aiohttp import web

from simulator.api.bodies import entry_body, is_whole, read_cursor
from simulator.api.pdus import Shown
from simulator.api.problems import ProblemError
from simulator.api.queries import takes
from simulator.api.reading import read
from simulator.smsc.memory import Memory
from simulator.smsc.pdus import SeenPdu
from simulator.smsc.ring import Item, Ring
from simulator.smsc.waiters import Waiters

TURN_S: Final = 0.1
"""From what was told to the next: quicker than the eye, and a flood comes in ten pieces a second."""

ENTRIES_A_TURN: Final = 1_000
"""Some hundred dialogues: what a person's phones say is far less."""

PDUS_A_TURN: Final = 250
"""2,500 a second is more than anyone can read, and costs the simulator a few per cent of a core."""

LOOK_S: Final = 0.5
"""How often the states are compared, whatever passes."""

HEARTBEAT_S: Final = 15.0
"""A comment in silence keeps proxies from cutting the line, and finds readers that went without a word."""

READERS_MAX: Final = 200
"""Each costs a look at the states twice a second."""

RETRY_MS: Final = 1_000
"""How long a browser waits before it connects again."""

State = Callable[[], object]
Body = Callable[[SeenPdu, Shown], dict[str, Any]]


class Place(NamedTuple):
    """Where a reader stands: the last entry and the last PDU that it was told, or has lost."""

    entry: int
    pdu: int


class Wanted(NamedTuple):
    """What a reader asked for: entries of these `numbers` only (none = of everyone), and how much of each PDU."""

    numbers: frozenset[str]
    shown: Shown


class Source(NamedTuple):
    """What there is to tell: `boot` names this run of the simulator, because a new one counts from the beginning."""

    boot: str
    memory: Memory
    body: Body
    states: Mapping[str, State]


class Reader:
    """One reader, without its connection."""

    def __init__(self, source: Source, place: Place, wanted: Wanted) -> None:
        self._source = source
        self.place = place
        self._wanted = wanted
        self._told: dict[str, str] = {}
        self._look_at_s = -math.inf

    def waits(self) -> bool:
        """Whether something has passed that was not told."""
        memory = self._source.memory
        return memory.journal.next_id > self.place.entry + 1 or memory.pdus.next_id > self.place.pdu + 1

    def hello(self) -> bytes:
        """What is said first."""
        return f"retry: {RETRY_MS}\n".encode() + self._event("hello", {"boot": self._source.boot})

    def news(self, now_s: float) -> bytes:
        """Everything that is to be told now (monotonic seconds); empty when there is nothing."""
        memory, place = self._source.memory, self.place
        entries, entries_lost = _newest(memory.journal, place.entry, ENTRIES_A_TURN)
        pdus, pdus_lost = _newest(memory.pdus, place.pdu, PDUS_A_TURN)
        said = []
        if entries_lost or pdus_lost:
            said.append(self._event("lost", {"entries": entries_lost, "pdus": pdus_lost}))
        for entry in entries:
            self.place = self.place._replace(entry=entry.id)
            if not self._wanted.numbers or not entry.number or entry.number in self._wanted.numbers:
                said.append(self._event("entry", entry_body(entry)))
        for pdu in pdus:
            self.place = self.place._replace(pdu=pdu.id)
            said.append(self._event("pdu", self._source.body(pdu, self._wanted.shown)))
        return b"".join(said) + self._states(now_s)

    def _states(self, now_s: float) -> bytes:
        if now_s < self._look_at_s:
            return b""
        self._look_at_s = now_s + LOOK_S
        said = []
        for name, state in self._source.states.items():
            now = json.dumps(state())
            if self._told.get(name) != now:
                self._told[name] = now
                said.append(self._event(name, now))
        return b"".join(said)

    def _event(self, name: str, data: object) -> bytes:
        words = data if isinstance(data, str) else json.dumps(data)
        number = f"{self._source.boot}.{self.place.entry}.{self.place.pdu}"
        return f"event: {name}\nid: {number}\ndata: {words}\n\n".encode()


def _newest(ring: Ring[Item], place: int, count_max: int) -> tuple[list[Item], int]:
    """The newest entries after *place*, and how many of those after it nobody will be told."""
    found = ring.since(place)[-count_max:]
    return found, ring.next_id - 1 - place - len(found)


class EventsApi:
    """The handler, and what it works on. *states* by the names of their events."""

    def __init__(self, memory: Memory, body: Body, states: Mapping[str, State]) -> None:
        self.boot: Final = secrets.token_hex(4)
        self._source = Source(self.boot, memory, body, states)
        self._waiters = Waiters()
        self._readers = 0
        self._closed = False
        memory.journal.watchers.append(lambda _entry: self._waiters.ring())
        memory.pdus.watchers.append(lambda _pdu: self._waiters.ring())

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/events", self.get_events)]

    async def close(self, _app: web.Application) -> None:
        """Send home whoever reads."""
        self._closed = True
        self._waiters.close()

    @takes("since_entry", "since_pdu", "number", "contents", "octets")
    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """Tell what happens until the reader goes, or the simulator ends."""
        place = read(self._place, request)
        numbers = (number.strip().removeprefix("+") for number in request.query.getall("number", []))
        reader = Reader(self._source, place, Wanted(frozenset(numbers), read(Shown.asked, request.query)))
        if self._readers >= READERS_MAX:
            detail = f"{READERS_MAX} readers are connected already; close some"
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail)
        self._readers += 1
        try:
            return await self._tell(request, reader)
        finally:
            self._readers -= 1

    async def _tell(self, request: web.Request, reader: Reader) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        clock = asyncio.get_running_loop().time
        told_at_s = clock()
        try:
            await response.prepare(request)
            await response.write(reader.hello() + reader.news(told_at_s))
            while not (self._closed or _has_left(request)):
                await asyncio.sleep(TURN_S)
                await self._waiters.until("", reader.waits, LOOK_S)
                news = reader.news(clock())
                if news or clock() - told_at_s >= HEARTBEAT_S:
                    await response.write(news or b":\n\n")
                    told_at_s = clock()
        except ConnectionError:
            pass  # the reader is gone, as readers do
        return response

    def _place(self, request: web.Request) -> Place:
        """Where the reader was when its connection broke, else where it asks to begin."""
        boot, _, numbers = request.headers.get("Last-Event-ID", "").partition(".")
        if boot:
            entry, _, pdu = numbers.partition(".")
            known = boot == self.boot and is_whole(entry) and is_whole(pdu)
            return self._within(int(entry), int(pdu)) if known else Place(0, 0)
        return self._within(read_cursor(request.query, "since_entry"), read_cursor(request.query, "since_pdu"))

    def _within(self, entry: int, pdu: int) -> Place:
        """This place, but none beyond the end: nothing would be told there until so much has passed."""
        memory = self._source.memory
        return Place(min(entry, memory.journal.next_id - 1), min(pdu, memory.pdus.next_id - 1))


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
