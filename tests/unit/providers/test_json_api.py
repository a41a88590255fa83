"""The gateway's own protocol, by values: bodies, addresses, documents and problems."""

from __future__ import annotations

import json
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
    Order,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Currency, Money
from smsgw.domain.secret import Secret
from smsgw.domain.statement import StatementLine
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.json_api import JsonApi, authorization, read_line
from smsgw.providers.profile import ProfileError, ProviderProfile

REFERENCE: Final = 4_723_871_623_498_172_346
ORDER: Final = Order(REFERENCE, ("25656",), Money(5_000_000, UZS), 1_795_289_389_000_001)
SENT: Final = {"reference": str(REFERENCE), "amount": "50000.00", "currency": "UZS"}
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
ANOTHER: Final = Unknown("the answer is about another payment", alarm=True)


def provider(**changes: Any) -> JsonApi:
    settings: dict[str, Any] = {
        "name": "isp",
        "protocol": "json",
        "url": "https://a.uz/v1/",
        "login": "l",
        "secret": Secret("canary"),
    }
    return JsonApi(ProviderProfile(**(settings | changes)), HttpClient())


def read(verb: Verb, status: int, document: object, **dialect: object) -> Answer:
    completed = Completed(status, "application/json", json.dumps(document).encode())
    return provider(dialect=dialect).read(verb, SENT, completed)


def test_the_document_demands_what_the_capabilities_say() -> None:
    assert provider().capabilities == Capabilities(
        status=True, statement=True, cancels=True, dedupes_by_reference=True, duplicate_checked_first=True
    )


@pytest.mark.parametrize("name", ["status", "statement", "cancels"])
def test_what_a_billing_left_out_can_be_switched_off(name: str) -> None:
    assert getattr(provider(dialect={name: False}).capabilities, name) is False


def test_how_late_it_may_credit_is_unknown_unless_the_provider_says_so() -> None:
    assert provider().capabilities.max_late_apply_s is None
    assert provider(max_late_apply_s=300).capabilities.max_late_apply_s == 300


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (Kind.CHECK, {"body": '{"account":{"account":"25656"},"amount":"50000.00","currency":"UZS"}'}),
        (
            Kind.PAY,
            {
                **SENT,
                "body": '{"account":{"account":"25656"},"amount":"50000.00","currency":"UZS",'
                '"created_at":"2026-11-21T19:29:49.000001Z"}',
            },
        ),
        (Kind.CANCEL, {**SENT, "body": '{"reason":"requested"}'}),
    ],
)
def test_parameters_are_the_body_and_what_is_compared(kind: Kind, parameters: dict[str, str]) -> None:
    assert provider().parameters(kind, ORDER) == parameters


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(1, UZS), "0.01"),
        (Money(5_000_050, UZS), "50000.50"),
        (Money(7, Currency("JPY", 0)), "7"),
        (Money(7, Currency("KWD", 3)), "0.007"),
    ],
)
def test_a_sum_has_all_digits_of_its_currency(amount: Money, text: str) -> None:
    assert provider().parameters(Kind.PAY, Order(1, ("1",), amount, 0))["amount"] == text


def test_the_parts_of_an_account_are_named_by_the_dialect() -> None:
    adapter = provider(account_parts=2, dialect={"account_fields": ["city", "login"]})
    body = json.loads(adapter.parameters(Kind.CHECK, Order(1, ("Тошкент", "7"), ORDER.amount, 0))["body"])
    assert body["account"] == {"city": "Тошкент", "login": "7"}


@pytest.mark.parametrize(
    ("verb", "method", "path", "key"),
    [
        (Verb.CHECK, "POST", "/check", None),
        (Verb.PAY, "POST", f"/payments/{REFERENCE}", f"{REFERENCE}"),
        (Verb.STATUS, "GET", f"/payments/{REFERENCE}", None),
        (Verb.CANCEL, "POST", f"/payments/{REFERENCE}/cancel", f"{REFERENCE}-cancel"),
    ],
)
def test_addresses_and_keys(verb: Verb, method: str, path: str, key: str | None) -> None:
    """A cancel has a key of its own: a billing that remembers answers by key would give it the payment's."""
    request = provider()._request(verb, {**SENT, "body": "{}"})
    assert (request.method, str(request.url)) == (method, "https://a.uz/v1" + path)
    assert request.headers.get("Idempotency-Key") == key
    assert request.headers["Authorization"] == "Basic bDpjYW5hcnk="
    assert request.body == (b"{}" if method == "POST" else b"")
    assert "canary" not in repr(request)


@pytest.mark.parametrize(
    ("login", "secret", "headers"),
    [
        ("", "", {}),
        ("", "canary", {"Authorization": "Bearer canary"}),
        ("l", "canary", {"Authorization": "Basic bDpjYW5hcnk="}),
        ("l", "", {"Authorization": "Basic bDo="}),
    ],
)
def test_who_asks(login: str, secret: str, headers: dict[str, str]) -> None:
    assert authorization(login, Secret(secret)) == headers


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"url": "https://a.uz/?x=1"}, "url"),
        ({"account_parts": 2}, "dialect.account_fields"),
        ({"account_parts": 2, "dialect": {"account_fields": ["a", "a"]}}, "dialect.account_fields"),
        ({"dialect": {"fields": ["a"]}}, "dialect.fields"),
        ({"dialect": {"reasons": {"closed": "gone"}}}, "dialect.reasons.closed"),
        ({"dialect": {"reasons": {"closed": "ok"}}}, "dialect.reasons.closed"),
        ({"dialect": {"reasons": {"Closed": "refused"}}}, "dialect.reasons.Closed"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**changes)
    assert caught.value.key == key


PAID: Final = {**SENT, "state": "accepted", "provider_reference": "5001"}


@pytest.mark.parametrize(
    ("document", "pay", "cancel"),
    [
        (PAID, Accepted("5001"), Unknown("accepted in answer to a cancel", alarm=True)),
        ({**PAID, "more": [1.5]}, Accepted("5001"), Unknown("accepted in answer to a cancel", alarm=True)),
        (
            {**SENT, "state": "accepted"},
            Accepted("", "the provider named no reference of its own"),
            Unknown("accepted in answer to a cancel", alarm=True),
        ),
        ({**SENT, "state": "pending"}, Pending(), Pending()),
        ({**SENT, "state": "cancelled", "reason": "returned"}, Cancelled("returned"), Cancelled("returned")),
        ({**SENT, "state": "refused"}, Refused(OTHER), Unknown("refused in answer to a cancel", alarm=True)),
    ],
)
def test_documents(document: object, pay: Answer, cancel: Answer) -> None:
    for status in (200, 201, 202):
        assert read(Verb.PAY, status, document) == read(Verb.STATUS, status, document) == pay
        assert read(Verb.CANCEL, status, document) == cancel


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("account_not_found", Refused(NO_ACCOUNT, "account_not_found")),
        ("amount_too_small", Refused(AMOUNT, "amount_too_small")),
        ("of their own", Refused(OTHER, "of their own")),
        (7, Refused(OTHER)),
        ("try_later", Unknown("refused, but try_later", alarm=True)),
        ("conflict", Unknown("refused, but conflict", alarm=True)),
    ],
)
def test_why_a_payment_stands_refused(reason: object, answer: Answer) -> None:
    """The state is the refusal, whatever the word; only a word that says the contrary leaves it in doubt."""
    assert read(Verb.STATUS, 200, {**SENT, "state": "refused", "reason": reason}) == answer


@pytest.mark.proves("F40")
@pytest.mark.parametrize("verb", [Verb.PAY, Verb.STATUS, Verb.CANCEL])
@pytest.mark.parametrize("state", ["accepted", "refused", "pending", "cancelled"])
@pytest.mark.parametrize(
    "changes",
    [
        {"reference": "4723871623498172347"},
        {"reference": REFERENCE},
        {"reference": None},
        {"amount": "50000"},
        {"amount": 50000.0},
        {"amount": "50000.01"},
        {"currency": "USD"},
        {"currency": ""},
    ],
)
def test_a_document_about_another_payment_is_an_alarm(verb: Verb, state: str, changes: dict[str, object]) -> None:
    """Neither is money lost by a foreign refusal, nor given away by a foreign acceptance."""
    assert read(verb, 200, {**PAID, "state": state, **changes}) == ANOTHER


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({"found": True}, Found()),
        ({"found": True, "name": " Aliyev\nA. "}, Found("AliyevA.")),
        ({"found": True, "name": 7}, Found()),
        ({"found": False}, Unknown("no answer of the protocol")),
        ({"found": "true"}, Unknown("no answer of the protocol")),
        ({}, Unknown("no answer of the protocol")),
        (PAID, Unknown("no answer of the protocol")),
    ],
)
def test_answers_to_a_check(document: object, answer: Answer) -> None:
    assert read(Verb.CHECK, 200, document) == answer


@pytest.mark.parametrize("document", [None, [], "accepted", {}, {**PAID, "state": "done"}, {**PAID, "state": ["x"]}])
def test_what_is_no_document_says_nothing(document: object) -> None:
    assert read(Verb.PAY, 200, document) == Unknown("no payment document")


@pytest.mark.proves("F38")
@pytest.mark.parametrize(
    ("reason", "check", "pay", "status", "cancel"),
    [
        ("account_not_found", Refused(NO_ACCOUNT, "account_not_found"), Refused(NO_ACCOUNT, "account_not_found"), 0, 0),
        ("amount_too_small", Refused(AMOUNT, "amount_too_small"), Refused(AMOUNT, "amount_too_small"), 0, 0),
        ("amount_too_large", Refused(AMOUNT, "amount_too_large"), Refused(AMOUNT, "amount_too_large"), 0, 0),
        ("amount_not_accepted", Refused(AMOUNT, "amount_not_accepted"), Refused(AMOUNT, "amount_not_accepted"), 0, 0),
        ("refused", Refused(OTHER, "refused"), Refused(OTHER, "refused"), 0, 0),
        ("conflict", 0, 0, 0, 0),
        ("not_found", Refused(OTHER, "not_found"), 0, Absent(), Absent()),
        ("cannot_cancel", Refused(OTHER, "cannot_cancel"), 0, 0, Refused(OTHER, "cannot_cancel")),
        ("of_their_own", Refused(OTHER, "of_their_own"), 0, 0, 0),
    ],
)
def test_problems(reason: str, check: Answer | int, pay: Answer | int, status: Answer | int, cancel: Answer) -> None:
    """0 = in doubt, with an alarm: the reason is nobody's, or does not answer this question."""
    doubt = Unknown(f"result {reason}", alarm=True)
    for verb, answer in zip(
        (Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL), (check, pay, status, cancel), strict=True
    ):
        assert read(verb, 404, {"reason": reason}) == (answer or doubt), verb


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL])
def test_later_is_no_alarm(verb: Verb) -> None:
    assert read(verb, 422, {"reason": "try_later"}) == Unknown("result try_later")


def test_a_reason_of_their_own_means_what_was_agreed() -> None:
    reasons = {"closed": "no_account", "refused": "unknown"}
    assert read(Verb.PAY, 422, {"reason": "closed"}, reasons=reasons) == Refused(NO_ACCOUNT, "closed")
    assert read(Verb.PAY, 422, {"reason": "refused"}, reasons=reasons) == Unknown("result refused")
    assert read(Verb.STATUS, 404, {"reason": "closed"}, reasons=reasons) == Unknown("result closed", alarm=True)


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL])
@pytest.mark.parametrize(
    ("status", "document", "answer"),
    [
        (404, None, Unknown("HTTP 404", alarm=True)),
        (404, {}, Unknown("HTTP 404", alarm=True)),
        (404, {"reason": "Not Found"}, Unknown("HTTP 404", alarm=True)),
        (404, {"reason": ["not_found"]}, Unknown("HTTP 404", alarm=True)),
        (404, PAID, Unknown("HTTP 404", alarm=True)),
        (500, PAID, Unknown("HTTP 500")),
        (503, {"reason": "account_not_found"}, Unknown("HTTP 503")),
        (401, {"reason": "account_not_found"}, Unknown("HTTP 401", alarm=True)),
        (302, PAID, Unknown("HTTP 302", alarm=True)),
    ],
)
def test_what_does_not_speak_the_protocol_finds_and_refuses_nothing(
    verb: Verb, status: int, document: object, answer: Answer
) -> None:
    assert read(verb, status, document) == answer


LINE: Final = {**SENT, "provider_reference": "5001", "accepted_at": "2026-11-21T14:29:51Z"}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, StatementLine(REFERENCE, str(REFERENCE), 5_000_000, "5001")),
        ({"reference": "kassa-7"}, StatementLine(0, "kassa-7", 5_000_000, "5001")),
        ({"reference": "007"}, StatementLine(0, "007", 5_000_000, "5001")),
        ({"reference": "9" * 20}, StatementLine(0, "9" * 20, 5_000_000, "5001")),
        ({"provider_reference": None}, StatementLine(REFERENCE, str(REFERENCE), 5_000_000, "")),
    ],
)
def test_lines_of_a_statement(changes: dict[str, object], line: StatementLine) -> None:
    """A key that is none of our references is somebody else's, and stands there all the same."""
    assert read_line({**LINE, **changes}) == line


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": ""},
        {"reference": 7},
        {"reference": "9" * 65},
        {"amount": 50000},
        {"amount": "50000.005"},
        {"amount": "-1.00"},
        {"amount": ""},
        {"amount": "9" * 5000},
        {"currency": "XXX"},
        {"currency": None},
    ],
)
def test_a_line_that_is_not_of_the_protocol_is_an_error(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_line({**LINE, **changes})
