"""Statements that are read as they arrive: whole and strict, or none."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from yarl import URL

from smsgw.domain.calls import NotSent, Unknown
from smsgw.domain.statement import NoStatement, Statement, StatementLine
from smsgw.providers.http import Completed, Exchange, HttpClient, Lane, Request
from smsgw.providers.statements import (
    DEPTH_MAX,
    PART_BYTES_MAX,
    STATEMENT_BYTES_MAX,
    NotStrictError,
    StatementReader,
    json_statement,
)

PATH = "result.transactions.item"


def line_of(item: Mapping[str, object]) -> StatementLine | None:
    """A protocol's own: credited is state 2."""
    if item["state"] != 2:
        return None
    return StatementLine(int(str(item["id"])), str(item["id"]), int(str(item["amount"])))


def read(body: bytes, piece_size: int = 8192) -> Statement:
    reader = StatementReader(PATH, line_of)
    for at in range(0, len(body), piece_size):
        reader.feed(body[at : at + piece_size])
    return reader.statement()


def statement(*items: str, rest: str = "") -> bytes:
    return ('{"jsonrpc":"2.0","id":7,"result":{"transactions":[' + ",".join(items) + "]}" + rest + "}").encode()


PAID = '{"id":"77","state":2,"amount":500000,"account":{"login":"ali77"},"receivers":null}'
CANCELLED = '{"id":"78","state":-2,"amount":500000}'


@pytest.mark.parametrize("piece_size", [1, 7, 8192])
def test_lines_are_what_is_credited_and_the_digest_is_of_the_whole_body(piece_size: int) -> None:
    """However the network cuts it."""
    body = statement(PAID, CANCELLED, '{"state": 2, "id": "79", "amount": 1}')
    assert read(body, piece_size) == Statement(
        (StatementLine(77, "77", 500_000), StatementLine(79, "79", 1)), hashlib.sha256(body).hexdigest()
    )


@pytest.mark.parametrize(
    "body",
    [
        statement(),
        statement(rest=',"error":null'),
        b'{"result":{"status":"0","transactions":[]}}',
        b'{"result":{"status":0,"transactions":[]}}',
        b"\xef\xbb\xbf" + statement(),
        b" \n" + statement() + b"\r\n\t ",
        b'{"error":null,"result":{"count":0,"transactions":[],"next":[{"transactions":[1]}]}}',
        b'{"a.b":{"transactions":[1]},"result":{"transactions":[]}}',
    ],
)
def test_a_day_without_payments_is_a_statement(body: bytes) -> None:
    assert read(body) == Statement((), hashlib.sha256(body).hexdigest())


def deep(levels: int) -> str:
    return '{"id":"7","state":0,"a":' + "[" * levels + "]" * levels + "}"


NOT_STRICT = {
    "nothing": b"",
    "blank": b"  ",
    "cut off": statement(PAID)[:-1],
    "cut off in an item": statement(PAID)[:-10],
    "an error object": b'{"jsonrpc":"2.0","id":7,"error":{"code":-32504,"message":"no"}}',
    "an error beside the list": statement(PAID, rest=',"error":{"code":1}'),
    "the code of an error beside an empty list": b'{"result":{"status":"102","transactions":[]}}',
    "the code of an error as a number": b'{"result":{"status":412,"transactions":[]}}',
    "an error that is false": statement(PAID, rest=',"error":false'),
    "an error before the list": b'{"error":"off","result":{"transactions":[]}}',
    "an incomplete one": statement(PAID, rest=',"complete":false'),
    "one of doubtful completeness": statement(PAID, rest=',"complete":"yes"'),
    "no list": b'{"result":{}}',
    "no list but null": b'{"result":{"transactions":null}}',
    "no list but an object": b'{"result":{"transactions":{"item":[]}}}',
    "a list elsewhere": b'{"transactions":[]}',
    "a list deeper": b'{"result":{"result":{"transactions":[]}}}',
    "a list in a list": b'{"result":[{"transactions":[]}]}',
    "a key with a dot": b'{"result.transactions":[]}',
    "a list at the top": b'[{"result":{"transactions":[]}}]',
    "a bare list": b"[]",
    "a number": b"7",
    "html": b"<html><body>Bad gateway</body></html>",
    "a second document": statement() + statement(),
    "garbage after it": statement() + b"x",
    "a NUL after it": statement() + b"\0",
    "a key twice in an item": statement('{"id":"77","id":"78","state":2,"amount":1}'),
    "a key twice inside an item": statement('{"id":"7","state":2,"amount":1,"account":{"a":1,"a":2}}'),
    "a key twice around": b'{"result":{"transactions":[]},"result":{"transactions":[]}}',
    "a list twice": b'{"result":{"transactions":[],"transactions":[]}}',
    "an item that is a number": statement("7"),
    "an item that is null": statement(PAID, "null"),
    "an item that is a list": statement("[]"),
    "an item that cannot be read": statement(PAID, '{"id":"78","state":2,"amount":"free"}'),
    "an item with another id": statement('{"id":"abc","state":2,"amount":1}'),
    "NaN": statement('{"id":"78","state":2,"amount":NaN}'),
    "Infinity": statement('{"id":"78","state":2,"amount":-Infinity}'),
    "a number beyond all": statement('{"id":"78","state":0,"fee":1e999}'),
    "a number beyond Decimal": statement('{"id":"78","state":2,"amount":1e99999999999999999999}'),
    "a number beyond int": statement('{"id":"78","state":2,"amount":' + "9" * 5_000 + "}"),
    "a number with a zero before it": statement('{"id":"78","state":2,"amount":01}'),
    "a comment": statement("/* none */"),
    "a comma too many": statement(PAID + ","),
    "other quotes": b"{'result':{'transactions':[]}}",
    "a lone low surrogate": statement('{"id":"77","state":2,"amount":1,"a":"\\ude00"}'),
    "a charset": statement(PAID).replace(b"ali77", b"\xc0\xeb\xe8"),
    "a raw NUL": statement(PAID).replace(b"ali77", b"a\0b"),
    "an overlong slash": statement(PAID).replace(b"ali77", b"\xc0\xaf"),
    "utf-16": statement(PAID).decode().encode("utf-16"),
    "too deep": statement(deep(DEPTH_MAX - 3)),
    "far too deep": statement(deep(100_000)),
    "deep around": b'{"a":' * 100_000,
    "a huge token": statement('{"id":"' + "7" * PART_BYTES_MAX + '"}'),
    "a huge item": statement('{"a":[' + "1," * PART_BYTES_MAX + "1]}"),
    "much around it": b" " * PART_BYTES_MAX + statement(),
    "much after it": statement() + b" " * PART_BYTES_MAX,
}


@pytest.mark.parametrize("body", NOT_STRICT.values(), ids=NOT_STRICT.keys())
@pytest.mark.parametrize("piece_size", [1, 8192])
def test_what_is_not_whole_and_strict_is_no_statement(body: bytes, piece_size: int) -> None:
    with pytest.raises(NotStrictError):
        read(body, piece_size if len(body) < 10_000 else 8192)


def test_the_deepest_that_is_read() -> None:
    """Result, list, item and DEPTH_MAX - 4 lists in it."""
    assert read(statement(deep(DEPTH_MAX - 4))).lines == ()


def test_a_lone_high_surrogate_makes_no_reference_of_ours() -> None:
    """The parser reads it as a question mark; ours have digits only."""
    item = '{"id":"\\ud800","state":2,"amount":1}'
    with pytest.raises(NotStrictError):
        read(statement(item))


def bodies(size: int) -> Iterator[bytes]:
    """A statement of at least *size* bytes, without ever making it whole."""
    yield b'{"result":{"transactions":['
    item = (CANCELLED + ",").encode() * 100
    for _ in range(size // len(item) + 1):
        yield item
    yield CANCELLED.encode() + b"]}}"


def test_memory_stays_small_whatever_the_size() -> None:
    """Two megabytes of payments that are not credited pass through a tenth of that."""
    reader = StatementReader(PATH, line_of)
    tracemalloc.start()
    try:
        for piece in bodies(2_000_000):
            reader.feed(piece)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reader.statement().lines == ()
    assert peak < 200_000


def test_a_statement_beyond_the_limit_is_none() -> None:
    """Counted in what is read, not in what a server announces."""
    reader = StatementReader(PATH, lambda _item: None)
    before, item, after = b'{"result":{"transactions":[', b'{"a":"' + b"x" * 65_528 + b'"},', b"{}]}}"
    reader.feed(before)
    for _ in range(STATEMENT_BYTES_MAX // len(item) - 1):
        reader.feed(item)
    reader.feed(after.rjust(STATEMENT_BYTES_MAX - reader._size))
    assert reader.statement().lines == ()
    with pytest.raises(NotStrictError, match="it is larger than any honest one"):
        reader.feed(b" ")


class Answers(Lane):
    """A lane whose exchange ends as it is told, after these pieces."""

    def __init__(self, exchange: Exchange, *pieces: bytes) -> None:
        super().__init__(HttpClient())
        self._answer, self._pieces = exchange, pieces

    async def stream(self, _request: Request, _deadline_s: float, take: object) -> Exchange:
        assert callable(take)
        for piece in self._pieces:
            take(piece)
        return self._answer


REQUEST = Request("POST", URL("https://a.uz"))
DONE = Completed(200, "application/json", b"")


@pytest.mark.parametrize(
    ("lane", "why"),
    [
        (Answers(NotSent("ConnectionRefusedError")), "ConnectionRefusedError"),
        (Answers(Unknown("TimeoutError"), statement()), "TimeoutError"),
        (Answers(Unknown("ClientPayloadError"), statement()), "ClientPayloadError"),
        (Answers(Completed(302, "", b"")), "HTTP 302"),
        (Answers(Completed(204, "", b"")), "HTTP 204"),
        (Answers(Completed(500, "", b"")), "HTTP 500"),
        (Answers(DONE), "it is no strict JSON (IncompleteJSONError)"),
        (Answers(DONE, b'{"error":{"code":-32504}}'), "the provider answered with an error"),
        (Answers(DONE, statement("7")), "an item is no object"),
    ],
)
async def test_no_statement_says_why(lane: Lane, why: str) -> None:
    assert await json_statement(lane, REQUEST, 1.0, PATH, line_of) == NoStatement(why)


async def test_a_good_exchange_is_a_statement() -> None:
    body = statement(PAID)
    met = await json_statement(Answers(DONE, body[:50], body[50:]), REQUEST, 1.0, PATH, line_of)
    assert met == Statement((StatementLine(77, "77", 500_000),), hashlib.sha256(body).hexdigest())


def test_numbers_are_exact() -> None:
    """The same in every item as in every other answer: int and Decimal, never float."""
    seen: list[object] = []

    def look(item: Mapping[str, object]) -> None:
        seen.append(item)

    reader = StatementReader("item", look)
    reader.feed(json.dumps([{"a": 2**63}]).encode()[:-1] + b',{"a":0.10,"b":1e3,"c":true}]')
    with pytest.raises(AssertionError):
        StatementReader("items", look)
    assert seen == [{"a": 2**63}, {"a": Decimal("0.10"), "b": Decimal(1000), "c": True}]
    assert reader.statement().lines == ()
