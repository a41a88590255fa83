"""Links to operators: the only place that opens sockets to an SMSC, and the outbox's way out.

A link keeps `sessions` connections bound, each reconnecting by itself. A text leaves through the bound session with
the most room; none bound, or no room in time, is "not submitted", and the outbox tries again.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, Final, NamedTuple, Protocol

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import (
    Ack,
    Attempt,
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
from smsgw.smpp.connection import Connection, Hooks, Late, dial
from smsgw.smpp.constants import Command, describe
from smsgw.smpp.incoming import InboundReceipt, NothingOfOurs, incoming
from smsgw.smpp.latency import Histogram
from smsgw.smpp.link_settings import BIND_COMMANDS, LinkSettings
from smsgw.smpp.outgoing import SubmitFields, outcome_of, submit_fields, worst_of
from smsgw.smpp.pdu import BadPdu, Pdu
from smsgw.smpp.policy import Then, reaction_to
from smsgw.smpp.reconnect import Cause, cause_of, wait_s
from smsgw.smpp.room import Pace
from smsgw.smpp.status import LinkEvent, LinkStatus
from smsgw.smpp.tlv import Tag
from smsgw.smpp.wire import Trace

# Longer waits for a place in the window are the outbox's business: the row keeps its lease meanwhile.
ROOM_S: Final = 10.0
# A text that the SMSC throttles stays first in the queue; after so many tries the outbox lets it wait longer.
THROTTLED_TRIES: Final = 3
# A throttling that comes back within seconds of the pause is the same one.
CALM_S: Final = 5.0
# A session that held this long was a good one: the waits between connections begin anew. To connect once in about five
# seconds is what SMPP 5.0, 2.8.1 advises; only what ends sooner is hammering.
STEADY_S: Final = 5.0
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


class _Turn(NamedTuple):
    """Somebody who waits to send; `given` gets the connection to send through, None when there is none left."""

    ticket: int
    given: asyncio.Future[Connection | None]

    def order(self) -> int:
        """Who comes first."""
        return self.ticket


class _Ended(NamedTuple):
    """How one connection went: why it ended, in a word and for people, and whether it had held for long enough."""

    cause: Cause
    reason: str
    was_steady: bool = False


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
        self._waiting: list[_Turn] = []
        self._wake: asyncio.TimerHandle | None = None
        self._tickets = count(1)
        self._followers: list[Trace] = []
        self._calm: asyncio.TimerHandle | None = None
        self._status = LinkStatus(len(BIND_COMMANDS[settings.bind]) * settings.sessions)
        self._hooks = Hooks(self._handle, partial(self._happened, LinkEvent.BOUND), self._on_room)

    @property
    def status(self) -> LinkStatus:
        """How the link stands; its times are those of the loop. To read only."""
        return self._status

    @property
    def latencies(self) -> tuple[Histogram, Histogram]:
        """Of submit_sm until its answer, and of deliver_sm until ours."""
        return self._hooks.submits.histogram(), self._hooks.delivers.histogram()

    @property
    def bound(self) -> int:
        """How many sessions are bound."""
        return sum(connection.bound for connection in self._connections)

    @property
    def submits(self) -> bool:
        """True while a session is bound in a way that texts may be submitted."""
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

    def follow(self, trace: Trace) -> Callable[[], None]:
        """Show every PDU of all sessions to *trace* from now on; call what is returned to end that."""

        def end() -> None:
            self._followers.remove(trace)
            self._show()

        self._followers.append(trace)
        self._show()
        return end

    def _show(self) -> None:
        for connection in self._connections:
            connection.session.trace_with(self._shown if self._followers else None)

    def _shown(self, direction: str, pdu: Pdu | BadPdu) -> None:
        for trace in self._followers:
            trace(direction, pdu)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the link's sessions bound until *stop*, then leave in order."""
        self._happened(LinkEvent.STARTING)
        async with asyncio.TaskGroup() as sessions:
            for bind in BIND_COMMANDS[self.settings.bind] * self.settings.sessions:
                sessions.create_task(self._keep_bound(bind, stop), name=f"link-{self.settings.name}-{bind.wire_name}")
        if self._calm is not None:
            self._calm.cancel()

    def _happened(self, event: LinkEvent, cause: str = "") -> None:
        self._status.happened(event, asyncio.get_running_loop().time(), cause)

    async def submit(self, to: Msisdn, text: str, attempt: Attempt) -> SubmitOutcome:
        """Send one text; all of its segments go through one session.

        A text that is throttled keeps its place before all that came later, and is tried again after the pause.
        """
        ticket = next(self._tickets)
        outcome: SubmitOutcome = NotSubmitted()
        for _ in range(THROTTLED_TRIES):
            connection = await self._turn(ticket)
            if connection is None:
                break
            if not attempt.may_send():
                connection.release()
                self._on_room()
                break
            segments = submit_fields(text, to, attempt, ticket, connection.understood)
            outcome = await self._send_all(connection, segments, attempt)
            self._on_room()
            if not self._pauses(outcome):
                break
        return outcome

    async def _send_all(self, connection: Connection, segments: list[SubmitFields], attempt: Attempt) -> SubmitOutcome:
        """Send the parts of a text, one after another, until one is not taken.

        Only the answer to the last one may be late: after the silence of another the rest was never sent.
        """
        *others, last = segments
        sent: list[SubmitOutcome] = []
        try:
            for fields in others:
                sent.append(await self._send(connection, fields))
                if not isinstance(sent[-1], Submitted):
                    return worst_of(sent)
                self._pace.took(asyncio.get_running_loop().time())
        finally:
            # The place that the turn gave is kept up to here: nobody takes it between two parts, and the last one may.
            connection.release()

        async def late(answer: Pdu) -> None:
            await attempt.late(worst_of([*sent, self._read(answer)]))

        return worst_of([*sent, await self._send(connection, last, late)])

    async def _send(self, connection: Connection, fields: SubmitFields, late: Late | None = None) -> SubmitOutcome:
        if not connection.may_send:
            return NotSubmitted()
        answer = await connection.send(*fields, late)
        return SubmitUnknown() if answer is None else self._read(answer)

    def _read(self, answer: Pdu) -> SubmitOutcome:
        """What an answer says of its submit_sm; the link does what else it asks for."""
        outcome = outcome_of(answer, self.settings)
        if isinstance(outcome, SubmitRefused) and self._pauses(outcome):
            self._pause(outcome)
        self._pace.congested(answer.tlv_integer(Tag.CONGESTION_STATE) or 0, asyncio.get_running_loop().time())
        return outcome

    def _pauses(self, outcome: SubmitOutcome) -> bool:
        """Whether the whole link is to rest, and the same text then to leave first."""
        if not isinstance(outcome, SubmitRefused):
            return False
        return reaction_to(outcome.status, self.settings.statuses).then is Then.PAUSE

    async def _turn(self, ticket: int) -> Connection | None:
        """Wait for rate, the end of a pause and a place in a window, the smallest ticket first; None = not in time."""
        if not self.submits:
            return None
        given: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        insort(self._waiting, _Turn(ticket, given), key=_Turn.order)
        self._on_room()
        # Not wait_for: it may time out in the very moment in which the turn is given, and the place would be lost.
        if not given.done():
            await asyncio.wait((given,), timeout=ROOM_S)
        if given.done():
            return given.result()
        given.cancel()
        return None

    def _on_room(self) -> None:
        """Give the turns that are open now, and look again when the next one opens."""
        # One look at the clock: a moment that came between two would be in the past for one, and wake nobody.
        now_s = asyncio.get_running_loop().time()
        while self._waiting:
            _, turn = self._waiting[0]
            if turn.done():
                del self._waiting[0]
                continue
            if not self.submits:
                turn.set_result(None)
                continue
            best = max(self._connections, key=lambda connection: connection.room)
            if not best.room or self._pace.open_at_s() > now_s:
                break
            self._pace.took(now_s)
            best.reserve()
            turn.set_result(best)
        self._look_again(now_s)

    def _look_again(self, now_s: float) -> None:
        """One timer, for the end of a pause or the next token; room in a window announces itself."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if self._waiting and self._pace.open_at_s() > now_s:
            self._wake = asyncio.get_running_loop().call_at(self._pace.open_at_s(), self._on_room)

    def _pause(self, refusal: SubmitRefused) -> None:
        """Rest as a whole. The throttling has ended once nothing was throttled for a while after the pause."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + refusal.retry_after_s
        self._pace.pause(until_s)
        if self._calm is not None:
            self._calm.cancel()
        self._calm = loop.call_at(until_s + CALM_S, self._calmed)
        if not self._status.throttled:
            self._happened(LinkEvent.THROTTLED, describe(refusal.status))
            log.warning("link.throttled", link=self.settings.name, status=refusal.status, pause_s=refusal.retry_after_s)

    def _calmed(self) -> None:
        self._calm = None
        self._happened(LinkEvent.THROTTLED_END)
        log.info("link.throttled_end", link=self.settings.name)

    async def _keep_bound(self, bind: Command, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            ended = await self._one_connection(bind, stop)
            failures = 1 if ended.was_steady else failures + 1
            pause_s = wait_s(ended.cause, failures, self._chance())
            if not stop.is_set():
                name, cause, retry_s = self.settings.name, ended.cause.value, round(pause_s, 1)
                log.warning("link.down", link=name, cause=cause, reason=ended.reason, retry_s=retry_s)
                await _either(stop.wait(), pause_s)

    async def _one_connection(self, bind: Command, stop: asyncio.Event) -> _Ended:
        """Connect, stay until the session ends or *stop*."""
        connection = await self._connect(bind, stop)
        if connection is None:
            return _Ended(Cause.LOST, "not_connected")
        if connection.bind_status is None:
            self._happened(LinkEvent.BINDING)
        since_s = asyncio.get_running_loop().time()
        self._connections.append(connection)
        try:
            await self._stay(connection, stop)
        finally:
            connection.abort()
            self._connections.remove(connection)
            self._past_pdus.update(connection.session.counters)
            self._past_faults.update(connection.session.faults)
            self._ended(connection, stop)
        if connection.bind_status:
            log.error("link.bind_refused", link=self.settings.name, status=connection.bind_status)
            return _Ended(cause_of(connection.bind_status), "bind_refused")
        return _Ended(Cause.LOST, connection.reason, asyncio.get_running_loop().time() - since_s >= STEADY_S)

    def _ended(self, connection: Connection, stop: asyncio.Event) -> None:
        if connection.bind_status is None:
            self._happened(LinkEvent.NOT_BOUND, connection.reason)
        elif connection.bind_status:
            self._happened(LinkEvent.BIND_REFUSED, describe(connection.bind_status))
        elif stop.is_set():
            self._happened(LinkEvent.UNBOUND)
        else:
            self._happened(LinkEvent.CONNECTION_LOST, connection.reason)

    async def _connect(self, bind: Command, stop: asyncio.Event) -> Connection | None:
        """Open a connection, unless *stop* comes first; None = there is none."""
        loop, settings = asyncio.get_running_loop(), self.settings
        connecting = loop.create_task(dial(settings, partial(self._new_connection, bind)))
        await _first(connecting, stop, settings.connect_s)
        if not connecting.done():
            connecting.cancel()
            reason = "stopped" if stop.is_set() else "no answer"
        elif (error := connecting.exception()) is None:
            return connecting.result()
        elif isinstance(error, OSError):
            reason = str(error) or "no answer"
        else:
            raise error
        self._happened(LinkEvent.NOT_CONNECTED, reason)
        log.warning("link.not_connected", link=settings.name, reason=reason)
        return None

    def _new_connection(self, bind: Command) -> Connection:
        connection = Connection(self.settings, bind, self._hooks)
        connection.session.trace_with(self._shown if self._followers else None)
        return connection

    async def _stay(self, connection: Connection, stop: asyncio.Event) -> None:
        await _first(connection.closed, stop, None)
        if not connection.closed.done():
            if connection.bound:
                self._happened(LinkEvent.UNBINDING)
                log.info("link.unbinding", link=self.settings.name)
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
