"""Subscribers: a block holds at once and takes the open payment with it; an unblock lifts it."""

from smsgw.domain.payment import State
from smsgw.service.subscribers import block, identify, unblock
from tests.house import ANNA, PAY, House


async def test_a_block_ends_the_open_payment_and_its_code(house: House) -> None:
    await house.text(PAY)
    code = house.code
    await block(house.store, ANNA)
    await house.text(code)

    assert (await house.payment()).state is State.CANCELLED
    assert await house.available() == "1000000"


async def test_an_unblock_lifts_pauses_too(house: House) -> None:
    for _ in range(5):
        await house.text("SARKOR*n25656*50000*parol2")
    await block(house.store, ANNA)
    subscriber = await unblock(house.store, ANNA)

    assert (subscriber.blocked, subscriber.pauses, subscriber.wrong_passwords) == (False, (), 0)
    assert await house.text(PAY) == ["code"]


async def test_an_unblock_forgives_no_wrong_code(house: House) -> None:
    """Else who guesses codes would only have to call the contact centre; a right code alone forgives."""
    await house.text(PAY)
    await house.text("000000")

    assert (await unblock(house.store, ANNA)).wrong_codes == 1


async def test_every_change_makes_remembered_passwords_worthless(house: House) -> None:
    before = (await unblock(house.store, ANNA)).credential_version

    assert (await block(house.store, ANNA)).credential_version == before + 1


async def test_a_level_stays_with_its_number_whatever_else_changes(house: House) -> None:
    await identify(house.store, ANNA, "identified")
    await house.enrol(money_in="0")

    assert (await unblock(house.store, ANNA)).level == "identified"
    assert (await identify(house.store, ANNA, "")).level == ""
