"""Delivery receipts find their text, also when they come first, twice, or for nothing we sent."""

import pytest

from smsgw.domain.payment import State
from smsgw.domain.sms import Ack, Delivery
from smsgw.ports import StoreUnavailable
from smsgw.service.expire import expire
from tests.house import PAY, House


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


@pytest.mark.proves("F31")
@pytest.mark.parametrize("ended", [Delivery.FAILED, Delivery.EXPIRED])
async def test_a_code_that_was_not_delivered_moves_nothing_and_is_sent_again_only_on_request(
    house: House, ended: Delivery
) -> None:
    """The receipt may be wrong or late, so it ends its text and nothing else; the payment goes on by its deadline."""
    await house.text(PAY)
    first = house.code
    await house.receipts.receive("operator", "operator-1", ended)
    await house.claim()
    assert (await house.payment()).state is State.AWAITING_CODE
    assert len(house.phones.inbox) == 1
    house.clock.passes(31)
    await house.text("RESEND")
    assert (len(house.phones.inbox), house.code) == (2, first)
    house.clock.passes(311)
    await expire(house.store, house.rules)
    assert (await house.payment()).state is State.EXPIRED
    assert await house.store.reads.unbalanced() == []
