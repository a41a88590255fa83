"""Paynet's protocol: the bytes of every request, and what a result has to hold before money moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Order,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Currency, Money
from smsgw.domain.secret import Secret
from smsgw.domain.statement import StatementLine
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.jsonrpc import rpc_body
from smsgw.providers.paynet import METHODS, Paynet, statement_line
from smsgw.providers.profile import ProfileError, ProviderProfile

ORDER: Final = Order(900_001, ("ali77",), Money(500_000, UZS), 1_795_289_389_000_000)
KINDS: Final = {
    Verb.CHECK: Kind.CHECK,
    Verb.PAY: Kind.PAY,
    Verb.STATUS: Kind.PAY,
    Verb.CANCEL: Kind.CANCEL,
}
# The id is made from the reference; test_jsonrpc.py says how.
ID: Final = 900_002


def provider(**changes: Any) -> Paynet:
    settings: dict[str, Any] = {
        "name": "isp",
        "protocol": "paynet",
        "url": "https://a.uz/paynet",
        "login": "l",
        "secret": Secret("canary"),
        "dialect": {"service_id": 7},
    }
    return Paynet(ProviderProfile(**(settings | changes)), HttpClient())


def parameters(kind: Kind, about: Order = ORDER, **changes: Any) -> Mapping[str, str]:
    made = provider(**changes).parameters(kind, about)
    assert made is not None
    return made


def read(verb: Verb, body: object, *, repeat: bool = False, status: int = 200) -> Answer:
    question = Question(verb=verb, parameters=parameters(KINDS[verb]), repeat=repeat)
    return provider().read(question, Completed(status, "application/json", json.dumps(body).encode()))


def result(**values: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": ID, "result": values}


def error(code: int) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": ID, "error": {"code": code, "message": "?"}}


def test_what_the_protocol_promises() -> None:
    """A refused repeat is not trusted unless the provider confirms that it looks for the reference first."""
    promised = Capabilities(status=True, cancels=True, statement=True, dedupes_by_reference=True)
    assert provider().capabilities == promised
    assert provider(duplicate_checked_first=True).capabilities.duplicate_checked_first


TRANSACTION: Final = '{"serviceId": 7, "transactionId": 900001, "transactionTime": "2026-11-22 00:29:49"'


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (
            Kind.CHECK,
            {"GetInformation": '{"serviceId": 7, "time": "2026-11-22 00:29:49", "fields": {"login": "ali77"}}'},
        ),
        (
            Kind.PAY,
            {
                "PerformTransaction": TRANSACTION + ', "amount": 500000, "fields": {"login": "ali77"}}',
                "CheckTransaction": TRANSACTION + "}",
            },
        ),
        (Kind.CANCEL, {"CancelTransaction": TRANSACTION + "}", "CheckTransaction": TRANSACTION + "}"}),
    ],
)
def test_parameters_hold_the_methods_and_no_credentials(kind: Kind, stored: dict[str, str]) -> None:
    assert parameters(kind) == {"reference": "900001", **stored}


def test_a_request_byte_for_byte() -> None:
    """The login is in a header, and nowhere else."""
    stored = parameters(Kind.PAY)
    body = rpc_body("PerformTransaction", json.loads(stored["PerformTransaction"]), ID)
    request = provider()._request(body)
    assert request.body == (
        b'{"jsonrpc":"2.0","id":900002,"method":"PerformTransaction","params":{"serviceId":7,"transactionId":900001,'
        b'"transactionTime":"2026-11-22 00:29:49","amount":500000,"fields":{"login":"ali77"}}}'
    )
    assert (request.method, str(request.url)) == ("POST", "https://a.uz/paynet")
    assert request.headers == {
        "Content-Type": "application/json; charset=UTF-8",
        "Authorization": "Basic bDpjYW5hcnk=",
    }
    assert "canary" not in repr(request)


def test_an_account_may_have_parts_and_the_clock_another_zone() -> None:
    about = Order(2**63 - 1, ("ali", "77"), Money(1, UZS), 1_795_289_389_000_000)
    dialect = {"service_id": 7, "account_fields": ["город", "id"]}
    stored = parameters(Kind.PAY, about, account_parts=2, time_zone="UTC", dialect=dialect)
    assert json.loads(stored["PerformTransaction"]) == {
        "serviceId": 7,
        "transactionId": 9_223_372_036_854_775_807,
        "transactionTime": "2026-11-21 19:29:49",
        "amount": 1,
        "fields": {"город": "ali", "id": "77"},
    }


@pytest.mark.parametrize("digits", [0, 3])
def test_a_currency_without_hundredths_cannot_be_carried(digits: int) -> None:
    about = Order(1, ("ali77",), Money(5, Currency("XXX", digits)), 0)
    assert [provider().parameters(kind, about) for kind in Kind] == [None, None, None]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"login": "", "secret": Secret("")}, "login"),
        ({"secret": Secret("")}, "login"),
        ({"dialect": {}}, "dialect.service_id"),
        ({"dialect": {"service_id": "x"}}, "dialect.service_id"),
        ({"dialect": {"service_id": -1}}, "dialect.service_id"),
        ({"dialect": {"service_id": 1, "method": "GET"}}, "dialect.method"),
        ({"account_parts": 2}, "dialect.account_fields"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**changes)
    assert caught.value.key == key


NOT_WHOLE: Final = Unknown("the result of PerformTransaction is not whole")
NO_STATE: Final = Unknown("a state that the protocol does not have", alarm=True)
NOT_SAID: Final = Unknown("the result of CancelTransaction does not say state 2")
ANOTHER: Final = Unknown("the answer is about another transaction", alarm=True)


@pytest.mark.parametrize(
    ("verb", "values", "answer"),
    [
        (Verb.CHECK, {"status": "0", "fields": {"name": " Али "}}, Found("Али")),
        (Verb.CHECK, {"status": 0}, Found()),
        (Verb.CHECK, {"status": "0", "fields": ["name"]}, Found()),
        (Verb.CHECK, {"status": "302"}, Refused(RefusalReason.NO_ACCOUNT, "302")),
        (Verb.CHECK, {"status": "OK"}, Unknown("a status that is no number", alarm=True)),
        (Verb.PAY, {"providerTrnId": 5001, "timestamp": "?", "fields": {}}, Accepted("5001")),
        (Verb.PAY, {"providerTrnId": "a-1", "transactionState": 1}, Accepted("a-1")),
        (Verb.PAY, {"providerTrnId": 5001, "transactionState": None, "status": None}, Accepted("5001")),
        (Verb.PAY, {"providerTrnId": 5001, "transactionId": "900001"}, Accepted("5001")),
        (Verb.PAY, {"providerTrnId": 5001, "transactionId": 900_002}, ANOTHER),
        (Verb.PAY, {"providerTrnId": 5001, "transactionId": [900_001]}, ANOTHER),
        (Verb.PAY, {"providerTrnId": 5001, "status": 102}, Unknown("result 102")),
        (Verb.PAY, {"providerTrnId": 5001, "status": False}, Unknown("a status that is no number", alarm=True)),
        (Verb.PAY, {"providerTrnId": 5001, "transactionState": 2}, NOT_WHOLE),
        (Verb.PAY, {"providerTrnId": 5001, "transactionState": 0}, NOT_WHOLE),
        (Verb.PAY, {"providerTrnId": None}, NOT_WHOLE),
        (Verb.PAY, {"providerTrnId": ""}, NOT_WHOLE),
        (Verb.PAY, {}, NOT_WHOLE),
        (Verb.STATUS, {"transactionState": 1, "providerTrnId": 5001}, Accepted("5001")),
        (Verb.STATUS, {"transactionState": "1"}, Accepted("")),
        (Verb.STATUS, {"transactionState": 2, "providerTrnId": 5001}, Cancelled("state 2")),
        (Verb.STATUS, {"transactionState": 3, "providerTrnId": 0}, Absent()),
        (Verb.STATUS, {"transactionState": 3, "providerTrnId": None, "transactionId": "900001"}, Absent()),
        (Verb.STATUS, {"transactionState": 1, "transactionId": "0900001"}, ANOTHER),
        (Verb.STATUS, {"status": 305, "transactionState": 1}, Unknown("result 305", alarm=True)),
        (Verb.STATUS, {"status": 203, "transactionState": 1}, Absent()),
        (Verb.STATUS, {"transactionState": 4}, NO_STATE),
        (Verb.STATUS, {"transactionState": True}, NO_STATE),
        (Verb.STATUS, {"providerTrnId": 5001}, NO_STATE),
        (Verb.CANCEL, {"transactionState": 2, "providerTrnId": 5001}, Cancelled("state 2")),
        (Verb.CANCEL, {"transactionState": "2"}, Cancelled("state 2")),
        (Verb.CANCEL, {"transactionState": 1}, NOT_SAID),
        (Verb.CANCEL, {}, NOT_SAID),
    ],
)
def test_results(verb: Verb, values: dict[str, object], answer: Answer) -> None:
    """Only the whole result of PerformTransaction, or state 1, is a credit."""
    assert read(verb, result(**values)) == answer


@pytest.mark.parametrize(
    ("verb", "repeat", "code", "answer"),
    [
        (Verb.PAY, False, 201, Unknown("our transactionId was used before", alarm=True, park=True)),
        (Verb.PAY, True, 201, Unknown("result 201")),
        (Verb.STATUS, True, 203, Absent()),
        (Verb.CANCEL, False, 77, Refused(RefusalReason.OTHER, "77")),
    ],
)
def test_errors_are_read_by_the_table_of_codes(verb: Verb, code: int, answer: Answer, *, repeat: bool) -> None:
    assert read(verb, error(code), repeat=repeat) == answer


@pytest.mark.parametrize("verb", list(METHODS))
@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (401, error(412), NotSent("result 412", alarm=True)),
        (401, "who are you?", Unknown("HTTP 401", alarm=True)),
        (404, {}, Unknown("HTTP 404", alarm=True)),
        (500, result(providerTrnId=5001, transactionState=1), Unknown("HTTP 500")),
        (429, error(302), Unknown("HTTP 429")),
        (200, {}, Unknown("no JSON-RPC response")),
        (200, [], Unknown("no JSON-RPC response")),
        (200, {**result(providerTrnId=1), "id": ID + 1}, Unknown("the answer is about another request", alarm=True)),
        (200, {**result(), **error(302)}, Unknown("no JSON-RPC response")),
    ],
)
def test_what_is_no_answer_of_the_protocol_says_nothing(verb: Verb, status: int, body: object, answer: Answer) -> None:
    """Except that a login which is refused in the protocol's own words has surely done nothing."""
    assert read(verb, body, status=status) == answer


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (
            {"transactionId": 900_001, "amount": 500_000, "providerTrnId": 5001},
            StatementLine(900_001, "900001", 500_000, "5001"),
        ),
        ({"transactionId": "900001", "amount": "500000"}, StatementLine(900_001, "900001", 500_000)),
        ({"transactionId": 1, "amount": Decimal("5.0")}, StatementLine(1, "1", 5)),
        ({"transactionId": 1, "amount": None}, StatementLine(1, "1", None)),
        ({"transactionId": 1, "amount": 5, "transactionState": 1}, StatementLine(1, "1", 5)),
        ({"transactionId": 1, "amount": 5, "transactionState": 2}, None),
        ({"transactionId": "order-7", "amount": 5}, StatementLine(0, "order-7", 5)),
        ({"transactionId": "0900001", "amount": 5}, StatementLine(0, "0900001", 5)),
        ({"transactionId": 0, "amount": 5}, StatementLine(0, "0", 5)),
    ],
)
def test_lines_of_a_statement(item: dict[str, object], line: StatementLine | None) -> None:
    assert statement_line(item) == line


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"amount": 5},
        {"transactionId": None, "amount": 5},
        {"transactionId": [1], "amount": 5},
        {"transactionId": 1, "amount": 0},
        {"transactionId": 1, "amount": -5},
        {"transactionId": 1, "amount": Decimal("5.5")},
        {"transactionId": 1, "amount": "5.00"},
        {"transactionId": 1, "amount": True},
        {"transactionId": 1, "amount": 5, "transactionState": 3},
        {"transactionId": 1, "amount": 5, "transactionState": "done"},
    ],
)
def test_a_line_that_cannot_be_read_voids_the_statement(item: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a line"):
        statement_line(item)
