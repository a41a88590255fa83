"""OSMP: what is stored of a call, and every answer with what it means for each question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.providers.http import Completed, HttpClient
from smsgw.providers.meanings import Meaning
from smsgw.providers.osmp import Osmp
from smsgw.providers.osmp_dialect import CANCEL_CODES, CODES, SBER_CODES, STATUS_CODES
from smsgw.providers.profile import ProviderProfile

ORDER = Order(1234567, ("4957835959",), Money(1_045, UZS), 1_795_289_389_500_000, "2016")
ALL_QUESTIONS = {"status": True, "cancel": True}
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
ANOTHER = Unknown("the answer is about another txn_id", alarm=True)
UNREADABLE = Unknown("no OSMP response")


def provider(**dialect: Any) -> Osmp:
    profile = ProviderProfile(
        name="isp", protocol="osmp", url="https://a.uz/osmp", login="smsgw", secret=Secret("canary"), dialect=dialect
    )
    return Osmp(profile, HttpClient())


@pytest.mark.parametrize(
    ("dialect", "capabilities"),
    [
        ({}, Capabilities(dedupes_by_reference=True, registry=True)),
        ({"registry": False}, Capabilities(dedupes_by_reference=True)),
        ({"status": True}, Capabilities(dedupes_by_reference=True, registry=True, status=True)),
        ({"cancel": True}, Capabilities(dedupes_by_reference=True, registry=True, cancels=True)),
        ({"preset": "sber"}, Capabilities(dedupes_by_reference=True, registry=True)),
        ({"preset": "comnet"}, Capabilities(dedupes_by_reference=True, registry=True)),
    ],
)
def test_what_the_protocol_allows(dialect: Mapping[str, Any], capabilities: Capabilities) -> None:
    """It dedupes; a status and a cancel are only where the dialect says so."""
    assert provider(**dialect).capabilities == capabilities


def test_the_query_is_stored_with_what_its_answer_is_compared_with() -> None:
    query = "command=pay&txn_id=1234567&txn_date=20261122002949&account=4957835959&sum=10.45"
    assert provider().parameters(Kind.PAY, ORDER) == {"query": query, "txn_id": "1234567", "sum": "10.45"}


def test_a_cancel_needs_the_providers_own_number() -> None:
    assert provider(cancel=True).parameters(Kind.CANCEL, Order(1, ("1",), Money(100, UZS), 0)) is None
    query = "command=cancel&txn_id=1234567&prv_txn=2016"
    assert provider(cancel=True).parameters(Kind.CANCEL, ORDER) == {"query": query, "txn_id": "1234567"}


def test_no_credential_stands_in_the_parameters() -> None:
    for kind in Kind:
        assert "canary" not in str(provider().parameters(kind, ORDER))


def answered(body: str, verb: Verb = Verb.PAY, *, status: int = 200, repeat: bool = False, **dialect: Any) -> Answer:
    osmp = provider(**(ALL_QUESTIONS | dialect))
    parameters = osmp.parameters(Kind.PAY if verb is Verb.STATUS else Kind(verb.value), ORDER)
    assert parameters is not None
    question = Question(verb=verb, parameters=parameters, repeat=repeat)
    return osmp.read(question, Completed(status, "text/xml", body.encode()))


def response(result: int | str, more: str = "") -> str:
    return f"<response><osmp_txn_id>1234567</osmp_txn_id>{more}<result>{result}</result></response>"


def sber(code: int | str, more: str = "") -> str:
    return f"<response><CODE>{code}</CODE><MESSAGE>текст</MESSAGE>{more}</response>"


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
def test_results_of_a_check_and_of_a_pay(code: int, check: Answer, pay: Answer) -> None:
    """A code that nobody agreed on refuses a check and leaves a pay in doubt."""
    assert answered(response(code), Verb.CHECK) == check
    assert answered(response(code), Verb.PAY) == pay
    assert answered(response(code), Verb.PAY, repeat=True) == pay


@pytest.mark.parametrize(
    ("code", "status", "cancel"),
    [
        (0, Accepted(), Cancelled()),
        (1, Unknown("result 1"), Unknown("result 1")),
        (79, Absent(), Absent()),
        (90, Pending("result 90"), Pending("result 90")),
        (6, Unknown("result 6", alarm=True), Unknown("result 6", alarm=True)),
        (9, Unknown("result 9", alarm=True), Unknown("result 9", alarm=True)),
        (5, Unknown("result 5", alarm=True), Refused(OTHER, "5")),
        (7, Unknown("result 7", alarm=True), Refused(OTHER, "7")),
        (300, Unknown("result 300", alarm=True), Refused(OTHER, "300")),
        (-1, Unknown("result -1", alarm=True), Refused(OTHER, "-1")),
    ],
)
def test_results_of_a_status_and_of_a_cancel(code: int, status: Answer, cancel: Answer) -> None:
    """A status refuses nothing: 300 may only say that there is no such command. A cancel that fails has failed."""
    assert answered(response(code), Verb.STATUS) == status
    assert answered(response(code), Verb.CANCEL) == cancel


@pytest.mark.parametrize(
    ("code", "check", "pay"),
    [
        (0, Found(), Accepted()),
        (1, Unknown("result 1"), Unknown("result 1")),
        (2, Unknown("result 2", alarm=True), Unknown("result 2", alarm=True)),
        (3, Refused(NO_ACCOUNT, "3"), Refused(NO_ACCOUNT, "3")),
        (4, Refused(NO_ACCOUNT, "4"), Refused(NO_ACCOUNT, "4")),
        (5, Refused(OTHER, "5"), Refused(OTHER, "5")),
        (6, Unknown("result 6", alarm=True), Unknown("result 6", alarm=True)),
        (7, Refused(OTHER, "7"), Refused(OTHER, "7")),
        (8, Unknown("result 8"), Unknown("result 8, a duplicate", alarm=True)),
        (9, Refused(AMOUNT, "9"), Refused(AMOUNT, "9")),
        (10, Refused(AMOUNT, "10"), Refused(AMOUNT, "10")),
        (11, Refused(AMOUNT, "11"), Refused(AMOUNT, "11")),
        (12, Unknown("result 12", alarm=True), Unknown("result 12", alarm=True)),
        (300, Unknown("result 300"), Unknown("result 300")),
        (79, Refused(OTHER, "79"), Unknown("result 79", alarm=True)),
        (241, Refused(OTHER, "241"), Unknown("result 241", alarm=True)),
        (-1, Refused(OTHER, "-1"), Unknown("result -1", alarm=True)),
    ],
)
def test_codes_of_sber(code: int, check: Answer, pay: Answer) -> None:
    """Its table stands alone: what only the standard knows is a code that nobody agreed on."""
    assert answered(sber(code), Verb.CHECK, preset="sber") == check
    assert answered(sber(code), Verb.PAY, preset="sber") == pay


def test_the_tables_above_have_every_code() -> None:
    assert set(CODES) == {0, 1, 4, 5, 6, 7, 8, 9, 31, 32, 79, 90, 241, 242, 243, 300}
    assert set(SBER_CODES) == {*range(13), 300}
    assert set(STATUS_CODES) == {0, 1, 79, 90}
    assert set(CANCEL_CODES) == {0, 1, 6, 9, 79, 90}


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ("<EXT_ID>5001</EXT_ID><AMOUNT>10.45</AMOUNT>", Accepted("5001")),
        ("<EXT_ID>5001</EXT_ID>", Accepted("5001")),
        ("<EXT_ID>5001</EXT_ID><AMOUNT>10.46</AMOUNT>", Unknown("result 8, a duplicate")),
        ("<EXT_ID>0</EXT_ID><AMOUNT>10.45</AMOUNT>", Unknown("result 8, a duplicate")),
        ("<EXT_ID> </EXT_ID>", Unknown("result 8, a duplicate")),
        ("", Unknown("result 8, a duplicate")),
    ],
)
def test_a_duplicate_is_ours_after_a_repeat_that_names_a_payment_like_it(more: str, answer: Answer) -> None:
    assert answered(sber(8, more), preset="sber", repeat=True) == answer
    assert answered(sber(8, more), preset="sber") == Unknown("result 8, a duplicate", alarm=True)


@pytest.mark.parametrize(
    ("dialect", "verb", "code", "answer"),
    [
        ({"codes": {"300": "unknown"}}, Verb.PAY, 300, Unknown("result 300")),
        ({"codes": {"8": "unknown"}}, Verb.PAY, 8, Unknown("result 8")),
        ({"codes": {"275": "no_account"}}, Verb.PAY, 275, Refused(NO_ACCOUNT, "275")),
        ({"codes": {"5": "pending"}}, Verb.PAY, 5, Pending("result 5")),
        ({"codes": {"-7": "ok"}}, Verb.PAY, -7, Accepted()),
        ({"preset": "comnet", "whole_units": False}, Verb.PAY, 8, Unknown("result 8")),
        ({"preset": "comnet", "whole_units": False}, Verb.STATUS, 1, Absent()),
        ({"preset": "comnet", "whole_units": False}, Verb.CANCEL, 1, Unknown("result 1")),
        ({"status_codes": {"7": "refused"}}, Verb.STATUS, 7, Refused(OTHER, "7")),
        ({"status_codes": {"2": "cancelled"}}, Verb.STATUS, 2, Cancelled("2")),
        ({"status_codes": {"7": "refused"}}, Verb.PAY, 7, Refused(OTHER, "7")),
        ({"cancel_codes": {"79": "cancelled"}}, Verb.CANCEL, 79, Cancelled("79")),
        ({"cancel_codes": {"300": "repeat"}}, Verb.CANCEL, 300, Unknown("result 300")),
    ],
)
def test_a_dialect_overrides_codes(dialect: Mapping[str, Any], verb: Verb, code: int, answer: Answer) -> None:
    assert answered(response(code), verb, **dialect) == answer


@pytest.mark.parametrize("meaning", list(Meaning))
def test_every_meaning_has_its_answer(meaning: Meaning) -> None:
    possible = Accepted | Refused | Pending | Unknown | Absent | Cancelled
    assert isinstance(answered(response(77), codes={"77": meaning.value}), possible)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (response(0, "<prv_txn>2016</prv_txn><sum>10.45</sum><comment>OK</comment>"), Accepted("2016")),
        ("\ufeff" + response(0, "<prv_txn>2016</prv_txn>"), Accepted("2016")),
        ("<br/>Notice: x" + response(0, "<prv_txn> 2016\n</prv_txn>") + "</html>", Accepted("2016")),
        ('<?xml version="1.0" encoding="UTF-8"?>\r\n' + response(" 0 ") + "\r\n\r\n", Accepted("")),
        (response(0, "<prv_txn/><sum> </sum>"), Accepted("")),
        (response(0, "<sum>10.450</sum>"), Accepted("")),
        (response(0, "<sum>10,45</sum>"), Accepted("")),
        (response(0, "<sum>10.46</sum>"), Accepted("", "the provider answered with the sum 10.46")),
        (response(0, "<sum>NaN</sum>"), Accepted("", "the provider answered with a sum that is no number")),
        ("<response><result>0</result></response>", Accepted("")),
        ("<response><osmp_txn_id> </osmp_txn_id><result>5</result></response>", Refused(NO_ACCOUNT, "5")),
        ("<response><result>0</result><txn_id>1234567</txn_id></response>", Accepted("")),
        (response(0, "<txn_id>99</txn_id>"), Accepted("")),
        ("<response><result>0</result><osmp_txn_id>1234568</osmp_txn_id></response>", ANOTHER),
        ("<response><result>0</result><osmp_txn_id>01234567</osmp_txn_id></response>", ANOTHER),
        ("<response><result>5</result><txn_id>7654321</txn_id></response>", ANOTHER),
        (response(""), UNREADABLE),
        (response("0x0"), UNREADABLE),
        (response("0.0"), UNREADABLE),
        (response("٠"), UNREADABLE),
        (response("9" * 10), UNREADABLE),
        (response("0</result><result>5"), UNREADABLE),
        ("<response><comment>OK</comment></response>", UNREADABLE),
        ("<!DOCTYPE response>" + response(0), UNREADABLE),
        ("", UNREADABLE),
        ("<html>OK</html>", UNREADABLE),
    ],
)
def test_answers_to_a_pay(body: str, answer: Answer) -> None:
    """Blank ids are common, another id is an alarm, another sum is an alarm on an accepted pay."""
    assert answered(body) == answer


@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY, Verb.STATUS, Verb.CANCEL])
def test_an_answer_about_another_payment_answers_no_question(verb: Verb) -> None:
    assert answered("<response><osmp_txn_id>1</osmp_txn_id><result>0</result></response>", verb) == ANOTHER


def test_a_status_compares_the_sum_too() -> None:
    body = response(0, "<prv_txn>2016</prv_txn><sum>1.00</sum>")
    assert answered(body, Verb.STATUS) == Accepted("2016", "the provider answered with the sum 1.00")


@pytest.mark.parametrize(
    ("dialect", "body", "answer"),
    [
        ({"preset": "sber"}, sber(0, "<EXT_ID>7</EXT_ID><AMOUNT>10.45</AMOUNT>"), Accepted("7")),
        ({"preset": "sber"}, sber(0, "<AMOUNT>1.00</AMOUNT>"), Accepted("", "the provider answered with the sum 1.00")),
        ({"preset": "sber"}, response(0), UNREADABLE),
        (
            {"preset": "pay24"},
            "<response><txn_id>1234567</txn_id><osmp_txn_id>5</osmp_txn_id><result>0</result></response>",
            Accepted(""),
        ),
        ({"answer_names": {"osmp_txn_id": "id"}}, "<response><id>9</id><result>0</result></response>", ANOTHER),
        ({"answer_names": {"prv_txn": "number"}}, response(0, "<number>7</number><prv_txn>8</prv_txn>"), Accepted("7")),
        ({"answer_names": {"result": "code"}}, "<response><code>5</code></response>", Refused(NO_ACCOUNT, "5")),
    ],
)
def test_answers_under_other_names(dialect: Mapping[str, Any], body: str, answer: Answer) -> None:
    assert answered(body, **dialect) == answer


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


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ({}, response(0, '<fields><field1 name="FIO">Алиев\nА.</field1><field2 name="balance">1</field2></fields>')),
        ({"answer_names": {"name": "fields/client"}}, response(0, '<fields><f name="client">Алиев\tА.</f></fields>')),
        ({"preset": "sber"}, sber(0, "<FIO>Алиев\nА.</FIO><ADDRESS>x</ADDRESS>")),
    ],
)
def test_the_name_of_a_subscriber_is_read_and_cleaned(dialect: Mapping[str, Any], body: str) -> None:
    assert answered(body, Verb.CHECK, **dialect) == Found("АлиевА.")


def test_a_check_without_txn_id_compares_none() -> None:
    body = "<response><osmp_txn_id>5</osmp_txn_id><result>0</result></response>"
    assert answered(body, Verb.CHECK, check_with_txn_id=False) == Found()
