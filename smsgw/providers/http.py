"""One HTTP exchange with a provider, and the certainty that it happened at most once.

Rule 1: there is one gate, asked after connecting and before the first byte. What fails before it is `NotSent`, what
fails after it is `Unknown`; no list of error types has to be kept for that.
Rule 2: an exchange is never repeated once its gate was passed. aiohttp sends GET, PUT and DELETE a second time by
itself when a connection breaks (client.py, `retry_persistent_connection`); `_send_once` turns the errors that
make it do so into our own.
Rule 3: whatever the network or the peer does, the caller gets a value and never an exception.
Rule 4: one connection, one exchange. On a kept connection a second answer to the payment before would be taken for
the answer to this one.
Rule 5: only hosts of profiles are called, at addresses that their profiles allow (`hosts`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace, TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.http import HttpProcessingError
from tenacity import RetryCallState, retry, retry_if_exception_type, stop_after_attempt
from yarl import URL

from smsgw.domain.calls import NotSent, Unknown
from smsgw.providers.addresses import IPNetwork
from smsgw.providers.hosts import AllowedHosts, AllowedResolver, HostNotAllowed
from smsgw.providers.retry_after import retry_after_s

# Enough for a handshake across a continent with two lost packets; a provider that needs longer is down.
CONNECT_DEADLINE_S: Final = 5.0
# One more try mends a lost DNS packet or a full listen queue; the durable schedule does the rest.
CONNECT_TRIES_MAX: Final = 2
CONNECT_RETRY_AFTER_S: Final = 0.2
# Billings are small machines (OSMP speaks of 10 to 15 connections); where nothing else was agreed we stay below.
PARALLEL: Final = 8
# Waiting costs the deadline of the exchange; a queue this long means that the provider is slow for everybody.
PLACE_WAIT_S: Final = 2.0
# An answer is a few hundred bytes. This is after decompression, so that a small bomb stays small.
BODY_BYTES_MAX: Final = 64 * 1024
PIECE_BYTES: Final = 8 * 1024
# The names of providers rarely move; a minute spares the resolver without sending payments to a dead address.
DNS_CACHE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. The URL is taken as it is, already percent-encoded; header values may hold credentials."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Completed:
    """A whole answer: the status, the Content-Type header ("" = none) and the body, decompressed.

    `retry_after_s`: what Retry-After asks for, in seconds, at most RETRY_AFTER_S_MAX; 0 = nothing.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after_s: int = 0


Exchange = Completed | NotSent | Unknown
# Reads an answer whose headers are there.
Read = Callable[[aiohttp.ClientResponse], Awaitable[Completed | Unknown]]


class MayNotSend(Exception):  # noqa: N818 -- a decision of the caller, not an error
    """The caller's `may_send` said no, after connecting and before the first byte."""


class ConnectionLost(Exception):  # noqa: N818 -- what happened to the connection, in aiohttp's own naming
    """The connection broke during the exchange. Not one of the errors that aiohttp repeats a request for."""


# All that a network and a peer can do to an exchange. HttpProcessingError is what aiohttp's parser leaves on a body.
FAILURES: Final = (
    MayNotSend,
    HostNotAllowed,
    ConnectionLost,
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,
    TimeoutError,
)

# Both come from connecting alone, so the gate has not been asked yet.
NOT_CONNECTED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class _Gate:
    """The moment between connecting and the first byte of one exchange."""

    __slots__ = ("_may_send", "passed")

    def __init__(self, may_send: Callable[[], bool]) -> None:
        self._may_send = may_send
        self.passed = False

    def enter(self) -> None:
        if not self._may_send():
            raise MayNotSend
        self.passed = True

    def outcome(self, failure: BaseException) -> NotSent | Unknown:
        if isinstance(failure, HostNotAllowed):
            return NotSent(str(failure), alarm=True)
        # Names only: the texts of some errors hold the whole URL, and with it the account.
        why = failure if isinstance(failure, TimeoutError) else failure.__cause__ or failure
        name = type(why).__name__
        return Unknown(name) if self.passed else NotSent(name)


async def _enter_gate(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
) -> None:
    gate: _Gate = context.trace_request_ctx
    gate.enter()


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLost from error


async def _breathe(_: RetryCallState) -> None:
    await asyncio.sleep(CONNECT_RETRY_AFTER_S)


@dataclass(slots=True, eq=False)
class HttpClient:
    """The connections to all providers; an asynchronous context manager. Protocols get theirs from `admit`.

    No cookies, no redirects, no proxy from the environment, certificates verified: by `tls`, or by the system's
    authorities.
    """

    hosts: AllowedHosts = field(default_factory=AllowedHosts)
    tls: ssl.SSLContext | None = None
    session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # aiohttp names this hook after the headers, and calls it just before it writes them (ClientRequest.send):
        # a connection that is not wanted any more is closed there.
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_enter_gate)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # each provider's own limit is kept by its Lane
                resolver=AllowedResolver(self.hosts),
                ttl_dns_cache=DNS_CACHE_S,
                force_close=True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "smsgw"},
            middlewares=(_send_once,),
            read_bufsize=PIECE_BYTES,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_DEADLINE_S),
            trace_configs=[trace],
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.session is not None:
            await self.session.close()

    def admit(self, host: str, networks: Sequence[IPNetwork] = (), tls: ssl.SSLContext | None = None) -> HttpClient:
        """The client for one provider: these connections, its host, its networks, its TLS."""
        self.hosts.admit(host, networks)
        return replace(self, tls=tls)

    async def send(self, request: Request, gate: _Gate, read: Read) -> Completed | Unknown:
        """Send a request and read its answer. Raises one of FAILURES; only a `Lane` calls this."""
        self.hosts.check(request.url.host or "")
        try:
            return await self._send(request, gate, read)
        except NOT_CONNECTED:
            return await self._send_again(request, gate, read)

    # Apart from `send`: tenacity costs 90 microseconds a call, and hardly any exchange needs a second try.
    @retry(
        before=_breathe,
        stop=stop_after_attempt(CONNECT_TRIES_MAX - 1),
        retry=retry_if_exception_type(NOT_CONNECTED),
        reraise=True,
    )
    async def _send_again(self, request: Request, gate: _Gate, read: Read) -> Completed | Unknown:
        return await self._send(request, gate, read)

    async def _send(self, request: Request, gate: _Gate, read: Read) -> Completed | Unknown:
        assert self.session is not None, "the client is used outside of its `async with`"
        async with self.session.request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
            ssl=self.tls or True,
            trace_request_ctx=gate,
        ) as response:
            return await read(response)


class Lane:
    """The way to one provider: a bounded number of exchanges at a time, each within its deadline."""

    def __init__(self, http: HttpClient, parallel_max: int = PARALLEL) -> None:
        self._http = http
        self._places = asyncio.Semaphore(parallel_max)

    async def exchange(self, request: Request, deadline_s: float, may_send: Callable[[], bool]) -> Exchange:
        """Make one exchange. The deadline covers the wait for a place, connecting, and the last byte of the answer."""
        return await self._exchange(request, deadline_s, _Gate(may_send), _whole)

    async def stream(self, request: Request, deadline_s: float, take: Callable[[bytes], None]) -> Exchange:
        """Make one exchange that credits nothing, and hand its body on in pieces instead of keeping it.

        Only the body of a 200 is read, decompressed. What *take* raises ends the exchange and comes out here.
        """
        return await self._exchange(request, deadline_s, _Gate(_always), _in_pieces(take))

    async def _exchange(self, request: Request, deadline_s: float, gate: _Gate, read: Read) -> Exchange:
        try:
            async with asyncio.timeout(deadline_s):
                async with asyncio.timeout(PLACE_WAIT_S):
                    await self._places.acquire()
                try:
                    return await self._http.send(request, gate, read)
                finally:
                    self._places.release()
        except FAILURES as failure:
            return gate.outcome(failure)


def _always() -> bool:
    return True


async def _whole(response: aiohttp.ClientResponse) -> Completed | Unknown:
    """Read in pieces, and no further than the limit."""
    body = bytearray()
    async for piece in response.content.iter_chunked(PIECE_BYTES):
        body += piece
        if len(body) > BODY_BYTES_MAX:
            response.close()
            return Unknown("the answer is larger than any honest one", alarm=True)
    return _completed(response, bytes(body))


def _in_pieces(take: Callable[[bytes], None]) -> Read:
    async def read(response: aiohttp.ClientResponse) -> Completed:
        if response.status != 200:
            response.close()
            return _completed(response, b"")
        async for piece in response.content.iter_chunked(PIECE_BYTES):
            take(piece)
            await asyncio.sleep(0)  # what has arrived is read without a pause, and payments are waiting for theirs
        return _completed(response, b"")

    return read


def _completed(response: aiohttp.ClientResponse, body: bytes) -> Completed:
    headers = response.headers
    wait_s = retry_after_s(headers.get("Retry-After", ""), datetime.now(UTC))
    return Completed(response.status, headers.get("Content-Type", ""), body, wait_s)
