"""The codes of Paynet's protocol: every code, as the answer to every method, the first time and on a repeat."""

from __future__ import annotations

from typing import Any, Final

import pytest

from smsgw.domain.calls import (
    Absent,
    Answer,
    Cancelled,
    NotSent,
    Pending,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.providers.paynet_dialect import CANCEL_CODES, CODES, PaynetDialect
from smsgw.providers.profile import ProfileError, read_dialect

VERBS: Final = (Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL)
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
LISTED: Final = (
    77, 100, 101, 102, 103, 113, 140, 141, 201, 202, 203, 301, 302, 304, 305,
    401, 411, 412, 413, 414, 415, 501, 502, 601, 603,
)  # fmt: skip
JSON_RPC: Final = (-32300, -32600, -32601, -32602, -32603, -32700)
UNLISTED: Final = (0, 7, 999, -1)


def alarm(code: int) -> Unknown:
    return Unknown(f"result {code}", alarm=True)


def refused(reason: RefusalReason, *codes: int) -> dict[int, Answer]:
    return {code: Refused(reason, str(code)) for code in codes}


NOT_LET_IN: Final[dict[int, Answer]] = {code: NotSent(f"result {code}", alarm=True) for code in (412, 601)}
LATER: Final[dict[int, Answer]] = {code: Pending(f"result {code}") for code in (100, 101)}
IN_DOUBT: Final[dict[int, Answer]] = {code: Unknown(f"result {code}") for code in (102, 103)}
ANYWHERE: Final = NOT_LET_IN | LATER | IN_DOUBT
OF_THE_ACCOUNT: Final = (
    refused(NO_ACCOUNT, 301, 302) | refused(AMOUNT, 413, 415) | refused(OTHER, 113, 140, 141, 304, 501, 502)
)
GONE: Final[dict[int, Answer]] = {202: Cancelled("202")}
NOWHERE: Final[dict[int, Answer]] = {203: Absent()}

# A first payment under a number that somebody has used: neither is what the status says of it ours.
USED: Final = Unknown("our transactionId was used before", alarm=True, park=True)
# What is not here is an alarm.
MEANT: Final[dict[Verb, dict[int, Answer]]] = {
    Verb.CHECK: ANYWHERE | OF_THE_ACCOUNT | refused(OTHER, 7, 77, 999),
    Verb.PAY: ANYWHERE | OF_THE_ACCOUNT | GONE | {201: USED},
    Verb.STATUS: ANYWHERE | GONE | NOWHERE,
    Verb.CANCEL: ANYWHERE | GONE | NOWHERE | refused(OTHER, 77, 113, 140, 141, 304, 501, 502),
}
# "Exists already" and "also paid already" are about our own payment then: CheckTransaction is asked.
ON_REPEAT: Final[dict[int, Answer]] = {code: Unknown(f"result {code}") for code in (201, 302)}


def test_the_tables_below_are_about_every_code() -> None:
    assert set(CANCEL_CODES) == set(CODES) | {77} == set(LISTED)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("code", [*LISTED, *JSON_RPC, *UNLISTED])
def test_codes(verb: Verb, code: int) -> None:
    dialect = PaynetDialect(service_id=1)
    first = MEANT[verb].get(code, alarm(code))
    again = ON_REPEAT.get(code, first) if verb is Verb.PAY else first
    assert dialect.error(verb, code, repeat=False) == first
    assert dialect.error(verb, code, repeat=True) == again


@pytest.mark.parametrize(
    ("code", "word", "verb", "answer"),
    [
        ("304", "no_account", Verb.PAY, Refused(NO_ACCOUNT, "304")),
        ("304", "unknown", Verb.PAY, Unknown("result 304")),
        ("999", "refused", Verb.PAY, Refused(OTHER, "999")),
        ("999", "refused", Verb.CANCEL, Refused(OTHER, "999")),
        ("999", "refused", Verb.STATUS, alarm(999)),
        ("412", "pending", Verb.PAY, Pending("result 412")),
        ("305", "absent", Verb.STATUS, Absent()),
        ("305", "absent", Verb.PAY, alarm(305)),
    ],
)
def test_a_provider_may_mean_something_else(code: str, word: str, verb: Verb, answer: Answer) -> None:
    """But no override makes a method say what it cannot know."""
    assert PaynetDialect(service_id=1, codes={code: word}).error(verb, int(code), repeat=False) == answer


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"service_id": 0}, "dialect.service_id"),
        ({"service_id": 1, "account_fields": ("login", "login")}, "dialect.account_fields"),
        ({"service_id": 1, "codes": {"201": "ok"}}, "dialect.codes.201"),
        ({"service_id": 1, "codes": {"E1": "refused"}}, "dialect.codes.E1"),
        ({"service_id": 1, "codes": {"1": "good"}}, "dialect.codes.1"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_dialect(PaynetDialect, settings)
    assert caught.value.key == key
