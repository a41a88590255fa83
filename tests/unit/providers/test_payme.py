"""Payme: the exact bytes of every exchange, and what each error means for each question."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

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
    Prepared,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Currency, Money
from smsgw.domain.secret import Secret
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.payme import LOST, Payme, confirmed
from smsgw.providers.profile import ProfileError, ProviderProfile

ORDER = Order(900_001, ("ali77",), Money(500_000, UZS), 1_795_289_389_500_999, "5123")
ID = "0000000000000000000dbba1"
MEMORY = {"transaction": "5123", "create_time": "5"}
KINDS = {Verb.CHECK: Kind.CHECK, Verb.CANCEL: Kind.CANCEL}
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER


def provider(**changes: Any) -> Payme:
    settings: dict[str, Any] = {
        "name": "isp",
        "protocol": "payme",
        "url": "https://a.uz/payme?v=1",
        "login": "Paycom",
        "secret": Secret("canary"),
    }
    return Payme(ProviderProfile(**(settings | changes)), HttpClient())


def question(verb: Verb, payme: Payme | None = None, about: Order = ORDER, **more: Any) -> Question:
    parameters = (payme or provider()).parameters(KINDS.get(verb, Kind.PAY), about)
    assert parameters is not None
    return Question(verb=verb, parameters=parameters, **more)


def test_the_protocol_can_do_everything_but_is_asked_carefully() -> None:
    """Whether a provider looks for the id before the account is not known, so that a refused repeat is no refusal."""
    assert provider().capabilities == Capabilities(
        prepares=True,
        status=True,
        withdraws=True,
        cancels=True,
        statement=True,
        dedupes_by_reference=True,
        lifetime_s=11 * 3600,
    )


@pytest.mark.parametrize(
    ("verb", "method", "params"),
    [
        (Verb.CHECK, "CheckPerformTransaction", '{"amount":500000,"account":{"login":"ali77"}}'),
        (
            Verb.PREPARE,
            "CreateTransaction",
            f'{{"id":"{ID}","time":1795289389500,"amount":500000,"account":{{"login":"ali77"}}}}',
        ),
        (Verb.PAY, "PerformTransaction", f'{{"id":"{ID}"}}'),
        (Verb.STATUS, "CheckTransaction", f'{{"id":"{ID}"}}'),
        (Verb.WITHDRAW, "CancelTransaction", f'{{"id":"{ID}","reason":4}}'),
        (Verb.CANCEL, "CancelTransaction", f'{{"id":"{ID}","reason":5}}'),
    ],
)
def test_every_exchange_is_the_exact_request_of_the_specification(verb: Verb, method: str, params: str) -> None:
    """Whatever is remembered by then, and whether or not it is a repeat."""
    body = f'{{"jsonrpc":"2.0","id":900002,"method":"{method}","params":{params}}}'
    for more in ({}, {"memory": MEMORY}, {"repeat": True}):
        request = provider().request(question(verb, **more))
        assert (request.method, str(request.url), request.body.decode()) == ("POST", "https://a.uz/payme?v=1", body)
        assert request.headers == {
            "Content-Type": "application/json; charset=UTF-8",
            "Authorization": "Basic " + base64.b64encode(b"Paycom:canary").decode(),
        }


@given(st.integers(1, 2**63 - 1), st.text(min_size=1, max_size=40), st.integers(1, 10**18))
def test_stored_parameters_make_the_same_bytes_ever_after(reference: int, account: str, tiyin: int) -> None:
    """They are texts, they pass through JSON unchanged, and nothing but them and the verb is in a request."""
    about = Order(reference, (account,), Money(tiyin, UZS), 1_795_289_389_500_999)
    asked = question(Verb.PREPARE, about=about)
    stored = json.loads(json.dumps(asked.parameters))
    assert all(isinstance(value, str) for value in stored.values())
    again = Question(verb=Verb.PREPARE, parameters=stored, repeat=True)
    assert provider().request(again) == provider().request(asked)
    params = json.loads(provider().request(again).body)["params"]
    assert (params["id"], params["amount"], params["account"]) == (f"{reference:024x}", tiyin, {"login": account})


def test_every_part_of_an_account_has_its_field() -> None:
    payme = provider(account_parts=2, dialect={"account_fields": ["contract", "service"]})
    body = payme.request(question(Verb.CHECK, payme, Order(1, ('А"1', "tv"), Money(100, UZS), 0))).body
    assert json.loads(body)["params"]["account"] == {"contract": 'А"1', "service": "tv"}
    assert 'А\\"1'.encode() in body


@pytest.mark.parametrize(
    ("amount", "tiyin"),
    [
        (Money(1, UZS), 1),
        (Money(5_000_000, UZS), 5_000_000),
        (Money(5, Currency("JPY", 0)), 500),
        (Money(1_230, Currency("BHD", 3)), 123),
        (Money(1_234, Currency("BHD", 3)), None),
    ],
)
def test_a_sum_is_sent_in_hundredths_or_not_at_all(amount: Money, tiyin: int | None) -> None:
    for kind in (Kind.CHECK, Kind.PAY):
        parameters = provider().parameters(kind, Order(1, ("1",), amount, 0))
        assert (parameters and json.loads(parameters["params"])["amount"]) == tiyin


def test_no_credential_stands_in_the_parameters() -> None:
    for kind in Kind:
        assert "canary" not in str(provider().parameters(kind, ORDER))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"login": "", "secret": Secret("")}, "secret_env"),
        ({"secret": Secret("")}, "secret_env"),
        ({"account_parts": 2}, "dialect.account_fields"),
        ({"lifetime_s": 43_200}, "lifetime_s"),
        ({"dialect": {"codes": {"x": "unknown"}}}, "dialect.codes.x"),
    ],
)
def test_a_profile_that_cannot_work_is_named(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**changes)
    assert caught.value.key == key


def test_a_lifetime_below_the_expiry_is_taken() -> None:
    assert provider(lifetime_s=43_199).capabilities.lifetime_s == 43_199


def answered(verb: Verb, envelope: object, status: int = 200, **more: Any) -> Answer:
    body = envelope if isinstance(envelope, str) else json.dumps(envelope)
    return provider().read(question(verb, **more), Completed(status, "application/json", body.encode()))


def error(code: int) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 900_002, "error": {"code": code, "message": {"ru": "нет"}, "data": "login"}}


def doubt(code: int) -> Unknown:
    return Unknown(f"result {code}", alarm=True)


@pytest.mark.parametrize(
    ("code", "check", "prepare", "by_id", "take_back"),
    [
        *((code, *[doubt(code)] * 4) for code in (-32300, -32504, -32600, -32601, -32602, -32700)),
        (-32400, *[Unknown("result -32400")] * 4),
        (-31001, Refused(AMOUNT, "-31001"), Refused(AMOUNT, "-31001"), Absent(), Absent()),
        (-31003, Refused(OTHER, "-31003"), doubt(-31003), Absent(), Absent()),
        (-31007, Refused(OTHER, "-31007"), doubt(-31007), doubt(-31007), Refused(OTHER, "-31007")),
        (
            -31008,
            Refused(OTHER, "-31008"),
            Refused(OTHER, "-31008"),
            Unknown("result -31008"),
            Unknown("result -31008"),
        ),
        (-31050, Refused(NO_ACCOUNT, "-31050"), Refused(NO_ACCOUNT, "-31050"), Absent(), Absent()),
        (-31099, Refused(NO_ACCOUNT, "-31099"), Refused(NO_ACCOUNT, "-31099"), Absent(), Absent()),
        (-31100, Refused(OTHER, "-31100"), *[doubt(-31100)] * 3),
        (7, Refused(OTHER, "7"), *[doubt(7)] * 3),
    ],
)
def test_errors(code: int, check: Answer, prepare: Answer, by_id: Answer, take_back: Answer) -> None:
    """A code that nobody agreed on refuses a check and leaves everything else in doubt."""
    expected = {
        Verb.CHECK: check,
        Verb.PREPARE: prepare,
        Verb.PAY: by_id,
        Verb.STATUS: by_id,
        Verb.WITHDRAW: take_back,
        Verb.CANCEL: take_back,
    }
    assert {verb: answered(verb, error(code)) for verb in Verb} == expected


@pytest.mark.parametrize("code", [-31001, -31003, -31050, -31099])
@pytest.mark.parametrize("verb", [Verb.PAY, Verb.STATUS, Verb.WITHDRAW])
def test_a_provider_that_lost_what_it_had_reserved_is_an_alarm(verb: Verb, code: int) -> None:
    assert answered(verb, error(code), memory=MEMORY) == Absent(LOST)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"allow": True}, Found()),
        ({"allow": True, "additional": {"name": " Алиев\nА."}}, Found("АлиевА.")),
        ({"allow": True, "additional": {"balance": 1, "fio": "Алиев"}, "detail": {"receipt_type": 0}}, Found("Алиев")),
        ({"allow": True, "additional": {"name": 7}}, Found()),
        ({"allow": True, "additional": None}, Found()),
        ({"allow": False}, Refused(OTHER, "allow: false")),
        ({"allow": "true"}, Unknown("neither allowed nor refused", alarm=True)),
        ({"allow": 1}, Unknown("neither allowed nor refused", alarm=True)),
        ({}, Unknown("neither allowed nor refused", alarm=True)),
    ],
)
def test_a_check_is_good_only_if_it_says_so(result: dict[str, object], answer: Answer) -> None:
    assert answered(Verb.CHECK, {"id": 900_002, "result": result}) == answer


PERFORMED = {"id": 900_002, "result": {"transaction": "5123", "perform_time": 6, "state": 2}}


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Accepted("5123")),
        (201, Unknown("HTTP 201", alarm=True)),
        (302, Unknown("HTTP 302", alarm=True)),
        (400, Unknown("HTTP 400", alarm=True)),
        (401, Unknown("HTTP 401", alarm=True)),
        (415, Unknown("HTTP 415", alarm=True)),
        (429, Unknown("HTTP 429")),
        (500, Unknown("HTTP 500")),
    ],
)
def test_another_status_is_an_error_of_the_system(status: int, answer: Answer) -> None:
    assert answered(Verb.PAY, PERFORMED, status) == answer


@pytest.mark.parametrize("verb", list(Verb))
def test_nothing_is_concluded_from_an_answer_to_another_request(verb: Verb) -> None:
    for outcome in ({"result": {"state": 2, "perform_time": 6, "allow": True}}, {"error": {"code": -31050}}):
        assert answered(verb, {"id": 900_003, **outcome}) == Unknown("the answer is about another request", alarm=True)


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("body", ["", "<html></html>", "[]", '{"id":900002,"result":{"state":2,"state":2}}'])
def test_what_is_no_envelope_is_in_doubt(verb: Verb, body: str) -> None:
    assert answered(verb, body) == Unknown("no JSON-RPC response")


REFUSED = Refused(NO_ACCOUNT, "-31050")
LIE = Unknown("CreateTransaction says performed, and CheckTransaction does not know it", alarm=True)


@pytest.mark.parametrize(
    ("status", "after_refusal", "after_success"),
    [
        (Absent(), REFUSED, LIE),
        (Prepared(MEMORY), Prepared(MEMORY), Prepared(MEMORY)),
        (Accepted("5123"), Accepted("5123"), Accepted("5123")),
        (Cancelled("state -1"), Cancelled("state -1"), Cancelled("state -1")),
        (Unknown("HTTP 500"), Unknown("HTTP 500"), Unknown("HTTP 500")),
        (NotSent("MayNotSend"), Unknown("MayNotSend"), Unknown("MayNotSend")),
    ],
)
def test_what_check_transaction_says_of_a_creation(
    status: Answer, after_refusal: Answer, after_success: Answer
) -> None:
    """A refusal stands only if the id is unknown; and what was begun is never reported as not sent."""
    assert confirmed(REFUSED, status) == after_refusal
    assert confirmed(Accepted("5123"), status) == after_success
