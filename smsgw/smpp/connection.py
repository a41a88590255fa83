"""One SMPP session on one TCP connection: carries octets and time between the socket and the sans-IO session.

Rule 1: a deliver_sm is answered when its handler has ended, never before; what the handler cannot do now is answered
with the link's retry status.
Rule 2: all PDUs of one read are taken, then one write goes out.
Rule 3: a submit_sm whose answer does not come ends as "unknown", whatever ended the wait; whoever sent it is given the
answer that comes later.
"""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, cast

from smsgw.domain.sms import Ack
from smsgw.log import get_logger
from smsgw.smpp.constants import INTERFACE_VERSION, Command, Status
from smsgw.smpp.events import (
    BindRefused,
    Bound,
    Closed,
    CloseReason,
    Event,
    LateResponse,
    ProtocolFault,
    RequestExpired,
    RequestReceived,
    ResponseReceived,
    Unanswered,
)
from smsgw.smpp.latency import Latencies
from smsgw.smpp.link_settings import TLV_METHODS, LinkSettings
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.session import Session
from smsgw.smpp.states import SUBMITTING, Role, State
from smsgw.smpp.tlv import Tlvs
from smsgw.smpp.window import LATE_MAX

# At the end what is written may still be read by the peer; one that reads nothing must not hold the line for ever.
FAREWELL_S: Final = 5.0
# PDUs that lead to no commit (questions whether we live, faults) are not slowed down by commits; this many a second,
# and a burst of one second's worth, are more than any honest peer sends.
IDLE_RATE: Final = 1000.0
IDLE_BURST_S: Final = 1.0
# No pause for them is longer: the session's timers run on meanwhile, and answers wait unread behind a flood. A read
# brings 16,384 of them at most, a tenth of a second's work.
IDLE_PAUSE_S: Final = 1.0

Late = Callable[[Pdu], Coroutine[Any, Any, None]]
"""Takes an answer that came after its time-out."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a connection tells its link.

    `handle` takes a text or a receipt, `on_bound` says that a session is bound, `on_room` that more may be sent.
    The latencies are those of submit_sm until its answer, and of deliver_sm until ours.
    """

    handle: Callable[[Pdu], Awaitable[Ack]]
    on_bound: Callable[[], None]
    on_room: Callable[[], None]
    submits: Latencies = field(default_factory=Latencies)
    delivers: Latencies = field(default_factory=Latencies)


class Connection(asyncio.Protocol):
    """The owner of one `Session`; `closed` resolves when it is over."""

    def __init__(self, settings: LinkSettings, bind: Command, hooks: Hooks) -> None:
        self._settings = settings
        self._bind = bind
        self._hooks = hooks
        self._loop = asyncio.get_running_loop()
        self._session = Session(Role.ESME, settings.session, now_s=self._loop.time())
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._answers: dict[int, tuple[asyncio.Future[Pdu | None], Late | None]] = {}
        self._late: dict[int, Late] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flush_due = False
        self._reading = True
        self._peer_reads = True
        self._pdus_seen = 0
        self._idle_until_s = 0.0
        self._reserved = 0
        self.bind_status: int | None = None
        self.close_reason: CloseReason | None = None
        self._error: Exception | None = None
        self.closed: asyncio.Future[None] = self._loop.create_future()

    @property
    def room(self) -> int:
        """How many more turns may be given now; 0 while nothing may be submitted."""
        # More may be reserved than is free: a long text keeps a place for its next part while one is in flight.
        return max(0, self._session.window_free - self._reserved) if self.submits else 0

    @property
    def may_send(self) -> bool:
        """True while one more request fits into the window."""
        return self.submits and self._session.window_free > 0

    @property
    def submits(self) -> bool:
        """True while the session is bound in a way that texts may be submitted."""
        return self._session.state in SUBMITTING

    @property
    def understood(self) -> LinkSettings:
        """The link's settings, as far as this SMSC can follow them."""
        return self._settings if self._session.tlvs_allowed else self._settings.without_tlvs()

    @property
    def bound(self) -> bool:
        """True while the session is bound, whichever way."""
        return self._session.is_bound

    def reserve(self) -> None:
        """Keep one place of the window for a turn that was given; `release` ends that."""
        self._reserved += 1

    def release(self) -> None:
        """The turn has come, and is used at once or not at all."""
        self._reserved -= 1

    @property
    def session(self) -> Session:
        """For counters and states; only this class drives it."""
        return self._session

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bind at once."""
        self._transport = cast("asyncio.Transport", transport)
        settings = self._settings
        credentials: dict[str, FieldValue] = {
            "system_id": settings.system_id.encode("latin-1"),
            "password": settings.password.reveal().encode("latin-1"),
            "system_type": settings.system_type.encode("latin-1"),
            "interface_version": INTERFACE_VERSION,
        }
        self._session.request(self._bind, credentials, self._loop.time())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take every PDU of this read."""
        self._take(self._session.receive_data(data, self._loop.time()))

    @property
    def reason(self) -> str:
        """Why it ended, for people: the network's own words where it has some, such as a refused certificate."""
        if self._error is not None and not isinstance(self._error, ConnectionError):
            return str(self._error)
        if self.bind_status is None and self.close_reason is CloseReason.CONNECTION_LOST:
            return "closed_before_bind"
        return str(self.close_reason or "")

    def connection_lost(self, error: Exception | None) -> None:
        """Whatever is in flight now has an unknown outcome."""
        self._error = error
        self._take(self._session.connection_lost())
        if self._timer is not None:
            self._timer.cancel()
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, fields: dict[str, FieldValue], tlvs: Tlvs, late: Late | None) -> asyncio.Future[Pdu | None]:
        """Send one submit_sm; the answer, or None when none came in time: then *late* may get it. `may_send` holds."""
        sequence = self._session.request(Command.SUBMIT_SM, fields, self._loop.time(), tlvs)
        answer: asyncio.Future[Pdu | None] = self._loop.create_future()
        self._answers[sequence] = answer, late
        self._flush_soon()
        return answer

    def pause_writing(self) -> None:
        """The peer does not read what we write: until it does, it is not read either, or its answers would pile up."""
        self._peer_reads = False
        self._flush_soon()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self._peer_reads = True
        self._flush_soon()

    def unbind(self) -> None:
        """Leave in order: no new requests, answers both ways, unbind, close. What never bound just leaves."""
        if self._session.state is State.OPEN:
            self.abort()
        elif self._session.state is not State.CLOSED:
            self._session.unbind(self._loop.time())
            self._flush()

    def abort(self) -> None:
        """Leave at once."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            self._take_one(event)
        if self._session.pdus_read != self._pdus_seen:
            self._count_idle(events)
        self._flush()

    def _count_idle(self, events: list[Event]) -> None:
        """Account for what was read since the last time: texts and answers slow themselves down, the rest is timed."""
        carried = sum(isinstance(event, RequestReceived | ResponseReceived | LateResponse) for event in events)
        idle = self._session.pdus_read - self._pdus_seen - carried
        self._pdus_seen = self._session.pdus_read
        now_s = self._loop.time()
        paid_s = max(self._idle_until_s, now_s) + idle / IDLE_RATE
        self._idle_until_s = min(paid_s, now_s + IDLE_BURST_S + IDLE_PAUSE_S)

    def _take_one(self, event: Event) -> None:
        match event:
            case RequestReceived(pdu):
                self._serve(pdu)
            case ResponseReceived() | RequestExpired() | LateResponse() | Unanswered():
                self._take_outcome(event)
            case Bound():
                self._begin()
            case BindRefused(status):
                self.bind_status = status
                self.abort()
            case ProtocolFault(fault=fault, command_id=command_id, reason=reason):
                log.warning("link.fault", link=self._settings.name, fault=fault, command_id=command_id, reason=reason)
            case Closed(reason):
                self.close_reason = reason
            case _:
                pass

    def _take_outcome(self, event: ResponseReceived | RequestExpired | LateResponse | Unanswered) -> None:
        """What became of requests of ours."""
        match event:
            case ResponseReceived(pdu=pdu, request=request, latency_s=latency_s):
                self._hooks.submits.add(latency_s)
                self._resolve(request, pdu)
            case RequestExpired(request):
                self._expire(request)
            case LateResponse(pdu=pdu, request=request, latency_s=latency_s):
                self._hooks.submits.add(latency_s)
                if late := self._late.pop(request.sequence, None):
                    self._start(late(pdu))
            case Unanswered(requests):
                for request in requests:
                    self._resolve(request, None)

    def _begin(self) -> None:
        """Bound: whoever waits may send."""
        self.bind_status = Status.ESME_ROK
        name, way = self._settings.name, self._settings.long_texts
        log.info("link.bound", link=name)
        if way in TLV_METHODS and not self._session.tlvs_allowed:
            log.warning("link.no_tlvs", link=name, long_texts=way)
        self._hooks.on_bound()
        self._hooks.on_room()

    def _serve(self, pdu: Pdu) -> None:
        """Begin with a deliver_sm or data_sm: an SMSC may ask nothing else that the session does not answer itself."""
        self._start(self._handle_and_answer(pdu))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle_and_answer(self, pdu: Pdu) -> None:
        """Handle one text or receipt and answer it; a bug in handling is answered with the retry status too."""
        status, since_s = self._settings.retry_status, self._loop.time()
        try:
            if await self._hooks.handle(pdu) is Ack.DONE:
                status = Status.ESME_ROK
        except Exception:  # the supervised end of every inbound text: it must be answered whatever happens
            log.exception("link.handler_failed", link=self._settings.name)
        self._session.respond(pdu.sequence, status)
        self._hooks.delivers.add(self._loop.time() - since_s)
        self._flush_soon()

    def _expire(self, request: Pdu) -> None:
        """The answer may come still, as long as the session remembers the request."""
        _, late = self._answers[request.sequence]
        if late is not None:
            self._late[request.sequence] = late
            if len(self._late) > LATE_MAX:
                del self._late[next(iter(self._late))]
        self._resolve(request, None)

    def _resolve(self, request: Pdu, answer: Pdu | None) -> None:
        waiting, _ = self._answers.pop(request.sequence)
        if not waiting.done():
            waiting.set_result(answer)
        # After whoever waited for this answer: it may say that the whole link is to pause.
        self._loop.call_soon(self._hooks.on_room)

    def _flush_soon(self) -> None:
        """Write once for all answers of this turn of the loop."""
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._flush_due = False
        self._take(self._session.tick(self._loop.time()))

    def _flush(self) -> None:
        transport, session = self._transport, self._session
        if transport is None or transport.is_closing():
            return
        data = session.data_to_send()
        if data:
            transport.write(data)
        if session.state is State.CLOSED:
            transport.close()
            self._arm(self._loop.time() + FAREWELL_S, self.abort)
            return
        calm_at_s = self._idle_until_s - IDLE_BURST_S
        is_calm = calm_at_s <= self._loop.time()
        read_on = session.wants_data and self._peer_reads and is_calm
        if read_on is not self._reading:
            self._reading = read_on
            (transport.resume_reading if read_on else transport.pause_reading)()
        self._arm(min(session.next_deadline_s(), math.inf if is_calm else calm_at_s), self._on_timer)

    def _arm(self, deadline_s: float, then: Callable[[], None]) -> None:
        """One timer, at the session's next deadline or at the end of the farewell."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline_s < math.inf:
            self._timer = self._loop.call_at(deadline_s, then)

    def _on_timer(self) -> None:
        self._take(self._session.tick(self._loop.time()))


async def dial(settings: LinkSettings, make: Callable[[], Connection]) -> Connection:
    """Connect to the first of the SMSC's addresses that answers; a dead one gets its share of `connect_s`, not all.

    Raises:
        OSError: none did; of several reasons the first.
    """
    loop = asyncio.get_running_loop()
    addresses = await loop.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    name = settings.host if settings.tls else None
    errors: list[OSError] = []
    for *_, address in addresses:
        try:
            async with asyncio.timeout(settings.connect_s / len(addresses)):
                _, made = await loop.create_connection(
                    make, str(address[0]), settings.port, ssl=settings.tls, server_hostname=name
                )
                return made
        except OSError as error:
            errors.append(error)
    raise errors[0]
