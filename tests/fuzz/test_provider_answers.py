"""Whatever a provider answers, the adapters answer in the vocabulary, raise nothing, and refuse nothing by accident."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final

from hypothesis import given, settings, strategies as st
from yarl import URL

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Found,
    Kind,
    Order,
    Pending,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Money
from smsgw.providers.http import Completed, Exchange, HttpClient, Lane, Request
from smsgw.providers.osmp import Osmp
from smsgw.providers.profile import ProviderProfile
from smsgw.providers.reading import TEXT_LENGTH_MAX, json_object, shown, xml_response
from smsgw.providers.sarkor import Sarkor
from tests.fuzz.budget import cases

ORDER: Final = Order(1_234_567, ("25656",), Money(5_000_000, UZS), 1_795_289_389_000_000)
OSMP: Final = Osmp(ProviderProfile(name="a", protocol="osmp", url="https://a.uz"), HttpClient())
SARKOR: Final = Sarkor(
    ProviderProfile(
        name="b",
        protocol="sarkor",
        url="https://a.uz",
        login="l",
        secret="s",
        dialect={"refusals": {"-1": "other", "no account": "no_account"}},
    ),
    HttpClient(),
)
PAY: Final[Mapping[str, str]] = OSMP.parameters(Kind.PAY, ORDER) or {}
GOOD_XML: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?><response><osmp_txn_id>1234567</osmp_txn_id><prv_txn>2016</prv_txn>'
    b"<sum>50000.00</sum><result>0</result><comment>OK</comment></response>"
)
GOOD_JSON: Final = b'{"status": 1, "message": "2016"}'

VERBS: Final = st.sampled_from([Verb.CHECK, Verb.PAY])
STATUSES: Final = st.sampled_from([200, 200, 200, 404, 422]) | st.integers(100, 599)
CONTENT_TYPES: Final = st.sampled_from(["", "text/xml", "text/xml; charset=windows-1251"]) | st.text(max_size=40)
XML_PIECES: Final = st.sampled_from(
    [
        "<response>", "</response>", "<result>", "</result>", "0", "5", "-1", " ", "<osmp_txn_id>", "</osmp_txn_id>",
        "1234567", "<sum>", "</sum>", "50000.00", "<!DOCTYPE x>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&x;",
        "<?xml version='1.0' encoding='cp1251'?>", "<fields>", "</fields>", '<f name="FIO">', "</f>", "\x00", "я",
    ]
)  # fmt: skip
JSON_PIECES: Final = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"status"', '"message"', "1", "0", "-1", "NaN", "null", "true", '"no account"', "é"]
)


def mutated(good: bytes) -> st.SearchStrategy[bytes]:
    """A good body with a cut, a hole and a few octets of noise."""

    def apply(parts: tuple[int, int, bytes]) -> bytes:
        start, length, noise = parts
        return good[:start] + noise + good[start + length :]

    return st.tuples(st.integers(0, len(good)), st.integers(0, len(good)), st.binary(max_size=8)).map(apply)


XML_BODIES: Final = (
    st.binary(max_size=400) | mutated(GOOD_XML) | st.lists(XML_PIECES, max_size=20).map(lambda p: "".join(p).encode())
)
JSON_BODIES: Final = (
    st.binary(max_size=400) | mutated(GOOD_JSON) | st.lists(JSON_PIECES, max_size=16).map(lambda p: "".join(p).encode())
)
OF_A_VERB: Final = {
    Verb.CHECK: (Found, Refused, Pending, Unknown),
    Verb.PAY: (Accepted, Refused, Pending, Unknown),
}


def is_answer(verb: Verb, answer: Answer) -> bool:
    texts = [str(getattr(answer, name, "")) for name in ("name", "provider_reference", "alarm", "code", "why")]
    return isinstance(answer, OF_A_VERB[verb]) and all(text.isprintable() for text in texts)


@cases(600)
@given(verb=VERBS, status=STATUSES, content_type=CONTENT_TYPES, body=XML_BODIES)
def test_osmp_answers_to_every_body(verb: Verb, status: int, content_type: str, body: bytes) -> None:
    answer = OSMP.read(verb, PAY, Completed(status, content_type, body))
    assert is_answer(verb, answer)
    if not isinstance(answer, Unknown):
        assert status < 500
        assert re.search(rb"<response", body)
        assert re.search(rb"</response", body)


@cases(600)
@given(verb=VERBS, status=STATUSES, body=JSON_BODIES)
def test_sarkor_answers_to_every_body(verb: Verb, status: int, body: bytes) -> None:
    answer = SARKOR.read(verb, Completed(status, "", body))
    assert is_answer(verb, answer)
    if not isinstance(answer, Unknown):
        assert status < 500
        assert b'"status"' in body
    if verb is Verb.PAY and isinstance(answer, Refused):
        assert b"-1" in body or b"no account" in body


@cases(300)
@given(body=st.binary(max_size=400), content_type=CONTENT_TYPES)
def test_readers_read_or_do_not(body: bytes, content_type: str) -> None:
    assert isinstance(json_object(body), dict | None)
    assert isinstance(xml_response(body, content_type), dict | None)


@cases(300)
@given(text=st.text(st.characters(), max_size=200))
def test_shown_text_is_one_short_printable_line_that_any_store_takes(text: str) -> None:
    line = shown(text)
    assert len(line) <= TEXT_LENGTH_MAX
    assert line.isprintable()
    assert line.encode("utf-8")[:0] == b""


HEADS: Final = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 500 X\r\n", b"Content-Length: 4\r\n", b"\r\n",
        b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"4\r\nbody\r\n",
        b"Content-Encoding: deflate\r\n", b"0\r\n\r\n", b"Connection: close\r\n", b"Set-Cookie: a=\x01;;=\r\n",
        b"Location: ::::\r\n", b"body", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n", b"Content-Type: \xff\r\n",
    ]
)  # fmt: skip
WIRE: Final = st.lists(HEADS, max_size=10).map(b"".join) | st.binary(max_size=200)


async def met_with(wires: list[bytes]) -> list[Exchange]:
    """Make an exchange for each wire, with a server that sends it after the request and closes."""
    left = list(wires)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    async with listening, HttpClient() as http:
        lane = Lane(http)
        return [await lane.exchange(Request("GET", url), 5.0, lambda: True) for _ in wires]


@settings(max_examples=12, deadline=None)
@given(wires=st.lists(WIRE, min_size=20, max_size=20))
def test_http_of_every_kind_is_completed_or_unknown(wires: list[bytes]) -> None:
    """After the request was read nothing is NotSent, nothing is sent again (the list would run dry), nothing raises."""
    for met in asyncio.run(met_with(wires)):
        assert isinstance(met, Completed | Unknown)
