"""Statements over the network: whole, or none, and nobody waits for them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Final

import pytest
from yarl import URL

from smsgw.domain.statement import NoStatement, Statement, StatementLine
from smsgw.providers.http import HttpClient, Lane, Request
from smsgw.providers.statements import STATEMENT_BYTES_MAX, json_statement

# Long for a busy machine; what has to end at a deadline gets a short one.
DEADLINE_S: Final = 20.0
BODY: Final = b'{"payments":[' + b",".join(b'{"id":%d,"sum":500000}' % number for number in range(5_000)) + b"]}"
LINES: Final = tuple(StatementLine(number, str(number), 500_000) for number in range(5_000))
WHOLE: Final = Statement(LINES, hashlib.sha256(BODY).hexdigest())


def line_of(item: Mapping[str, object]) -> StatementLine | None:
    return StatementLine(int(str(item["id"])), str(item["id"]), int(str(item["sum"])))


def sized(body: bytes, head: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (head, size, body)


def chunked(body: bytes, size: int = 1000, end: bytes = b"0\r\n\r\n") -> bytes:
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + end


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient() as client:
        yield client.admit("127.0.0.1")


async def statement(
    http: HttpClient, answer: bytes, deadline_s: float = DEADLINE_S, *, cut: bool = True
) -> Statement | NoStatement:
    """Ask a server that answers with these bytes and then closes, or waits."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if not cut:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    request = Request("GET", URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"))
    async with listening:
        return await json_statement(Lane(http), request, deadline_s, "payments.item", line_of)


@pytest.mark.parametrize(
    "answer",
    [
        sized(BODY),
        chunked(BODY),
        chunked(BODY, 65_536),
        sized(gzip.compress(BODY), b"Content-Encoding: gzip\r\n"),
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    ],
    ids=["sized", "chunked", "large chunks", "gzip", "to the end"],
)
async def test_a_statement_is_whole_however_it_is_sent(http: HttpClient, answer: bytes) -> None:
    """The digest is that of the plain body."""
    assert await statement(http, answer) == WHOLE


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "ServerDisconnectedError"),
        (sized(BODY, length=len(BODY) + 1), "ContentLengthError"),
        (sized(BODY, length=len(BODY) - 1), "it is no strict JSON (IncompleteJSONError)"),
        (chunked(BODY, end=b""), "TransferEncodingError"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + BODY[:-1], "it is no strict JSON (IncompleteJSONError)"),
        (sized(BODY).replace(b"200 OK", b"206 Partial Content"), "HTTP 206"),
        (sized(BODY).replace(b"200 OK", b"500 Oops"), "HTTP 500"),
        (sized(BODY).replace(b"200 OK", b"302 Found\r\nLocation: /other"), "HTTP 302"),
        (
            sized(gzip.compress(BODY)[:-200], b"Content-Encoding: gzip\r\n"),
            "it is no strict JSON (IncompleteJSONError)",
        ),
        (
            sized(gzip.compress(b'{"payments":[' + b" " * STATEMENT_BYTES_MAX), b"Content-Encoding: gzip\r\n"),
            "one part of it is larger than any honest one",
        ),
    ],
    ids=["nothing", "short", "cut", "no last chunk", "short to the end", "206", "500", "302", "short gzip", "bomb"],
)
async def test_what_is_not_whole_is_no_statement(http: HttpClient, answer: bytes, why: str) -> None:
    assert await statement(http, answer) == NoStatement(why)


@pytest.mark.proves("F42")
async def test_a_statement_that_does_not_end_ends_at_the_deadline(http: HttpClient) -> None:
    assert await statement(http, sized(BODY, length=len(BODY) + 1), 0.2, cut=False) == NoStatement("TimeoutError")


async def test_a_statement_takes_turns_with_payments(http: HttpClient) -> None:
    """It is read in pieces of some milliseconds: whoever else wants to run gets a turn after each."""
    turns = 0

    async def payments() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(payments())
    met = await statement(http, sized(BODY))
    others.cancel()
    assert met == WHOLE
    assert turns > len(BODY) // 16_384
