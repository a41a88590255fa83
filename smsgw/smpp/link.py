"""Links to operators: the only place that opens sockets to an SMSC, and the outbox's way out.

A link keeps `sessions` connections bound, each reconnecting by itself. A text leaves through the bound session with
the most room; none bound, or no room in time, is "not submitted", and the outbox tries again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any, Final, Protocol

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import (
    Ack,
    Delivery,
    InboundPart,
    InboundSms,
    NotSubmitted,
    SubmitOutcome,
    SubmitRefused,
    Submitted,
    SubmitUnknown,
)
from smsgw.log import get_logger
from smsgw.smpp.connection import Connection
from smsgw.smpp.constants import Command
from smsgw.smpp.incoming import InboundReceipt, NothingOfOurs, incoming
from smsgw.smpp.link_settings import BIND_COMMANDS, LinkSettings
from smsgw.smpp.outgoing import THROTTLED, outcome_of, submit_fields
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.reconnect import Cause, cause_of, wait_s
from smsgw.smpp.room import Pace
from smsgw.smpp.tlv import Tlvs

CONNECT_S: Final = 10.0
# Longer waits for a place in the window are the outbox's business: the row keeps its lease meanwhile.
ROOM_S: Final = 10.0
# A session that held this long was a good one: the waits between connections begin anew.
STEADY_S: Final = 60.0
# A peer that is asked to unbind has this long; the session's own drain and unbind timers are shorter.
STOP_S: Final = 20.0

log = get_logger(__name__)


class Receiver(Protocol):
    """What a link hands its traffic to."""

    async def text(self, sms: InboundSms) -> Ack:
        """A whole text."""

    async def part(self, part: InboundPart) -> Ack:
        """A part of a long text."""

    async def receipt(self, link: str, message_id: str, delivery: Delivery) -> Ack:
        """A delivery receipt."""


class Link:
    """One operator."""

    def __init__(self, settings: LinkSettings, receiver: Receiver, chance: Callable[[], float]) -> None:
        self.settings = settings
        self._receiver = receiver
        self._chance = chance
        self._connections: list[Connection] = []
        self._past_pdus: Counter[tuple[str, str, str]] = Counter()
        self._past_faults: Counter[str] = Counter()
        self._pace = Pace(settings.rate)
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._wake: asyncio.TimerHandle | None = None
        self._references = count(1)

    @property
    def bound(self) -> int:
        """How many sessions are bound."""
        return sum(connection.bound for connection in self._connections)

    @property
    def _submits(self) -> bool:
        return any(connection.submits for connection in self._connections)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The open connections, for counters."""
        return tuple(self._connections)

    def pdus(self) -> Mapping[tuple[str, str, str], int]:
        """PDUs by (direction, command, status) since the start, over all sessions there were."""
        return sum((Counter(c.session.counters) for c in self._connections), self._past_pdus.copy())

    def faults(self) -> Mapping[str, int]:
        """How often the peer broke SMPP, by kind, over all sessions there were."""
        return sum((Counter[str](c.session.faults) for c in self._connections), self._past_faults.copy())

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the link's sessions bound until *stop*, then leave in order."""
        async with asyncio.TaskGroup() as sessions:
            for bind in BIND_COMMANDS[self.settings.bind] * self.settings.sessions:
                sessions.create_task(self._keep_bound(bind, stop), name=f"link-{self.settings.name}-{bind.wire_name}")

    async def submit(self, to: Msisdn, text: str, validity_s: int, may_send: Callable[[], bool]) -> SubmitOutcome:
        """Send one text; all of its segments go through one session."""
        segments = submit_fields(text, to, validity_s, next(self._references), self.settings)
        connection = await self._connection_with_room()
        if connection is None:
            return NotSubmitted()
        connection.release()
        if not may_send():
            self._on_room()
            return NotSubmitted()
        answers = [await self._send(connection, fields, tlvs) for fields, tlvs in segments]
        return _worst(answers)

    async def _send(self, connection: Connection, fields: dict[str, FieldValue], tlvs: Tlvs) -> SubmitOutcome:
        if not connection.may_send:
            return NotSubmitted()
        answer = await connection.send(fields, tlvs)
        if answer is None:
            return SubmitUnknown()
        outcome = outcome_of(answer, self.settings)
        if isinstance(outcome, SubmitRefused) and outcome.status in THROTTLED:
            self._pause(outcome)
        return outcome

    async def _connection_with_room(self) -> Connection | None:
        """Wait, first come first served, for rate, the end of a pause and a place in a window; None = not in time."""
        if not self._submits:
            return None
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._on_room()
        # Not wait_for: it may time out in the very moment in which the turn is given, and the place would be lost.
        await asyncio.wait((turn,), timeout=ROOM_S)
        if turn.done():
            return turn.result()
        turn.cancel()
        return None

    def _on_room(self) -> None:
        """Give the turns that are open now, and look again when the next one opens."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
                continue
            if not self._submits:
                turn.set_result(None)
                continue
            best = max(self._connections, key=lambda connection: connection.room)
            if not best.room or self._pace.open_at_s() > loop.time():
                break
            self._pace.took(loop.time())
            best.reserve()
            turn.set_result(best)
        self._look_again()

    def _look_again(self) -> None:
        """One timer, for the end of a pause or the next token; room in a window announces itself."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        loop = asyncio.get_running_loop()
        if self._waiting and self._pace.open_at_s() > loop.time():
            self._wake = loop.call_at(self._pace.open_at_s(), self._on_room)

    def _pause(self, refusal: SubmitRefused) -> None:
        self._pace.pause(asyncio.get_running_loop().time() + refusal.retry_after_s)
        log.warning("link.throttled", link=self.settings.name, status=refusal.status, pause_s=refusal.retry_after_s)

    async def _keep_bound(self, bind: Command, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            cause, was_steady = await self._one_connection(bind, stop)
            failures = 1 if was_steady else failures + 1
            pause_s = wait_s(cause, failures, self._chance())
            if not stop.is_set():
                log.warning("link.down", link=self.settings.name, cause=cause.value, retry_s=round(pause_s, 1))
                await _either(stop.wait(), pause_s)

    async def _one_connection(self, bind: Command, stop: asyncio.Event) -> tuple[Cause, bool]:
        """Connect, stay until the session ends or *stop*; return why it ended, and whether it held for long enough."""
        connection = await self._connect(bind, stop)
        if connection is None:
            return Cause.LOST, False
        since_s = asyncio.get_running_loop().time()
        self._connections.append(connection)
        try:
            await self._stay(connection, stop)
        finally:
            connection.abort()
            self._connections.remove(connection)
            self._past_pdus.update(connection.session.counters)
            self._past_faults.update(connection.session.faults)
        if connection.bind_status:
            log.error("link.bind_refused", link=self.settings.name, status=connection.bind_status)
            return cause_of(connection.bind_status), False
        return Cause.LOST, asyncio.get_running_loop().time() - since_s >= STEADY_S

    async def _connect(self, bind: Command, stop: asyncio.Event) -> Connection | None:
        """Open a connection, unless *stop* comes first; None = there is none."""
        loop, settings = asyncio.get_running_loop(), self.settings
        connecting = loop.create_task(
            loop.create_connection(
                lambda: Connection(settings, bind, self._handle, self._on_room),
                settings.host,
                settings.port,
                ssl=settings.tls,
            )
        )
        await _first(connecting, stop, CONNECT_S)
        if not connecting.done():
            connecting.cancel()
            reason = "stopped" if stop.is_set() else "no answer"
        elif (error := connecting.exception()) is None:
            return connecting.result()[1]
        elif isinstance(error, OSError):
            reason = str(error) or type(error).__name__
        else:
            raise error
        log.warning("link.not_connected", link=settings.name, reason=reason)
        return None

    async def _stay(self, connection: Connection, stop: asyncio.Event) -> None:
        await _first(connection.closed, stop, None)
        if not connection.closed.done():
            connection.unbind()
            await asyncio.wait((connection.closed,), timeout=STOP_S)

    async def _handle(self, pdu: Pdu) -> Ack:
        match incoming(pdu, self.settings):
            case InboundSms() as sms:
                return await self._receiver.text(sms)
            case InboundPart() as part:
                return await self._receiver.part(part)
            case InboundReceipt(message_id, delivery):
                return await self._receiver.receipt(self.settings.name, message_id, delivery)
            case NothingOfOurs(why):
                log.info("link.passed_over", link=self.settings.name, why=why)
                return Ack.DONE


class Links:
    """All links; implements `ports.Texting`."""

    def __init__(self, links: Mapping[str, Link]) -> None:
        self._links = links

    async def submit(
        self, link: str, to: Msisdn, text: str, validity_s: int, may_send: Callable[[], bool]
    ) -> SubmitOutcome:
        """Send through *link*; a link that was taken out of the configuration sends nothing."""
        way = self._links.get(link)
        return await way.submit(to, text, validity_s, may_send) if way else NotSubmitted()

    def bound(self) -> dict[str, int]:
        """Bound sessions by link."""
        return {name: link.bound for name, link in self._links.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Run every link until *stop*."""
        async with asyncio.TaskGroup() as group:
            for link in self._links.values():
                group.create_task(link.run(stop))


def _worst(outcomes: list[SubmitOutcome]) -> SubmitOutcome:
    """What several segments come to: the first that is not simply submitted, else the first id.

    Of a text that has left in part, "not submitted" is not true: unknown is.
    """
    worst = next((outcome for outcome in outcomes if not isinstance(outcome, Submitted)), outcomes[0])
    is_partial = isinstance(worst, NotSubmitted) and worst != outcomes[0]
    return SubmitUnknown() if is_partial else worst


async def _first(awaited: asyncio.Future[Any], stop: asyncio.Event, timeout_s: float | None) -> None:
    """Wait for the future, for *stop*, or for the time-out, whichever comes first."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((awaited, stopping), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()


async def _either(wait: Awaitable[object], timeout_s: float) -> None:
    try:
        await asyncio.wait_for(wait, timeout_s)
    except TimeoutError:
        return
