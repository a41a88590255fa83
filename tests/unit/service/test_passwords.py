"""The password check before the transaction."""

from smsgw.domain.secret import Secret
from smsgw.service.passwords import PasswordCheck, PasswordVerdict
from smsgw.service.subscribers import block
from smsgw.sessions.remembered import Remembered
from tests.house import ANNA, BORIS, PASSWORD, PAY, HandClock, House

WRONG = PAY.replace(PASSWORD, "parol2")


def checker(house: House) -> PasswordCheck:
    return PasswordCheck(house.store.reads, house.hasher, house.rules.keyring, Remembered(bytes(32)), house.clock)


async def test_verdicts(house: House) -> None:
    judge = checker(house).judge

    assert (await judge(ANNA, Secret(PASSWORD), 20)).verdict is PasswordVerdict.RIGHT
    assert (await judge(ANNA, Secret("other7"), 20)).verdict is PasswordVerdict.WRONG
    assert (await judge(BORIS, Secret(PASSWORD), 20)).verdict is PasswordVerdict.WRONG


async def test_the_hash_is_spared_for_whom_it_could_not_help(house: House) -> None:
    await block(house.store, ANNA)
    judged = await checker(house).judge(ANNA, Secret(PASSWORD), 20)

    assert (judged.verdict, house.hasher.verified) == (PasswordVerdict.NOT_JUDGED, 0)


async def test_a_full_queue_is_no_verdict(house: House) -> None:
    house.hasher.full = True

    assert (await checker(house).judge(ANNA, Secret(PASSWORD), 20)).verdict is PasswordVerdict.NO_ROOM


async def test_a_node_whose_clock_is_slow_judges_whom_it_believes_paused(house: House) -> None:
    """By the database's clock the pause is over: the text must not go back to the SMSC until this node agrees."""
    for _ in range(5):
        await house.text(WRONG)
    slow = HandClock()
    house.intake._passwords = PasswordCheck(
        house.store.reads, house.hasher, house.rules.keyring, Remembered(bytes(32)), slow
    )
    house.clock.passes(30 * 60)

    assert await house.text(PAY) == ["code"]
