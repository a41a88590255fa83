"""OSMP: the exact query, and every result code with what it means for a check and for a pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from smsgw.domain.calls import (
    Accepted,
    Answer,
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
from smsgw.domain.money import UZS, Money
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.osmp import CODES, Meaning, Osmp, OsmpDialect
from smsgw.providers.profile import ProfileError, ProviderProfile

# 2026-11-21 19:29:49.5 UTC is 00:29:49 of the next day in Tashkent and 22:29:49 in Moscow.
ORDER = Order(1234567, ("4957835959",), Money(1_045, UZS), 1_795_289_389_500_000)


def provider(account_parts: int = 1, **dialect: Any) -> Osmp:
    profile = ProviderProfile(
        name="isp",
        protocol="osmp",
        url="https://a.uz/osmp?service=2",
        login="smsgw",
        secret="canary",
        account_parts=account_parts,
        dialect=dialect,
    )
    return Osmp(profile, HttpClient())


def test_the_protocol_dedupes_and_has_no_status_question() -> None:
    assert provider().capabilities == Capabilities(dedupes_by_reference=True)


def test_a_check_is_the_exact_query_of_the_specification() -> None:
    assert provider().parameters(Kind.CHECK, ORDER) == {
        "query": "command=check&txn_id=1234567&account=4957835959&sum=10.45",
        "txn_id": "1234567",
        "sum": "10.45",
    }


def test_a_pay_is_the_exact_query_of_the_specification() -> None:
    assert provider().parameters(Kind.PAY, ORDER) == {
        "query": "command=pay&txn_id=1234567&txn_date=20261122002949&account=4957835959&sum=10.45",
        "txn_id": "1234567",
        "sum": "10.45",
    }


@pytest.mark.parametrize(
    ("dialect", "kind", "query"),
    [
        (
            {"names": {"command": "action", "txn_id": "id", "sum": "amount", "txn_date": "date"}},
            Kind.PAY,
            "action=pay&id=1234567&date=20261122002949&account=4957835959&amount=10.45",
        ),
        ({"account_fields": ["login"]}, Kind.CHECK, "command=check&txn_id=1234567&login=4957835959&sum=10.45"),
        ({"check_command": "getInfo"}, Kind.CHECK, "command=getInfo&txn_id=1234567&account=4957835959&sum=10.45"),
        ({"check_with_txn_id": False}, Kind.CHECK, "command=check&account=4957835959&sum=10.45"),
        (
            {"check_with_txn_id": False, "time_zone": "Europe/Moscow"},
            Kind.PAY,
            "command=pay&txn_id=1234567&txn_date=20261121222949&account=4957835959&sum=10.45",
        ),
        (
            {"extra": {"prv_id": "7", "ccy": "860"}},
            Kind.CHECK,
            "command=check&txn_id=1234567&account=4957835959&sum=10.45&prv_id=7&ccy=860",
        ),
    ],
)
def test_dialects_change_the_query(dialect: Mapping[str, Any], kind: Kind, query: str) -> None:
    parameters = provider(**dialect).parameters(kind, ORDER)
    assert parameters is not None
    assert parameters["query"] == query


def test_every_part_of_an_account_has_its_parameter() -> None:
    osmp = provider(account_parts=2, account_fields=["account", "data1"])
    parameters = osmp.parameters(Kind.CHECK, Order(1, ("12", "А&b=c d+"), Money(100, UZS), 0))
    assert parameters is not None
    assert parameters["query"] == "command=check&txn_id=1&account=12&data1=%D0%90%26b%3Dc%20d%2B&sum=1.00"


def test_whole_units_refuse_what_they_cannot_carry() -> None:
    """The sum is refused before anything is held, and never rounded."""
    osmp = provider(whole_units=True)
    assert osmp.parameters(Kind.PAY, ORDER) is None
    whole = osmp.parameters(Kind.PAY, Order(1, ("1",), Money(5_000_000, UZS), 0))
    assert whole is not None
    assert whole["sum"] == "50000"


def test_no_credential_stands_in_the_parameters() -> None:
    for kind in Kind:
        assert "canary" not in str(provider().parameters(kind, ORDER))


@pytest.mark.parametrize(
    ("dialect", "key"),
    [
        ({"metod": "GET"}, "dialect.metod"),
        ({"method": "PUT"}, "dialect.method"),
        ({"names": {"money": "sum"}}, "dialect.names.money"),
        ({"codes": {"x": "unknown"}}, "dialect.codes.x"),
        ({"codes": {"300": "whatever"}}, "dialect.codes.300"),
        ({"time_zone": "Asia/Samarqand"}, "dialect.time_zone"),
        ({"time_zone": "../secret"}, "dialect.time_zone"),
        ({"account_fields": ["a", "b"]}, "dialect.account_fields"),
        ({"whole_units": "perhaps"}, "dialect.whole_units"),
    ],
)
def test_a_dialect_that_cannot_work_is_named(dialect: Mapping[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**dialect)
    assert caught.value.key == key


def test_a_dialect_without_settings_is_the_standard() -> None:
    assert OsmpDialect().name("txn_id") == "txn_id"


def answered(body: str, verb: Verb = Verb.PAY, status: int = 200, **dialect: Any) -> Answer:
    osmp = provider(**dialect)
    parameters = osmp.parameters(Kind(verb.value), ORDER)
    assert parameters is not None
    return osmp.read(verb, parameters, Completed(status, "text/xml", body.encode()))


def response(result: int | str, more: str = "") -> str:
    return f"<response><osmp_txn_id>1234567</osmp_txn_id>{more}<result>{result}</result></response>"


NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER


@pytest.mark.parametrize(
    ("code", "check", "pay"),
    [
        (0, Found(), Accepted()),
        (1, Unknown("result 1"), Unknown("result 1")),
        (4, Refused(NO_ACCOUNT, "4"), Refused(NO_ACCOUNT, "4")),
        (5, Refused(NO_ACCOUNT, "5"), Refused(NO_ACCOUNT, "5")),
        (6, Unknown("result 6", alarm=True), Unknown("result 6", alarm=True)),
        (7, Refused(OTHER, "7"), Refused(OTHER, "7")),
        (8, Refused(OTHER, "8"), Refused(OTHER, "8")),
        (9, Unknown("result 9", alarm=True), Unknown("result 9", alarm=True)),
        (31, Refused(OTHER, "31"), Refused(OTHER, "31")),
        (32, Refused(OTHER, "32"), Refused(OTHER, "32")),
        (79, Refused(OTHER, "79"), Refused(OTHER, "79")),
        (90, Pending("result 90"), Pending("result 90")),
        (241, Refused(AMOUNT, "241"), Refused(AMOUNT, "241")),
        (242, Refused(AMOUNT, "242"), Refused(AMOUNT, "242")),
        (243, Refused(OTHER, "243"), Refused(OTHER, "243")),
        (300, Refused(OTHER, "300"), Refused(OTHER, "300")),
        (244, Refused(OTHER, "244"), Unknown("result 244", alarm=True)),
        (275, Refused(OTHER, "275"), Unknown("result 275", alarm=True)),
        (-1, Refused(OTHER, "-1"), Unknown("result -1", alarm=True)),
        (999_999_999, Refused(OTHER, "999999999"), Unknown("result 999999999", alarm=True)),
    ],
)
def test_result_codes(code: int, check: Answer, pay: Answer) -> None:
    """A code that nobody agreed on refuses a check and leaves a pay in doubt."""
    assert answered(response(code), Verb.CHECK) == check
    assert answered(response(code), Verb.PAY) == pay


def test_the_table_above_has_every_code_of_the_protocol() -> None:
    assert set(CODES) == {0, 1, 4, 5, 6, 7, 8, 9, 31, 32, 79, 90, 241, 242, 243, 300}


@pytest.mark.parametrize(
    ("codes", "code", "pay"),
    [
        ({"300": "unknown"}, 300, Unknown("result 300")),
        ({"8": "unknown"}, 8, Unknown("result 8")),
        ({"275": "no_account"}, 275, Refused(NO_ACCOUNT, "275")),
        ({"5": "pending"}, 5, Pending("result 5")),
        ({"-7": "ok"}, -7, Accepted()),
    ],
)
def test_a_dialect_overrides_codes(codes: Mapping[str, str], code: int, pay: Answer) -> None:
    assert answered(response(code), codes=codes) == pay


def test_every_meaning_has_its_answer() -> None:
    for meaning in Meaning:
        answer = answered(response(77), codes={"77": meaning.value})
        assert isinstance(answer, Accepted | Refused | Pending | Unknown)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (response(0, "<prv_txn>2016</prv_txn><sum>10.45</sum><comment>OK</comment>"), Accepted("2016")),
        (response(0, "<prv_txn/><sum> </sum>"), Accepted("")),
        (response(0, "<sum>10.450</sum>"), Accepted("")),
        (response(0, "<sum>10,45</sum>"), Accepted("")),
        (response(0, "<sum>10.46</sum>"), Accepted("", "the provider answered with the sum 10.46")),
        (response(0, "<sum>NaN</sum>"), Accepted("", "the provider answered with a sum that is no number")),
        ("<response><result>0</result></response>", Accepted("")),
        ("<response><osmp_txn_id> </osmp_txn_id><result>5</result></response>", Refused(NO_ACCOUNT, "5")),
        ("<response><result>0</result><txn_id>1234567</txn_id></response>", Accepted("")),
        (response(0, "<txn_id>99</txn_id>"), Accepted("")),
        (
            "<response><result>0</result><osmp_txn_id>1234568</osmp_txn_id></response>",
            Unknown("the answer is about another txn_id", alarm=True),
        ),
        (
            "<response><result>5</result><txn_id>7654321</txn_id></response>",
            Unknown("the answer is about another txn_id", alarm=True),
        ),
        (response(""), Unknown("no OSMP response")),
        (response("0x0"), Unknown("no OSMP response")),
        (response("0.0"), Unknown("no OSMP response")),
        (response("٠"), Unknown("no OSMP response")),
        (response("9" * 10), Unknown("no OSMP response")),
        ("<response><comment>OK</comment></response>", Unknown("no OSMP response")),
        ("", Unknown("no OSMP response")),
        ("<html>OK</html>", Unknown("no OSMP response")),
    ],
)
def test_answers_to_a_pay(body: str, answer: Answer) -> None:
    """Blank ids are common, another id is an alarm, another sum is an alarm on an accepted pay."""
    assert answered(body) == answer


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (500, response(0), Unknown("HTTP 500")),
        (503, response(5), Unknown("HTTP 503")),
        (429, response(5), Unknown("HTTP 429")),
        (401, response(0), Unknown("HTTP 401", alarm=True)),
        (302, response(0), Unknown("HTTP 302", alarm=True)),
        (404, "<html>not here</html>", Unknown("HTTP 404", alarm=True)),
        (404, response(5), Refused(NO_ACCOUNT, "5")),
        (422, response(0, "<prv_txn>1</prv_txn>"), Accepted("1")),
    ],
)
def test_statuses(status: int, body: str, answer: Answer) -> None:
    assert answered(body, status=status) == answer


def test_the_name_of_a_subscriber_is_read_and_cleaned() -> None:
    body = response(0, '<fields><field1 name="FIO">Алиев\nА.</field1><field2 name="balance">1</field2></fields>')
    assert answered(body, Verb.CHECK) == Found("АлиевА.")


def test_a_check_without_txn_id_compares_none() -> None:
    body = "<response><osmp_txn_id>5</osmp_txn_id><result>0</result></response>"
    assert answered(body, Verb.CHECK, check_with_txn_id=False) == Found()
