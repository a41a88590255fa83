"""Top-up: once for each key."""

from smsgw.service.top_up import TopUp, top_up_wallet
from tests.house import ANNA, BORIS, House, soums


async def test_money_comes_in_once_for_each_key(house: House) -> None:
    first = await top_up_wallet(house.store, ANNA, "kiosk7", soums("1000"), "k-1")
    again = await top_up_wallet(house.store, ANNA, "kiosk7", soums("1000"), "k-1")
    other = await top_up_wallet(house.store, ANNA, "kiosk7", soums("2000"), "k-1")

    assert [outcome for outcome, _ in (first, again, other)] == [TopUp.DONE, TopUp.REPEATED, TopUp.OTHER_UNDER_KEY]
    assert await house.available() == "1001000"
    assert await house.store.reads.unbalanced() == []


async def test_a_number_that_is_not_registered_has_no_wallet(house: House) -> None:
    outcome, _ = await top_up_wallet(house.store, BORIS, "kiosk7", soums("1000"), "k-1")

    assert outcome is TopUp.NOT_REGISTERED
