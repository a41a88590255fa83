"""Sarkor's protocol: the fields, and answers of which only few are specified."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smsgw.domain.calls import (
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    Order,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.sarkor import Sarkor

ORDER = Order(900_001, ("n25656",), Money(500_000, UZS), 0)
REFUSALS = {"no account": "no_account", "-4": "amount"}


def provider(**changes: Any) -> Sarkor:
    settings: dict[str, Any] = {
        "name": "sarkor",
        "protocol": "sarkor",
        "url": "https://a.uz/",
        "login": "l",
        "secret": Secret("canary"),
    }
    return Sarkor(ProviderProfile(**(settings | changes)), HttpClient())


def test_nothing_is_promised_about_repeats() -> None:
    assert provider().capabilities == Capabilities()


def test_a_promise_in_writing_can_be_configured() -> None:
    assert provider(dedupes_by_reference=True).capabilities == Capabilities(dedupes_by_reference=True)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Kind.CHECK, {"operation": "30", "client_id": "n25656"}),
        (Kind.PAY, {"operation": "10", "client_id": "n25656", "amount": "5000", "trans_id": "900001"}),
    ],
)
def test_parameters_hold_the_fields_and_no_credentials(kind: Kind, fields: dict[str, str]) -> None:
    assert provider().parameters(kind, ORDER) == fields


def test_a_payment_that_cannot_be_taken_back_is_never_sent_again_as_one() -> None:
    """The protocol has no cancel: to make its parameters is a bug of the caller, never a second operation 10."""
    with pytest.raises(AssertionError):
        provider().parameters(Kind.CANCEL, ORDER)


@pytest.mark.parametrize("kind", [Kind.CHECK, Kind.PAY])
def test_a_fraction_of_a_soum_cannot_be_carried(kind: Kind) -> None:
    """The check refuses it already, before any code is sent."""
    assert provider().parameters(kind, Order(1, ("n1",), Money(500_001, UZS), 0)) is None


def test_credentials_are_in_the_body_and_nowhere_else() -> None:
    sarkor = provider()
    parameters = sarkor.parameters(Kind.PAY, ORDER)
    assert parameters is not None
    request = sarkor._request(parameters)
    assert json.loads(request.body) == {
        "paysys_login": "l",
        "paysys_pass": "canary",
        "operation": 10,
        "client_id": "n25656",
        "amount": 5000,
        "trans_id": 900_001,
    }
    assert (request.method, str(request.url)) == ("POST", "https://a.uz/payment/?type=json")
    assert request.headers == {"Content-Type": "text/plain; charset=utf-8"}
    assert "canary" not in repr(request)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"account_parts": 2}, "account_parts"),
        ({"url": "https://a.uz/?x=1"}, "url"),
        ({"login": "", "secret": Secret("")}, "login"),
        ({"secret": Secret("")}, "login"),
        ({"dialect": {"refusals": {"-1": "because"}}}, "dialect.refusals.-1"),
        ({"dialect": {"refusals": {"1": "other"}}}, "dialect.refusals.1"),
        ({"dialect": {"refusals": {"1 ": "other"}}}, "dialect.refusals.1 "),
        ({"dialect": {"refusal": {}}}, "dialect.refusal"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**changes)
    assert caught.value.key == key


NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER


@pytest.mark.parametrize(
    ("body", "check", "pay"),
    [
        ('{"status": 1, "message": "77"}', Found(), Accepted("77")),
        ('{"status": "1", "message": 77}', Found(), Accepted("77")),
        ('{"status": 1}', Found(), Accepted("")),
        ('{"status": 1, "message": ["77"]}', Found(), Accepted("")),
        ('{"status": 1, "message": true}', Found(), Accepted("")),
        ('{"status": 0, "message": "no account"}', Refused(NO_ACCOUNT, "0"), Refused(NO_ACCOUNT, "0")),
        ('{"status": -4, "message": "?"}', Refused(AMOUNT, "-4"), Refused(AMOUNT, "-4")),
        ('{"status": 0, "message": "no accounts"}', Refused(OTHER, "0"), Unknown("status 0", alarm=True)),
        ('{"status": 0}', Refused(OTHER, "0"), Unknown("status 0", alarm=True)),
    ],
)
def test_answers(body: str, check: Answer, pay: Answer) -> None:
    """Whatever is not success refuses a check; a pay is refused only by what the settings list."""
    sarkor = provider(dialect={"refusals": REFUSALS})
    assert sarkor.read(Verb.CHECK, Completed(200, "", body.encode())) == check
    assert sarkor.read(Verb.PAY, Completed(200, "", body.encode())) == pay


LONG = "Абонент с указанным лицевым счётом не найден в базе данных биллинга"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (LONG, LONG),
        (LONG, f" {LONG}\n"),
        (f"{LONG} ", LONG),
        ("no\naccount", "no\naccount"),
        ("no account", "no account\u00a0"),
    ],
)
def test_a_listed_text_is_compared_whole(listed: str, message: str) -> None:
    """What is cut and cleaned is for people only; blanks at the ends mean nothing."""
    body = json.dumps({"status": 0, "message": message}).encode()
    answer = provider(dialect={"refusals": {listed: "no_account"}}).read(Verb.PAY, Completed(200, "", body))
    assert answer == Refused(NO_ACCOUNT, "0")


def test_a_text_that_only_begins_as_a_listed_one_refuses_nothing() -> None:
    body = json.dumps({"status": 0, "message": LONG}).encode()
    sarkor = provider(dialect={"refusals": {LONG[:64]: "no_account"}})
    assert sarkor.read(Verb.PAY, Completed(200, "", body)) == Unknown("status 0", alarm=True)


UNREAD = Unknown("no answer of the protocol")


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY])
@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, '{"status": true}', UNREAD),
        (200, '{"status": 1.0}', UNREAD),
        (200, '{"status": null}', UNREAD),
        (200, '{"status": "OK"}', UNREAD),
        (200, '{"status": NaN}', UNREAD),
        (200, '{"status": 1, "status": 1}', UNREAD),
        (200, '[{"status": 1}]', UNREAD),
        (200, "{}", UNREAD),
        (200, "", UNREAD),
        (200, "<html></html>", UNREAD),
        (500, '{"status": 1}', Unknown("HTTP 500")),
        (401, '{"status": 1}', Unknown("HTTP 401", alarm=True)),
        (404, "", Unknown("HTTP 404", alarm=True)),
        (404, '{"title": "Not Found", "status": 404}', Unknown("HTTP 404", alarm=True)),
    ],
)
def test_what_is_not_of_the_protocol_says_nothing(verb: Verb, status: int, body: str, answer: Answer) -> None:
    assert provider().read(verb, Completed(status, "", body.encode())) == answer


def test_a_protocol_body_wins_over_a_4xx() -> None:
    body = b'{"status": 0, "message": "no account"}'
    answer = provider(dialect={"refusals": REFUSALS}).read(Verb.PAY, Completed(422, "", body))
    assert answer == Refused(NO_ACCOUNT, "0")
