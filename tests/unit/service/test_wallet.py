"""The wallet as a source: it answers at once, holds all or nothing, and moves each sum once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from smsgw.domain.funds import Funds
from smsgw.domain.payment import Event, Payment, State, advance
from smsgw.ports import WorkFailed
from smsgw.service.wallet import Wallet
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House

Step = Callable[[Tx, Payment], Funds]

WALLET = Wallet()


async def awaiting(house: House) -> Payment:
    """A payment of 50000 and a fee of 500 that waits for its code."""
    await house.text(PAY)
    return await house.payment()


async def ask(house: House, step: Step, payment: Payment) -> Funds:
    return await house.store.write(ANNA, lambda tx: step(tx, payment))


def confirmed(payment: Payment) -> Payment:
    return advance(payment, Event.CODE_MATCHED, 1)


async def test_a_hold_takes_amount_and_fee_from_what_is_available(house: House) -> None:
    assert await ask(house, WALLET.hold, await awaiting(house)) is Funds.HELD
    assert await house.available() == "949500"


@pytest.mark.parametrize(("money_in", "funds", "left"), [("50500", "held", "0"), ("50499.99", "short", "50499.99")])
async def test_exactly_the_total_is_enough_and_less_holds_nothing(money_in: str, funds: str, left: str) -> None:
    house = House()
    await house.enrol(money_in=money_in)

    assert await ask(house, WALLET.hold, await awaiting(house)) == funds
    assert await house.available() == left


async def test_a_hold_that_stands_is_not_made_again_even_if_the_rest_would_not_do() -> None:
    house = House()
    await house.enrol(money_in="50500")
    payment = await awaiting(house)
    await ask(house, WALLET.hold, payment)

    assert await ask(house, WALLET.hold, confirmed(payment)) is Funds.HELD
    assert await house.available() == "0"


async def test_the_same_hold_twice_before_the_row_changes_moves_once(house: House) -> None:
    payment = await awaiting(house)

    assert [await ask(house, WALLET.hold, payment) for _ in range(2)] == [Funds.HELD, Funds.HELD]
    assert await house.available() == "949500"


@pytest.mark.parametrize(
    ("step", "funds", "left"), [(WALLET.capture, "captured", "949500"), (WALLET.void, "free", "1000000")]
)
async def test_a_hold_ends_one_way_and_once(house: House, step: Step, funds: str, left: str) -> None:
    payment = await awaiting(house)
    await ask(house, WALLET.hold, payment)

    assert [await ask(house, step, confirmed(payment)) for _ in range(2)] == [funds, funds]
    assert await house.available() == left


async def test_a_hold_that_was_spent_is_not_let_go_too(house: House) -> None:
    payment = await awaiting(house)
    await ask(house, WALLET.hold, payment)
    await ask(house, WALLET.capture, confirmed(payment))

    with pytest.raises(WorkFailed):
        await ask(house, WALLET.void, confirmed(payment))
    assert await house.available() == "949500"


async def test_what_has_ended_is_never_held_again(house: House) -> None:
    ended = advance(await awaiting(house), Event.CANCELLED, 1)

    with pytest.raises(WorkFailed):
        await ask(house, WALLET.hold, ended)
    assert await house.available() == "1000000"


@pytest.mark.parametrize("state", State)
async def test_the_row_says_what_the_books_hold(house: House, state: State) -> None:
    payment = replace(await awaiting(house), state=state)
    expected = {State.PROCESSING: Funds.HELD, State.EXECUTED: Funds.CAPTURED}.get(state, Funds.FREE)

    assert await ask(house, WALLET.status, payment) is expected


async def test_through_a_whole_payment_row_and_books_agree(house: House) -> None:
    """Held with the code, spent with the receipt: at each commit the row tells what the wallet shows."""
    payment = await awaiting(house)
    await house.receive(house.code)
    assert await ask(house, WALLET.status, await house.payment()) is Funds.HELD
    await house.work_off()
    assert await ask(house, WALLET.status, await house.payment()) is Funds.CAPTURED
    assert (payment.state, await house.available()) == (State.AWAITING_CODE, "949500")
