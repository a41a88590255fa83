"""The registry of a day: the bytes that a provider reads, and when it gets a new number."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Registry
from smsgw.settlement.registry_file import RegistryFile, RegistryOf, next_registry, registry_file

TASHKENT: Final = ZoneInfo("Asia/Tashkent")
# 2026-11-21 19:00:00 in Tashkent.
AT_US: Final = 1_795_269_600_000_000
OF: Final = RegistryOf("comnet", "2026-11-21", TASHKENT)


def a_payment(reference: int, minor: int = 1_045, account: tuple[str, ...] = ("4957835959",)) -> Payment:
    return Payment(
        id=reference,
        number=10_000_000,
        msisdn=Msisdn("+998901234567"),
        link="operator",
        provider="comnet",
        account=account,
        amount=Money(minor, UZS),
        fee=Money(100, UZS),
        state=State.EXECUTED,
        nonce=b"n",
        key_id="k1",
        language="en",
        created_at_us=1,
        confirmed_at_us=AT_US,
    )


def made(file: RegistryFile, serial: int = 1) -> Registry:
    new = next_registry(OF, (), file, 9)
    assert new is not None
    return replace(new, serial=serial)


def test_a_registry_has_a_line_for_each_payment_and_their_total() -> None:
    """Tabs between the fields, CRLF behind every line, the sum without our fee."""
    file = registry_file([a_payment(1234567), a_payment(1234568, 5_000_000, ("ali77", "2"))], UZS, TASHKENT)
    assert file.octets == (
        b"1234567\t2026-11-21\t19:00:00\t4957835959\t10.45\r\n"
        b"1234568\t2026-11-21\t19:00:00\tali77 2\t50000.00\r\n"
        b"Total: 2 50010.45\r\n"
    )
    assert (file.payments, file.sum_minor) == (2, 5_001_045)


def test_an_empty_day_is_a_registry_too() -> None:
    assert registry_file([], UZS, TASHKENT).octets == b"Total: 0 0.00\r\n"


def test_the_time_is_that_of_the_zone_that_was_agreed() -> None:
    assert b"\t17:00:00\t" in registry_file([a_payment(1)], UZS, ZoneInfo("Europe/Moscow")).octets


def test_the_same_payments_are_the_same_bytes_and_no_new_number() -> None:
    first, again = (registry_file([a_payment(1)], UZS, TASHKENT) for _ in range(2))
    assert first.octets == again.octets
    assert next_registry(OF, [made(first)], again, 10) is None


def test_a_corrected_day_gets_the_next_number() -> None:
    """Whole, not as a difference: a payment that a person has found to be paid stands in it."""
    first, corrected = registry_file([], UZS, TASHKENT), registry_file([a_payment(1)], UZS, TASHKENT)
    new = next_registry(OF, [made(first), made(first, 2)], corrected, 10)
    assert new is not None
    assert (new.serial, new.name, new.sha256) == (3, "SMSGW_comnet_202611213.csv", corrected.sha256)


@pytest.mark.proves("A89")
@pytest.mark.parametrize("breaker", ["\t", "\r", "\n"])
def test_an_account_cannot_break_a_line(breaker: str) -> None:
    with pytest.raises(AssertionError, match="pattern"):
        registry_file([a_payment(1, account=(f"a{breaker}b",))], UZS, TASHKENT)
