"""A day's hash: every figure of every transfer is in it, and so is the day before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smsgw.domain.money import KGS, UZS, Money
from smsgw.ledger.day_hash import NO_DAY_BEFORE, DayHash, DayHashing
from smsgw.ledger.transfers import Code, Transfer, TransferKind

DAY = "2026-11-21"
SINCE_US, UNTIL_US = 1_795_000_000_000_000, 1_795_050_000_000_000
GOLDEN = "3814863c8dd207a260f32b1309d0211455b1edb9b34a6ac8bd2df72d8faa09a9"
TRANSFER = Transfer(
    id="7:hold",
    kind=TransferKind.HOLD,
    debit="wallet:+998901234567",
    credit="provider:sarkor",
    amount=Money(5_000_000, UZS),
    code=Code.PAYMENT,
    payment_id=7,
    created_at_us=1_795_000_000_000_000,
)


def hashed(*transfers: Transfer, day: str = DAY, until_us: int = UNTIL_US, before: str = NO_DAY_BEFORE) -> DayHash:
    hashing = DayHashing(day, SINCE_US, until_us, before)
    for transfer in transfers:
        hashing.add(transfer)
    return hashing.result()


def test_it_stays_what_it_was_for_ever() -> None:
    """Hashes that were noted years ago must come out again: the form of a line is fixed."""
    assert hashed(TRANSFER) == DayHash(DAY, SINCE_US, UNTIL_US, 1, GOLDEN)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "8:hold"},
        {"kind": TransferKind.DIRECT},
        {"debit": "wallet:+998901234568"},
        {"credit": "provider:comnet"},
        {"amount": Money(5_000_001, UZS)},
        {"amount": Money(5_000_000, KGS)},
        {"code": Code.FEE},
        {"payment_id": 8},
        {"payment_id": None},
        {"created_at_us": 1_795_000_000_000_001},
        {"kind": TransferKind.POST, "pending_id": "6:hold"},
    ],
    ids=str,
)
def test_nothing_of_a_transfer_can_change_unseen(change: dict[str, Any]) -> None:
    assert hashed(replace(TRANSFER, **change)).sha256 != hashed(TRANSFER).sha256


def test_order_number_the_day_its_border_and_the_day_before_are_in_it() -> None:
    other = replace(TRANSFER, id="9:hold")
    every = [
        hashed(),
        hashed(TRANSFER),
        hashed(TRANSFER, other),
        hashed(other, TRANSFER),
        hashed(TRANSFER, day="2026-11-22"),
        hashed(TRANSFER, until_us=UNTIL_US + 1),
        hashed(TRANSFER, before=hashed().sha256),
    ]
    assert len({each.sha256 for each in every}) == len(every)
