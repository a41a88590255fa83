"""Delivery receipts find their text, also when they come first, twice, or for nothing we sent."""

import pytest

from smsgw.domain.sms import Ack, Delivery
from smsgw.ports import StoreUnavailable
from tests.house import House


async def test_receipts_of_any_kind_are_taken(house: House) -> None:
    await house.text("HELP")

    for message_id in ("operator-1", "operator-1", "of nobody"):
        assert await house.receipts.receive("operator", message_id, Delivery.DELIVERED) is Ack.DONE


async def test_a_receipt_that_cannot_be_stored_comes_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(house.store, "write", full)

    assert await house.receipts.receive("operator", "1", Delivery.DELIVERED) is Ack.RETRY


async def test_where_nothing_was_missed_nothing_is_caught_up_with(house: House) -> None:
    await house.receipts.receive("operator", "of nobody", Delivery.DELIVERED)

    assert await house.receipts.catch_up() == 0
