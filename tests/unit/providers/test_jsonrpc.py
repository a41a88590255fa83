"""JSON-RPC 2.0: the bytes of a request, and every form of an envelope that billings were seen to send."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from smsgw.domain.calls import Unknown
from smsgw.providers.http import Completed
from smsgw.providers.jsonrpc import JSON_HEADERS, RpcError, RpcResult, request_id_of, rpc_answer, rpc_body

NO_RESPONSE = Unknown("no JSON-RPC response")


def test_a_request_is_compact_utf_8() -> None:
    """Some billings answer 415 to any other type, and read nothing but UTF-8."""
    assert (
        rpc_body("Pay", {"a": 1, "б": "в"}, 7)
        == '{"jsonrpc":"2.0","id":7,"method":"Pay","params":{"a":1,"б":"в"}}'.encode()
    )
    assert JSON_HEADERS == {"Content-Type": "application/json; charset=UTF-8"}


@given(st.integers(1, 2**63 - 1))
def test_a_request_id_survives_32_bits_and_is_never_0(reference: int) -> None:
    assert 1 <= request_id_of(reference) < 2**31
    assert request_id_of(reference) == request_id_of(reference)


@pytest.mark.parametrize(("reference", "request_id"), [(1, 2), (2**31 - 2, 2**31 - 1), (2**31 - 1, 1)])
def test_request_ids_at_the_edge(reference: int, request_id: int) -> None:
    assert request_id_of(reference) == request_id


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"jsonrpc":"2.0","id":7,"result":{"state":1}}', RpcResult({"state": 1})),
        ('\ufeff{"id":7,"result":{}}', RpcResult({})),
        ('{"result":{"state":1}}', RpcResult({"state": 1})),
        ('{"id":null,"result":{}}', RpcResult({})),
        ('{"id":"7","result":{}}', RpcResult({})),
        ('{"id":7,"result":{},"error":null}', RpcResult({})),
        ('{"id":7,"error":{"code":-31050}}', RpcError(-31050)),
        ('{"id":7,"error":{"code":"-31050"}}', RpcError(-31050)),
        ('{"id":7,"error":{"code":999999999}}', RpcError(999_999_999)),
        ('{"id":7,"result":null,"error":{"code":1,"message":"no"}}', RpcError(1, "no")),
        ('{"id":7,"error":{"code":1,"message":{"ru":"нет","en":"no"},"data":"login"}}', RpcError(1, "no", "login")),
        ('{"id":7,"error":{"code":1,"message":{"ru":"нет"}}}', RpcError(1, "нет")),
        ('{"id":7,"error":{"code":1,"message":{"uz":"yoq"}}}', RpcError(1, "yoq")),
        ('{"id":7,"error":{"code":1,"message":{}}}', RpcError(1)),
        ('{"id":7,"error":{"code":1,"message":[1]}}', RpcError(1)),
        ('{"id":7,"error":{"code":1,"message":"a\\u0000b"}}', RpcError(1, "ab")),
    ],
)
def test_what_is_an_answer(body: str, answer: RpcResult | RpcError) -> None:
    """An id that is absent or in quotes is common; null stands for absent."""
    assert rpc_answer(Completed(200, "", body.encode()), 7) == answer


@pytest.mark.parametrize("answered", ["8", '"8"', "7.0", "true", "[7]", '{"id":7}', '""', "70"])
def test_an_answer_to_another_request_is_an_alarm(answered: str) -> None:
    for outcome in ('"result":{"state":2}', '"error":{"code":-31050}'):
        body = f'{{"jsonrpc":"2.0","id":{answered},{outcome}}}'.encode()
        assert rpc_answer(Completed(200, "", body), 7) == Unknown("the answer is about another request", alarm=True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "7",
        "{}",
        '{"id":7}',
        '{"id":7,"result":null}',
        '{"id":7,"result":[]}',
        '{"id":7,"result":"success"}',
        '{"id":7,"result":true}',
        '{"id":7,"error":null}',
        '{"id":7,"error":{}}',
        '{"id":7,"error":"-31050"}',
        '{"id":7,"error":{"code":true}}',
        '{"id":7,"error":{"code":1.0}}',
        '{"id":7,"error":{"code":"1e3"}}',
        '{"id":7,"error":{"code":"٣"}}',
        '{"id":7,"error":{"code":null}}',
        '{"id":7,"result":{},"error":{"code":1}}',
        '{"id":7,"result":{},"result":{}}',
        '{"id":7,"result":{"amount":NaN}}',
        '[{"id":7,"result":{}}]',
        "<html>OK</html>",
        '{"id":7,"result":{',
        "[" * 100_000,
    ],
)
def test_what_is_no_answer(body: str) -> None:
    """Both or neither of result and error, wrong types, no JSON: nothing may be concluded."""
    assert rpc_answer(Completed(200, "", body.encode()), 7) == NO_RESPONSE


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (500, '{"id":7,"error":{"code":1}}', Unknown("HTTP 500")),
        (503, '{"id":7,"result":{}}', Unknown("HTTP 503")),
        (429, '{"id":7,"error":{"code":1}}', Unknown("HTTP 429")),
        (408, '{"id":7,"error":{"code":1}}', Unknown("HTTP 408")),
        (404, '{"id":7,"error":{"code":1}}', RpcError(1)),
        (415, '{"error":{"code":415,"message":"Unsupported Media Type"}}', Unknown("HTTP 415", alarm=True)),
        (413, '{"id":7,"error":{"code":"413"}}', Unknown("HTTP 413", alarm=True)),
        (302, '{"error":{"code":302}}', Unknown("HTTP 302", alarm=True)),
        (302, '{"id":7,"error":{"code":1}}', Unknown("HTTP 302", alarm=True)),
        (302, '{"id":7,"result":{}}', Unknown("HTTP 302", alarm=True)),
        (401, '{"id":7,"result":{}}', Unknown("HTTP 401", alarm=True)),
        (403, '{"id":7,"error":{"code":1}}', Unknown("HTTP 403", alarm=True)),
        (407, '{"id":7,"error":{"code":1}}', Unknown("HTTP 407", alarm=True)),
        (401, '{"id":7,"error":{"code":412}}', Unknown("HTTP 401", alarm=True)),
        (200, '{"id":7,"error":{"code":415}}', RpcError(415)),
        (401, "who are you?", Unknown("HTTP 401", alarm=True)),
        (404, json.dumps({"status": 404}), Unknown("HTTP 404", alarm=True)),
        (302, "", Unknown("HTTP 302", alarm=True)),
    ],
)
def test_statuses(status: int, body: str, answer: object) -> None:
    """An envelope wins over a status that leaves it the word; behind the others anything may stand."""
    assert rpc_answer(Completed(status, "", body.encode()), 7) == answer


@pytest.mark.proves("F39")
@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (401, '{"id":7,"error":{"code":412}}', RpcError(412)),
        (403, '{"error":{"code":"412"}}', RpcError(412)),
        (401, '{"id":8,"error":{"code":412}}', Unknown("the answer is about another request", alarm=True)),
        (401, '{"id":7,"error":{"code":401}}', Unknown("HTTP 401", alarm=True)),
        (401, '{"id":7,"result":{"code":412}}', Unknown("HTTP 401", alarm=True)),
        (407, '{"id":7,"error":{"code":412}}', Unknown("HTTP 407", alarm=True)),
        (302, '{"id":7,"error":{"code":412}}', Unknown("HTTP 302", alarm=True)),
        (500, '{"id":7,"error":{"code":412}}', Unknown("HTTP 500")),
        (412, '{"id":7,"error":{"code":412}}', Unknown("HTTP 412", alarm=True)),
    ],
)
def test_what_a_billing_says_of_a_locked_door(status: int, body: str, answer: object) -> None:
    """Its own "not let in" is believed behind the statuses that say the same, and nowhere else."""
    assert rpc_answer(Completed(status, "", body.encode()), 7, {412}) == answer
