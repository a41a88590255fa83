"""The provider's HTTP client against servers that break every rule: what was sent, how often, and what it is called."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import pytest
from yarl import URL

from smsgw.domain.calls import NotSent, Unknown
from smsgw.providers.http import BODY_BYTES_MAX, Completed, Exchange, HttpClient, Lane, Request
from tests.contract.billings import DEADLINE_S, Clock
from tests.ports import free_port

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nok"
COMPLETED: Final = Completed(200, "text/xml", b"ok")


class RawServer:
    """Reads one request at a time and answers with the next script; None cuts the connection without a byte.

    The last script is used for ever. Bytes of a script are sent as they are; the connection stays open after them.
    """

    def __init__(self, *scripts: bytes | None) -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self.connections = 0
        self.cut_after_answer = False
        self.clock: Clock | None = None
        """The deadline of a client that waits for more than the script is jumped over."""
        self.host = "127.0.0.1"
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                if script is None:
                    break
                writer.write(script)
                await writer.drain()
                if self.clock is not None:
                    self.clock.end_waiting()
                if self.cut_after_answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def lane() -> AsyncIterator[Lane]:
    async with HttpClient() as http:
        http.admit("localhost")
        yield Lane(http.admit("127.0.0.1"))


async def exchange(lane: Lane, server: RawServer, method: str = "GET", times: int = 1) -> list[Exchange]:
    """Start the server, make that many exchanges one after the other, and stop it."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    url = URL(f"http://{server.host}:{server.port}/osmp?sum=1%2B1", encoded=True)
    async with listening:
        return [await lane.exchange(Request(method, url), DEADLINE_S, lambda: True) for _ in range(times)]


async def against(
    lane: Lane, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], times: int = 1
) -> list[Exchange]:
    """The same with a server of one's own."""
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    request = Request("POST", URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"), body=b"pay")
    met = []
    async with listening:
        for _ in range(times):
            met.append(await lane.exchange(request, DEADLINE_S, lambda: True))
            await asyncio.sleep(0.02)
    return met


async def test_an_answer_is_whole_and_the_url_goes_out_as_it_stands(lane: Lane) -> None:
    server = RawServer(OK)
    assert await exchange(lane, server) == [COMPLETED]
    (request,) = server.requests
    assert request.startswith(b"GET /osmp?sum=1%2B1 HTTP/1.1\r\n")
    assert b"User-Agent: smsgw\r\n" in request
    assert b"Connection: close\r\n" in request


@pytest.mark.proves("F35")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_connection_that_breaks_after_the_request_is_not_tried_again(lane: Lane, method: str) -> None:
    """Aiohttp itself would send GET, PUT and DELETE a second time here, and the payment with it."""
    server = RawServer(OK, None)
    assert await exchange(lane, server, method, times=2) == [COMPLETED, Unknown("ServerDisconnectedError")]
    assert len(server.requests) == 2


@pytest.mark.proves("A78")
async def test_an_answer_too_many_is_never_the_answer_to_the_next_request(lane: Lane) -> None:
    """On a kept connection, what comes late or twice would be read as the next payment's answer."""
    second = OK.replace(b"ok", b"no")

    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"pay")
                writer.write(OK)
                await writer.drain()
                await asyncio.sleep(0.01)
                writer.write(second)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    assert await against(lane, twice, times=3) == [COMPLETED] * 3


async def test_a_no_before_the_first_byte_sends_not_one_byte(lane: Lane) -> None:
    """The connection stands, the server has read nothing, and it is closed."""
    received = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.set_result(await reader.read())
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        request = Request("POST", URL(f"http://127.0.0.1:{port}/"), body=b"pay")
        assert await lane.exchange(request, DEADLINE_S, lambda: False) == NotSent("MayNotSend")
        assert await asyncio.wait_for(received, DEADLINE_S) == b""


def packed(plain: bytes, coding: bytes = b"gzip") -> bytes:
    body = gzip.compress(plain, mtime=0) if coding == b"gzip" else zlib.compress(plain)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    return head + body


def sized(length: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, b"x" * length)


TOO_LARGE: Final = Unknown("the answer is larger than any honest one", alarm=True)


@pytest.mark.proves("I25", "F41", "F44")
@pytest.mark.parametrize(
    ("script", "met"),
    [
        (sized(0), Completed(200, "", b"")),
        (sized(BODY_BYTES_MAX), Completed(200, "", b"x" * BODY_BYTES_MAX)),
        (sized(BODY_BYTES_MAX + 1), TOO_LARGE),
        (sized(8_000_000), TOO_LARGE),
        (packed(b"ok"), Completed(200, "", b"ok")),
        (packed(b"0" * BODY_BYTES_MAX), Completed(200, "", b"0" * BODY_BYTES_MAX)),
        (packed(b"0" * (BODY_BYTES_MAX + 1)), TOO_LARGE),
        (packed(b"0" * 50_000_000), TOO_LARGE),
        (packed(b"ok", b"deflate"), Completed(200, "", b"ok")),
        (packed(b"0" * 50_000_000, b"deflate"), TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", Completed(200, "", b"ok")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + OK, Completed(200, "", b"ok")),
        (b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", Completed(302, "", b"")),
        (b"HTTP/1.1 307 Same\r\nLocation: http://a.example/\r\nContent-Length: 0\r\n\r\n", Completed(307, "", b"")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Completed(204, "", b"")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, COMPLETED),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, COMPLETED),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nok", Completed(101, "", b"")),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Completed(200, "", b"ok")),
        (b"HTTP/1.1 200 OK\r\nX: a\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", Completed(200, "", b"", 7)),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n", Completed(503, "", b"", 600)),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", Completed(429, "", b"", 0)),
    ],
)
async def test_answers_of_every_size_are_whole_or_unknown(lane: Lane, script: bytes, met: Exchange) -> None:
    """The limit holds after decompression; redirects are answers and are not followed."""
    server = RawServer(script)
    assert await exchange(lane, server) == [met]
    assert len(server.requests) == 1


@pytest.mark.proves("F41", "A78")
@pytest.mark.parametrize(
    "script",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 18 + b"\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokno0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\rX: a\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"<response><result>0</result></response>",
        b"\x00\xff\r\n\r\n",
        b"\r\n\r\n",
    ],
)
@pytest.mark.parametrize("cut", [True, False])
async def test_what_is_no_whole_http_answer_is_unknown(lane: Lane, script: bytes, *, cut: bool) -> None:
    """Short bodies, bad chunks, smuggling, bombs that do not unpack, endless headers, no HTTP at all."""
    server = RawServer(script)
    server.cut_after_answer, server.clock = cut, Clock()
    (met,) = await exchange(lane, server)
    assert isinstance(met, Unknown)
    assert len(server.requests) == 1


@pytest.mark.proves("F42")
@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
    ],
)
async def test_a_drop_a_moment_ends_at_the_deadline_of_the_whole(lane: Lane, start: bytes, drop: bytes) -> None:
    """The deadline is for the exchange and not for each read: headers, pieces and hints may drip as they like."""
    clock = Clock()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        try:
            while not writer.is_closing():
                writer.write(drop)
                await writer.drain()
                clock.skip(DEADLINE_S / 20)
                await asyncio.sleep(0.002)
        except ConnectionError:
            pass
        finally:
            writer.close()

    started_s = asyncio.get_running_loop().time()
    (met,) = await against(lane, drip)
    assert isinstance(met, Unknown)
    assert asyncio.get_running_loop().time() - started_s < 2 * DEADLINE_S


async def test_an_answer_before_the_whole_request_is_an_answer(lane: Lane) -> None:
    """A server may refuse what it has not read to its end; what it says is judged as every answer is."""

    async def hasty(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        writer.close()

    assert await against(lane, hasty) in ([COMPLETED], [Unknown("ClientOSError")])


@pytest.mark.proves("A78")
async def test_cookies_are_not_kept(lane: Lane) -> None:
    server = RawServer(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n", 1))
    server.host = "localhost"  # a jar would not keep a cookie of a bare address anyway
    await exchange(lane, server, times=2)
    assert len(server.requests) == 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.proves("A77")
async def test_a_proxy_in_the_environment_is_not_used(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await exchange(lane, RawServer(OK)) == [COMPLETED]


@pytest.mark.proves("F34")
async def test_a_refused_connection_is_not_sent(lane: Lane) -> None:
    asked: Sequence[None] = []
    request = Request("GET", URL(f"http://127.0.0.1:{free_port()}/"))
    assert await lane.exchange(request, DEADLINE_S, lambda: bool(asked)) == NotSent("ConnectionRefusedError")


@pytest.mark.proves("F34")
async def test_a_name_that_does_not_resolve_is_not_sent(lane: Lane) -> None:
    """`.invalid` never resolves (RFC 6761, 6.4), with a resolver or without."""
    request = Request("GET", URL("https://billing.invalid/"))
    met = await lane.exchange(request, 10.0, lambda: True)
    assert isinstance(met, NotSent)


@pytest.mark.proves("F34")
async def test_a_failed_handshake_is_not_sent_and_tried_twice_at_most(lane: Lane) -> None:
    """Plain text where TLS is expected: two connections, and never the request."""
    connections = 0

    async def no_tls(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(OK)
        writer.close()

    listening = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    url = URL(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    async with listening:
        met = await lane.exchange(Request("GET", url), 10.0, lambda: True)
    assert met == NotSent("SSLError")
    assert connections == 2
