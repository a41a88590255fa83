"""Dialects of OSMP: every switch byte for byte, the ready sets, and the mistakes that a configuration can make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from smsgw.domain.calls import Kind, Order, Verb
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.providers.http import HttpClient
from smsgw.providers.meanings import Meaning
from smsgw.providers.osmp import Osmp
from smsgw.providers.osmp_dialect import CODES, PRESETS, SBER_CODES, OsmpDialect, osmp_dialect
from smsgw.providers.profile import ProfileError, ProviderProfile

# 2026-11-21 19:29:49.5 UTC is 00:29:49 of the next day in Tashkent and 22:29:49 in Moscow.
CREATED_AT_US = 1_795_289_389_500_000
ORDER = Order(1234567, ("4957835959",), Money(1_045, UZS), CREATED_AT_US, "2016")
WHOLE = Order(1234567, ("4957835959",), Money(5_000_000, UZS), CREATED_AT_US, "2016")
WORDS = Order(1, ("12", "А&b=c d+"), Money(100, UZS), CREATED_AT_US)

STANDARD_CHECK = "command=check&txn_id=1234567&account=4957835959&sum=10.45"
STANDARD_PAY = "command=pay&txn_id=1234567&txn_date=20261122002949&account=4957835959&sum=10.45"


def provider(time_zone: str = "Asia/Tashkent", account_parts: int = 1, **dialect: Any) -> Osmp:
    profile = ProviderProfile(
        name="isp",
        protocol="osmp",
        url="https://a.uz/osmp?service=2",
        account_parts=account_parts,
        dialect=dialect,
        time_zone=time_zone,
    )
    return Osmp(profile, HttpClient())


def query(osmp: Osmp, kind: Kind, order: Order = ORDER) -> str:
    parameters = osmp.parameters(kind, order)
    assert parameters is not None
    return parameters["query"]


@pytest.mark.parametrize(
    ("dialect", "kind", "expected"),
    [
        ({}, Kind.CHECK, STANDARD_CHECK),
        ({}, Kind.PAY, STANDARD_PAY),
        ({}, Kind.CANCEL, "command=cancel&txn_id=1234567&prv_txn=2016"),
        (
            {"names": {"command": "action", "txn_id": "id", "sum": "amount", "txn_date": "date"}},
            Kind.PAY,
            "action=pay&id=1234567&date=20261122002949&account=4957835959&amount=10.45",
        ),
        (
            {"names": {"command": "action", "txn_id": "id", "prv_txn": "number"}},
            Kind.CANCEL,
            "action=cancel&id=1234567&number=2016",
        ),
        ({"account_fields": ["login"]}, Kind.CHECK, "command=check&txn_id=1234567&login=4957835959&sum=10.45"),
        ({"check_command": "getInfo"}, Kind.CHECK, "command=getInfo&txn_id=1234567&account=4957835959&sum=10.45"),
        ({"check_command": "getInfo"}, Kind.PAY, STANDARD_PAY),
        ({"pay_command": "payment"}, Kind.PAY, STANDARD_PAY.replace("=pay&", "=payment&")),
        ({"pay_command": "payment"}, Kind.CHECK, STANDARD_CHECK),
        ({"check_with_txn_id": False}, Kind.CHECK, "command=check&account=4957835959&sum=10.45"),
        ({"check_with_txn_id": False}, Kind.PAY, STANDARD_PAY),
        ({"check_sum": "none"}, Kind.CHECK, "command=check&txn_id=1234567&account=4957835959"),
        ({"check_sum": "1.00"}, Kind.CHECK, "command=check&txn_id=1234567&account=4957835959&sum=1.00"),
        ({"check_sum": "1"}, Kind.CHECK, "command=check&txn_id=1234567&account=4957835959&sum=1"),
        ({"check_sum": "none"}, Kind.PAY, STANDARD_PAY),
        ({"check_sum": "1.00"}, Kind.PAY, STANDARD_PAY),
        (
            {"date_format": "%Y-%m-%d %H:%M:%S"},
            Kind.PAY,
            STANDARD_PAY.replace("20261122002949", "2026-11-22%2000%3A29%3A49"),
        ),
        ({"extra": {"prv_id": "7", "ccy": "860"}}, Kind.CHECK, STANDARD_CHECK + "&prv_id=7&ccy=860"),
        ({"extra": {"prv_id": "7"}}, Kind.PAY, STANDARD_PAY + "&prv_id=7"),
        ({"extra": {"prv_id": "7"}}, Kind.CANCEL, "command=cancel&txn_id=1234567&prv_txn=2016&prv_id=7"),
    ],
)
def test_a_switch_changes_the_query(dialect: Mapping[str, Any], kind: Kind, expected: str) -> None:
    assert query(provider(**dialect), kind) == expected


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ({}, "command=check&txn_id=1&account=12&data1=%D0%90%26b%3Dc%20d%2B&sum=1.00"),
        ({"plus_for_space": True}, "command=check&txn_id=1&account=12&data1=%D0%90%26b%3Dc+d%2B&sum=1.00"),
    ],
)
def test_every_part_of_an_account_has_its_parameter(dialect: Mapping[str, Any], expected: str) -> None:
    osmp = provider(account_parts=2, account_fields=["account", "data1"], **dialect)
    assert query(osmp, Kind.CHECK, WORDS) == expected


def test_the_date_is_of_the_providers_zone() -> None:
    """The registry's day is by this date, and both follow the one zone of the profile."""
    moscow = provider(time_zone="Europe/Moscow")
    assert query(moscow, Kind.PAY) == STANDARD_PAY.replace("20261122002949", "20261121222949")
    assert moscow.capabilities.time_zone == "Europe/Moscow"


def test_whole_units_refuse_what_they_cannot_carry() -> None:
    """The sum is refused before anything is held, and never rounded, even where a check does not carry it."""
    for check_sum in ("real", "none", "1"):
        osmp = provider(whole_units=True, check_sum=check_sum)
        assert osmp.parameters(Kind.CHECK, ORDER) is None
        assert osmp.parameters(Kind.PAY, ORDER) is None
    assert query(provider(whole_units=True), Kind.PAY, WHOLE).endswith("&sum=50000")


@pytest.mark.parametrize(
    ("preset", "check", "pay"),
    [
        ("qiwi", STANDARD_CHECK.replace("10.45", "50000.00"), STANDARD_PAY.replace("10.45", "50000.00")),
        (
            "sber",
            "ACTION=check&ACCOUNT=4957835959",
            "ACTION=payment&PAY_ID=1234567&PAY_DATE=22.11.2026_00%3A29%3A49&ACCOUNT=4957835959&AMOUNT=50000.00",
        ),
        ("pay24", STANDARD_CHECK.replace("10.45", "50000.00"), STANDARD_PAY.replace("10.45", "50000.00")),
        ("comnet", "command=check&account=4957835959&sum=50000", STANDARD_PAY.replace("10.45", "50000")),
    ],
)
def test_the_ready_sets(preset: str, check: str, pay: str) -> None:
    osmp = provider(preset=preset)
    assert query(osmp, Kind.CHECK, WHOLE) == check
    assert query(osmp, Kind.PAY, WHOLE) == pay


def test_the_table_above_has_every_ready_set() -> None:
    assert set(PRESETS) == {"qiwi", "sber", "pay24", "comnet"}
    assert osmp_dialect({}) == OsmpDialect(), "no set is the standard"


def test_a_key_overrides_its_set_and_leaves_the_rest_of_it() -> None:
    dialect = osmp_dialect(
        {"preset": "sber", "check_sum": "real", "names": {"sum": "SUM"}, "codes": {"300": "refused"}}
    )
    assert dialect.check_sum == "real"
    assert dialect.name("sum") == "SUM"
    assert dialect.name("txn_id") == "PAY_ID"
    assert dialect.pay_command == "payment"
    assert dialect.tables()[Verb.PAY] == {**SBER_CODES, 300: Meaning.REFUSED}


def test_a_table_of_codes_is_for_its_own_question() -> None:
    """ABillS answers the status of a payment that it does not have with 1, which is "later" everywhere else."""
    tables = osmp_dialect({"preset": "comnet", "cancel_codes": {"5": "absent"}}).tables()
    assert tables[Verb.CHECK] == tables[Verb.PAY] == {**CODES, 8: Meaning.UNKNOWN}
    assert (tables[Verb.PAY][1], tables[Verb.STATUS][1]) == (Meaning.REPEAT, Meaning.ABSENT)
    assert (tables[Verb.PAY][5], tables[Verb.CANCEL][5]) == (Meaning.NO_ACCOUNT, Meaning.ABSENT)


@pytest.mark.parametrize(
    ("dialect", "key"),
    [
        ({"metod": "GET"}, "dialect.metod"),
        ({"preset": "sberbank"}, "dialect.preset"),
        ({"preset": ["sber"]}, "dialect.preset"),
        ({"method": "PUT"}, "dialect.method"),
        ({"names": {"money": "sum"}}, "dialect.names.money"),
        ({"names": {"sum": "account"}}, "dialect.names"),
        ({"names": "sum"}, "dialect.names"),
        ({"extra": {"txn_id": "1"}}, "dialect.names"),
        ({"preset": "sber", "extra": {"PAY_ID": "1"}}, "dialect.names"),
        ({"answer_names": {"command": "ACTION"}}, "dialect.answer_names.command"),
        ({"check_sum": "fake"}, "dialect.check_sum"),
        ({"check_sum": "1.5"}, "dialect.check_sum"),
        ({"check_sum": "-1.00"}, "dialect.check_sum"),
        ({"date_format": "%d %B"}, "dialect.date_format"),
        ({"date_format": "%"}, "dialect.date_format"),
        ({"date_format": ""}, "dialect.date_format"),
        ({"codes": {"x": "unknown"}}, "dialect.codes.x"),
        ({"codes": {"300": "whatever"}}, "dialect.codes.300"),
        ({"status_codes": {"1": "gone"}}, "dialect.status_codes.1"),
        ({"cancel_codes": {"1.5": "absent"}}, "dialect.cancel_codes.1.5"),
        ({"duplicates": ["eight"]}, "dialect.duplicates.0"),
        ({"account_fields": ["a", "b"]}, "dialect.account_fields"),
        ({"whole_units": "perhaps"}, "dialect.whole_units"),
    ],
)
def test_a_dialect_that_cannot_work_is_named(dialect: Mapping[str, Any], key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        provider(**dialect)
    assert caught.value.key == key


def test_a_secret_that_would_never_be_sent_is_a_mistake() -> None:
    with pytest.raises(ProfileError, match=r"^login: a secret without a login"):
        Osmp(
            ProviderProfile(name="isp", protocol="osmp", url="https://a.uz/osmp", secret=Secret("canary")), HttpClient()
        )
