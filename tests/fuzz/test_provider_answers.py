"""Whatever a provider answers, the adapters answer in the vocabulary, raise nothing, and refuse nothing by accident."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st
from yarl import URL

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Found,
    Kind,
    NotSent,
    Order,
    Pending,
    Prepared,
    Question,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.domain.statement import NoStatement, Period, Statement
from smsgw.ports import Provider
from smsgw.providers.http import Completed, Exchange, HttpClient, Lane, Request
from smsgw.providers.profile import ProviderProfile
from smsgw.providers.reading import TEXT_LENGTH_MAX, json_object, shown, xml_response
from smsgw.providers.registry import PROTOCOLS, build
from tests.fuzz.budget import cases

ORDER: Final = Order(1_234_567, ("25656",), Money(5_000_000, UZS), 1_795_289_389_000_000, "2016")
PERIOD: Final = Period(1_795_289_000_000_000, 1_795_375_400_000_000)
# What an earlier answer may have told a protocol of two phases to remember.
MEMORY: Final = {"merchant_prepare_id": "2016", "transaction": "2016"}

# Protocol and dialect, in which an adapter is tried; good answers, to be spoiled.
DIALECTS: Final[tuple[tuple[str, Mapping[str, object]], ...]] = (
    ("click", {"service_id": 1}),
    ("json", {}),
    ("osmp", {"status": True, "cancel": True}),
    ("payme", {}),
    ("paynet", {"service_id": 1}),
    ("sarkor", {"refusals": {"-1": "other", "no account": "no_account"}}),
)
GOOD: Final[Mapping[str, tuple[bytes, ...]]] = {
    "click": (
        b'{"click_trans_id": 1234567, "merchant_trans_id": "25656", "merchant_prepare_id": 2016, "error": 0}',
        b'{"click_trans_id": 1234567, "merchant_trans_id": "25656", "merchant_confirm_id": 2016, "error": -4}',
    ),
    "json": (
        b'{"reference": "1234567", "state": "accepted", "amount": "50000.00", "currency": "UZS"}',
        b'{"found": true, "name": "A. Aliyev"}',
        b'{"title": "No", "status": 404, "reason": "account_not_found"}',
        b'{"payments": [{"reference": "1234567", "amount": "50000.00", "currency": "UZS"}], "complete": true}',
    ),
    "osmp": (
        b"<response><osmp_txn_id>1234567</osmp_txn_id><sum>50000.00</sum><result>0</result></response>",
        b"<response><txn_id>1234567</txn_id><result>5</result></response>",
    ),
    "payme": (
        b'{"result": {"transaction": "2016", "state": 2, "create_time": 1, "perform_time": 2, "cancel_time": 0}}',
        b'{"error": {"code": -31050, "message": {"en": "no"}, "data": "login"}}',
        b'{"result": {"transactions": [{"id": "0123456789abcdef01234567", "amount": 5000000, "state": 2}]}}',
    ),
    "paynet": (
        b'{"jsonrpc": "2.0", "result": {"providerTrnId": 2016, "transactionState": 1, "timestamp": ""}}',
        b'{"error": {"code": 302, "message": "no"}}',
        b'{"result": {"statements": [{"amount": 5000000, "providerTrnId": 2016, "transactionId": 1234567}]}}',
    ),
    "sarkor": (b'{"status": 1, "message": "2016"}', b'{"status": 0, "message": "no account"}'),
}


@dataclass(slots=True, eq=False)
class Answering(HttpClient):
    """Completes every exchange with the one answer that is set, without a network."""

    answer: list[Completed] = field(default_factory=list)

    async def send(self, request: Request, gate: Any, read: Callable[[Any], Any]) -> Completed | Unknown:
        self.hosts.check(request.url.host or "")
        gate.enter()
        (answer,) = self.answer
        content = SimpleNamespace(iter_chunked=lambda size: _pieces(answer.body, size))
        headers = {"Content-Type": answer.content_type}
        met: Completed | Unknown = await read(
            SimpleNamespace(status=answer.status, headers=headers, content=content, close=lambda: None)
        )
        return met


async def _pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


HTTP: Final = Answering()


@cache
def adapter(place: int) -> Provider:
    protocol, dialect = DIALECTS[place]
    profile = ProviderProfile(
        name="isp", protocol=protocol, url="https://a.uz", login="l", secret=Secret("s"), dialect=dialect
    )
    return build(profile, HTTP)


class Try(NamedTuple):
    """One question to one adapter."""

    protocol: str
    provider: Provider
    question: Question


def verbs_of(provider: Provider) -> list[Verb]:
    """The verbs that the gateway asks this provider by."""
    may = provider.capabilities
    offered = {Verb.PREPARE: may.prepares, Verb.STATUS: may.status, Verb.WITHDRAW: may.withdraws}
    # Where a payment begins with a reservation, the check may be made without asking anybody.
    asked = [Verb.PAY] if may.prepares and not may.status else [Verb.CHECK, Verb.PAY]
    return [*asked, *(verb for verb in offered if offered[verb]), *[Verb.CANCEL][: may.cancels]]


def tries() -> list[Try]:
    """Each verb about the call that it belongs to; a status may be about either of two."""
    kinds = {Verb.CHECK: Kind.CHECK, Verb.CANCEL: Kind.CANCEL}
    made = []
    for place, (protocol, _) in enumerate(DIALECTS):
        provider = adapter(place)
        asked = [(verb, kinds.get(verb, Kind.PAY)) for verb in verbs_of(provider)]
        if provider.capabilities.status and provider.capabilities.cancels:
            asked.append((Verb.STATUS, Kind.CANCEL))
        for verb, kind in asked:
            parameters = provider.parameters(kind, ORDER)
            assert parameters is not None
            made.append(Try(protocol, provider, Question(verb=verb, parameters=parameters, memory=MEMORY)))
    return made


TRIES: Final = tries()
IDS: Final = [f"{protocol}-{question.verb}" for protocol, _, question in TRIES]
_WAYS_BACK: Final = (Cancelled, Refused, Pending, Absent, Unknown, NotSent)
# By these codes, and by nothing else, a body says that the door was shut and nothing was carried out.
DOOR_CODES: Final[Mapping[str, tuple[bytes, ...]]] = {"click": (b"-1",), "paynet": (b"412", b"601")}
OF_A_VERB: Final[Mapping[Verb, tuple[type[Answer], ...]]] = {
    Verb.CHECK: (Found, Refused, Pending, Absent, Cancelled, Unknown),
    Verb.PREPARE: (Prepared, Accepted, *_WAYS_BACK),
    Verb.PAY: (Prepared, Accepted, *_WAYS_BACK),
    Verb.STATUS: (Prepared, Accepted, *_WAYS_BACK),
    Verb.WITHDRAW: (Accepted, *_WAYS_BACK),
    Verb.CANCEL: _WAYS_BACK,
}

STATUSES: Final = st.sampled_from([200, 200, 200, 404, 422]) | st.integers(100, 599)
CONTENT_TYPES: Final = st.sampled_from(["", "text/xml", "text/xml; charset=windows-1251"]) | st.text(max_size=40)
XML_PIECES: Final = st.sampled_from(
    [
        "<response>", "</response>", "<result>", "</result>", "0", "5", "-1", " ", "<osmp_txn_id>", "</osmp_txn_id>",
        "1234567", "<sum>", "</sum>", "50000.00", "<!DOCTYPE x>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&x;",
        "<?xml version='1.0' encoding='cp1251'?>", "<fields>", "</fields>", '<f name="FIO">', "</f>", "\x00", "я",
    ]
)  # fmt: skip
# Names and values of all JSON protocols; any of them may stand anywhere.
JSON_NAMES: Final = st.sampled_from(
    [
        "status", "message", "error", "code", "result", "id", "jsonrpc", "state", "transaction", "reason", "data",
        "create_time", "perform_time", "cancel_time", "transactionState", "providerTrnId", "found", "name", "reference",
        "amount", "currency", "provider_reference", "allow", "additional", "merchant_prepare_id", "merchant_confirm_id",
        "click_trans_id", "merchant_trans_id", "payments", "statements", "transactions", "complete", "error_note",
    ]
)  # fmt: skip
JSON_LEAVES: Final = (
    st.sampled_from([0, 1, 2, -1, -4, -2, 5, 201, 302, -31001, -31008, -31050, 1_234_567, 2016, 5_000_000, 2**70])
    | st.sampled_from(
        ["0", "1", "1234567", "50000.00", "UZS", "accepted", "refused", "no account", "not_found", "\ud800"]
    )
    | st.sampled_from([None, True, False, 1.5, 1e300])
    | st.text(max_size=8)
)
JSON_VALUES: Final = st.recursive(
    JSON_LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_NAMES, inner, max_size=6),
    max_leaves=14,
)


def mutated(good: bytes) -> st.SearchStrategy[bytes]:
    """A good body with a cut, a hole and a few octets of noise."""

    def apply(parts: tuple[int, int, bytes]) -> bytes:
        start, length, noise = parts
        return good[:start] + noise + good[start + length :]

    return st.tuples(st.integers(0, len(good)), st.integers(0, len(good)), st.binary(max_size=8)).map(apply)


def varied(good: bytes) -> st.SearchStrategy[bytes]:
    """A good JSON object with some of its members replaced, at the top and one step below."""
    document = json.loads(good)
    inner = st.dictionaries(JSON_NAMES, JSON_VALUES, max_size=3)

    def apply(parts: tuple[dict[str, object], dict[str, object]]) -> bytes:
        outer, below = parts
        changed = {key: {**value, **below} if isinstance(value, dict) else value for key, value in document.items()}
        return json.dumps({**changed, **outer}).encode()

    return st.tuples(inner, inner).map(apply)


ANY_BODY: Final = (
    st.binary(max_size=400)
    | st.lists(XML_PIECES, max_size=20).map(lambda pieces: "".join(pieces).encode())
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
)


@cache
def bodies(protocol: str) -> st.SearchStrategy[bytes]:
    """What a provider of the protocol might answer on a bad day."""
    spoiled = st.one_of(*[mutated(good) for good in GOOD[protocol]])
    json_ones = [varied(good) for good in GOOD[protocol] if good.startswith(b"{")]
    return ANY_BODY | spoiled | (st.one_of(*json_ones) if json_ones else spoiled)


def is_answer(verb: Verb, answer: Answer) -> bool:
    texts = [str(getattr(answer, name, "")) for name in ("name", "provider_reference", "alarm", "code", "why")]
    return isinstance(answer, OF_A_VERB[verb]) and all(text.isprintable() for text in texts)


def answered(one: Try, completed: Completed) -> Answer:
    HTTP.answer[:] = [completed]
    return asyncio.run(one.provider.call(one.question, lambda: True))


def test_no_protocol_is_left_out() -> None:
    assert {protocol for protocol, _ in DIALECTS} == set(GOOD) == set(PROTOCOLS)


@pytest.mark.parametrize(
    ("place", "body"), [(place, body) for place, (protocol, _) in enumerate(DIALECTS) for body in GOOD[protocol]]
)
def test_the_good_bodies_are_good(place: int, body: bytes) -> None:
    """Each is an answer to something: else spoiling it would try nothing but the first look."""
    HTTP.answer[:] = [Completed(404 if b"404" in body else 200, "", body)]
    answers = [
        asyncio.run(one.provider.call(one.question, lambda: True)) for one in TRIES if one.provider is adapter(place)
    ]
    statement = asyncio.run(adapter(place).statement(PERIOD))
    assert isinstance(statement, Statement) or any(not isinstance(answer, Unknown) for answer in answers)


@pytest.mark.proves("F41")
@pytest.mark.parametrize("one", TRIES, ids=IDS)
@cases(60)
@given(data=st.data(), status=STATUSES, content_type=CONTENT_TYPES)
def test_every_adapter_answers_to_every_body(one: Try, data: st.DataObject, status: int, content_type: str) -> None:
    """Whatever it is, it is a word of the vocabulary; behind 3xx, 5xx and "later" stands nothing but doubt."""
    body = data.draw(bodies(one.protocol))
    answer = answered(one, Completed(status, content_type, body))
    assert is_answer(one.question.verb, answer)
    if isinstance(answer, NotSent):
        assert any(code in body for code in DOOR_CODES.get(one.protocol, ()))
    if 300 <= status < 400 or status >= 500 or status in {407, 408, 429}:
        assert isinstance(answer, Unknown)


@pytest.mark.parametrize("one", TRIES, ids=IDS)
@cases(25)
@given(status=STATUSES, body=st.binary(max_size=400))
def test_octets_of_chance_leave_a_payment_where_it_was(one: Try, status: int, body: bytes) -> None:
    answer = answered(one, Completed(status, "", body))
    assert isinstance(answer, Unknown)


@pytest.mark.parametrize("place", range(len(DIALECTS)), ids=[protocol for protocol, _ in DIALECTS])
@cases(60)
@given(data=st.data(), status=st.sampled_from([200, 200, 200, 204, 404, 503]))
def test_a_statement_is_whole_or_none(place: int, data: st.DataObject, status: int) -> None:
    HTTP.answer[:] = [Completed(status, "", data.draw(bodies(DIALECTS[place][0])))]
    statement = asyncio.run(adapter(place).statement(PERIOD))
    assert isinstance(statement, Statement | NoStatement)
    assert status == 200 or isinstance(statement, NoStatement)


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
        lane = Lane(http.admit("127.0.0.1"))
        return [await lane.exchange(Request("GET", url), 5.0, lambda: True) for _ in wires]


@settings(max_examples=12)
@given(wires=st.lists(WIRE, min_size=20, max_size=20))
def test_http_of_every_kind_is_completed_or_unknown(wires: list[bytes]) -> None:
    """After the request was read nothing is NotSent, nothing is sent again (the list would run dry), nothing raises."""
    for met in asyncio.run(met_with(wires)):
        assert isinstance(met, Completed | Unknown)
