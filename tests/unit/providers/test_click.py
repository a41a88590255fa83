"""Click's SHOP API: the bytes and the signature of every request, and every code in each of its places."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from smsgw.domain.calls import (
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
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.providers.click import Click
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.profile import ProfileError, ProviderProfile

ORDER: Final = Order(900_001, ("ali77",), Money(500_000, UZS), 1_795_289_389_000_000)
MEMORY: Final = {"merchant_prepare_id": "5123"}
STORED: Final = {
    "click_trans_id": "900001",
    "service_id": "77",
    "click_paydoc_id": "900001",
    "merchant_trans_id": "ali77",
    "amount": "5000.00",
    "sign_time": "2026-11-22 00:29:49",
}
PREPARE, PAY, WITHDRAW = Verb.PREPARE, Verb.PAY, Verb.WITHDRAW


def provider(**changes: Any) -> Click:
    settings: dict[str, Any] = {
        "name": "isp",
        "protocol": "click",
        "url": "https://a.uz/prepare",
        "login": "click",
        "secret": Secret("canary"),
        "dialect": {"service_id": 77},
    }
    return Click(ProviderProfile(**(settings | changes)), HttpClient())


def read(verb: Verb, body: object, *, repeat: bool = False, codes: Mapping[str, str] | None = None) -> Answer:
    click = provider(dialect={"service_id": 77, "codes": codes or {}})
    question = Question(verb=verb, parameters=STORED, memory=MEMORY, repeat=repeat)
    text = body if isinstance(body, str) else json.dumps(body)
    return click.read(question, Completed(200, "text/html", text.encode()))


def test_what_the_protocol_promises() -> None:
    assert provider().capabilities == Capabilities(prepares=True, withdraws=True, dedupes_by_reference=True)


def test_a_check_is_answered_without_asking_anybody() -> None:
    """The protocol has none; nothing is stored for it, but a sum that cannot be written is refused here already."""
    assert provider().parameters(Kind.CHECK, ORDER) == {}
    whole = provider(dialect={"service_id": 77, "whole_units": True})
    assert whole.parameters(Kind.CHECK, Order(1, ("a",), Money(500_001, UZS), 0)) is None


async def test_a_check_opens_no_connection() -> None:
    """A client that was never opened would fail an exchange."""
    assert await provider().call(Question(verb=Verb.CHECK, parameters={}), lambda: False) == Found()


@pytest.mark.parametrize(
    ("dialect", "amount"),
    [({}, "5000.00"), ({"whole_units": True}, "5000")],
)
def test_parameters_hold_what_is_signed_and_no_signature(dialect: Mapping[str, object], amount: str) -> None:
    parameters = provider(dialect={"service_id": 77, **dialect}).parameters(Kind.PAY, ORDER)
    assert parameters == STORED | {"amount": amount}


COMMON: Final = "click_trans_id=900001&service_id=77&click_paydoc_id=900001&merchant_trans_id=ali77&amount=5000.00"
TIME: Final = "sign_time=2026-11-22+00%3A29%3A49"
CONFIRMED: Final = f"{COMMON}&{TIME}&merchant_prepare_id=5123&action=1"


# The signatures were made by md5sum from the texts: 900001 77 canary ali77 [5123] 5000.00 ACTION TIME, without blanks.
@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        (
            PREPARE,
            "/prepare",
            f"{COMMON}&{TIME}&action=0&error=0&error_note=Success&sign_string=d5398834495d591c74f6e3501363321a",
        ),
        (
            PAY,
            "/complete",
            f"{CONFIRMED}&error=0&error_note=Success&sign_string=28b78533c232cae27ad6a8a0c0b76b79",
        ),
        (
            WITHDRAW,
            "/complete",
            f"{CONFIRMED}&error=-5017&error_note=Cancelled&sign_string=28b78533c232cae27ad6a8a0c0b76b79",
        ),
    ],
)
def test_a_request_byte_for_byte(verb: Verb, path: str, body: str) -> None:
    """The secret is in the signature alone, and the error of a request is not signed."""
    click = provider(dialect={"service_id": 77, "complete_url": "https://a.uz/complete"})
    request = click._request(Question(verb=verb, parameters=STORED, memory=MEMORY))
    assert request.body.decode() == body
    assert (request.method, str(request.url)) == ("POST", f"https://a.uz{path}")
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert "canary" not in f"{request!r}{request.body!r}"


def test_one_address_may_serve_both_actions() -> None:
    request = provider()._request(Question(verb=PAY, parameters=STORED, memory=MEMORY))
    assert str(request.url) == "https://a.uz/prepare"


def test_an_account_is_signed_as_utf_8_and_sent_encoded() -> None:
    stored = {**STORED, "merchant_trans_id": "Али & 7"}
    request = provider()._request(Question(verb=PREPARE, parameters=stored))
    assert b"merchant_trans_id=%D0%90%D0%BB%D0%B8+%26+7&" in request.body


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"account_parts": 2}, "account_parts"),
        ({"secret": Secret("")}, "secret_env"),
        ({"dialect": {}}, "dialect.service_id"),
        ({"dialect": {"service_id": 0}}, "dialect.service_id"),
        ({"dialect": {"service_id": 1, "complete_url": "http://a.uz/"}}, "dialect.complete_url"),
        ({"dialect": {"service_id": 1, "complete_url": "a.uz"}}, "dialect.complete_url"),
        ({"dialect": {"service_id": 1, "codes": {"-4": "ok"}}}, "dialect.codes.-4"),
        ({"dialect": {"service_id": 1, "codes": {"-6": "absent"}}}, "dialect.codes.-6"),
        ({"dialect": {"service_id": 1, "codes": {"-6": "gone"}}}, "dialect.codes.-6"),
        ({"dialect": {"service_id": 1, "url": "https://a.uz/"}}, "dialect.url"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, object], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**changes)
    assert caught.value.key == key


PLACES: Final = ("prepare", "prepare again", "complete", "complete again", "drop")
VERBS: Final = ((PREPARE, False), (PREPARE, True), (PAY, False), (PAY, True), (WITHDRAW, False))
RESERVED, PAID = Prepared({"merchant_prepare_id": "61"}), Accepted("62")
DROPPED_LATE: Final = Accepted("62", "a payment that was to be dropped was paid already")
DROP_IGNORED: Final = Unknown("a drop was answered as if it were a payment", alarm=True)


def alarm(code: int) -> Unknown:
    return Unknown(f"result {code}", alarm=True)


def refused(code: int, reason: RefusalReason = RefusalReason.OTHER) -> Refused:
    return Refused(reason, str(code))


def everywhere(answer: Answer) -> tuple[Answer, ...]:
    return (answer,) * len(PLACES)


NOT_LET_IN: Final = NotSent("result -1", alarm=True)
TOO_LATE: Final = Refused(RefusalReason.AMOUNT, "-2", "the sum was refused after it had been reserved")
CODES: Final[dict[int, tuple[Answer, ...]]] = {
    0: (RESERVED, RESERVED, PAID, PAID, DROP_IGNORED),
    -1: everywhere(NOT_LET_IN),
    -2: (*(refused(-2, RefusalReason.AMOUNT),) * 2, *(TOO_LATE,) * 2, alarm(-2)),
    -3: everywhere(alarm(-3)),
    -4: (alarm(-4), alarm(-4), alarm(-4), PAID, DROPPED_LATE),
    -5: (*(refused(-5, RefusalReason.NO_ACCOUNT),) * 4, alarm(-5)),
    -6: (refused(-6), refused(-6), refused(-6), Unknown("result -6"), Unknown("result -6")),
    -7: (*(Unknown("result -7"),) * 4, alarm(-7)),
    -8: everywhere(alarm(-8)),
    -9: everywhere(Cancelled("-9")),
    -10: (refused(-10), refused(-10), alarm(-10), alarm(-10), alarm(-10)),
    404: (refused(404), refused(404), alarm(404), alarm(404), alarm(404)),
}


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("place", range(len(PLACES)), ids=PLACES)
def test_codes(place: int, code: int, *, quoted: bool) -> None:
    """What a code means depends on what was sent, and on what may have arrived before."""
    verb, repeat = VERBS[place]
    body = {
        "click_trans_id": 900_001,
        "merchant_trans_id": "ali77",
        "merchant_prepare_id": 61,
        "merchant_confirm_id": 62,
        "error": str(code) if quoted else code,
        "error_note": "?",
    }
    assert read(verb, body, repeat=repeat) == CODES[code][place]


@pytest.mark.parametrize(
    ("code", "word", "verb", "repeat", "answer"),
    [
        ("-4", "refused", PREPARE, False, refused(-4)),
        ("-4", "refused", PAY, False, alarm(-4)),
        ("-4", "refused", PAY, True, Accepted()),
        ("-6", "unknown", PAY, False, Unknown("result -6")),
        ("-10", "no_account", PREPARE, False, refused(-10, RefusalReason.NO_ACCOUNT)),
        ("-10", "refused", WITHDRAW, False, alarm(-10)),
        ("-1", "unknown", PAY, False, Unknown("result -1")),
    ],
)
def test_a_provider_may_mean_something_else(code: str, word: str, verb: Verb, answer: Answer, *, repeat: bool) -> None:
    """But "paid already" to a Complete stays what it is."""
    assert read(verb, {"error": int(code)}, repeat=repeat, codes={code: word}) == answer


@pytest.mark.parametrize("verb", [PREPARE, PAY, WITHDRAW])
def test_an_error_inside_an_error_is_read(verb: Verb) -> None:
    assert read(verb, {"error": {"error": -1, "error_note": "SIGN CHECK FAILED!"}}) == NOT_LET_IN


UNREAD: Final = Unknown("no answer of the protocol")
ANOTHER: Final = Unknown("the answer is about another payment", alarm=True)
NO_NUMBER: Final = Unknown("a reservation without a number", alarm=True)


@pytest.mark.parametrize("verb", [PREPARE, PAY, WITHDRAW])
@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, UNREAD),
        ({"error": None}, UNREAD),
        ({"error": ""}, UNREAD),
        ({"error": "Success"}, UNREAD),
        ({"error": False}, UNREAD),
        ({"error": 0.0}, UNREAD),
        ({"error": [0]}, UNREAD),
        ({"error": {"error": 0}, "merchant_prepare_id": 61}, UNREAD),
        ({"error": {"error": {"error": -9}}}, UNREAD),
        ('{"error": 0, "error": -9}', UNREAD),
        ("[]", UNREAD),
        ("", UNREAD),
        ("<html></html>", UNREAD),
        ({"error": 0, "click_trans_id": 900_002}, ANOTHER),
        ({"error": 0, "merchant_trans_id": "ali78"}, ANOTHER),
        ({"error": -9, "click_trans_id": "900002"}, ANOTHER),
    ],
)
def test_what_is_no_answer_to_this_payment_says_nothing(verb: Verb, body: object, answer: Answer) -> None:
    assert read(verb, body) == answer


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        (61, RESERVED),
        ("61", RESERVED),
        (0, Prepared({"merchant_prepare_id": "0"})),
        ("a-6", Prepared({"merchant_prepare_id": "a-6"})),
        ("6" * 64, Prepared({"merchant_prepare_id": "6" * 64})),
        ("6" * 65, NO_NUMBER),
        (" 61", NO_NUMBER),
        ("", NO_NUMBER),
        (None, NO_NUMBER),
        (True, NO_NUMBER),
        (61.0, NO_NUMBER),
    ],
)
def test_the_number_of_a_reservation_is_kept_as_it_came(number: object, answer: Answer) -> None:
    """It is signed and sent back, so a number that would be changed on the way is none."""
    assert read(PREPARE, {"error": 0, "merchant_prepare_id": number}) == answer


def test_a_credit_needs_no_number_of_its_own() -> None:
    assert read(PAY, {"error": 0}) == Accepted("")


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (500, '{"error": 0}', Unknown("HTTP 500")),
        (429, '{"error": 0}', Unknown("HTTP 429")),
        (403, '{"error": -5}', Unknown("HTTP 403", alarm=True)),
        (302, "", Unknown("HTTP 302", alarm=True)),
        (404, '{"error": "Not Found"}', Unknown("HTTP 404", alarm=True)),
        (400, '{"error": -5}', refused(-5, RefusalReason.NO_ACCOUNT)),
    ],
)
def test_statuses_of_http(status: int, body: str, answer: Answer) -> None:
    """A body of the protocol wins over a 4xx that says nothing about our right to call."""
    question = Question(verb=PAY, parameters=STORED, memory=MEMORY)
    assert provider().read(question, Completed(status, "", body.encode())) == answer
