"""Confirm, the source: only what holds the money lets a payment begin, and one that is slow holds nobody up."""

import pytest

from smsgw.domain.calls import Kind
from smsgw.domain.funds import WALLET, Funds
from smsgw.domain.payment import Payment, State
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House


class Bank:
    """Implements `ports.Source`: a bank that says what it is told to say; notes what it was asked."""

    name = WALLET

    def __init__(self, funds: Funds) -> None:
        self.funds = funds
        self.asked: list[str] = []

    def hold(self, tx: Tx, payment: Payment) -> Funds:
        return self._answer("hold", tx, payment)

    def capture(self, tx: Tx, payment: Payment) -> Funds:
        self.funds = Funds.CAPTURED
        return self._answer("capture", tx, payment)

    def void(self, tx: Tx, payment: Payment) -> Funds:
        self.funds = Funds.FREE
        return self._answer("void", tx, payment)

    def status(self, tx: Tx, payment: Payment) -> Funds:
        return self._answer("status", tx, payment)

    def _answer(self, asked: str, tx: Tx, payment: Payment) -> Funds:
        assert tx.payments.get(payment.id), "a source is asked within the unit that holds the payment"
        self.asked.append(asked)
        return self.funds


@pytest.fixture
async def bank(house: House) -> Bank:
    """A bank in the wallet's place; the wallet keeps its million and is never asked."""
    bank = Bank(Funds.UNKNOWN)
    house.sources[WALLET] = bank
    return bank


async def month_s_turnover(house: House) -> int:
    month = house.rules.month(house.clock.now_us())
    return await house.store.write(ANNA, lambda tx: tx.turnover.of(ANNA, month))


async def test_money_that_is_held_at_once_is_paid_without_another_word(house: House, bank: Bank) -> None:
    bank.funds = Funds.HELD
    await house.text(PAY)

    assert await house.text(house.code) == ["receipt"]
    assert bank.asked == ["hold", "status", "capture"]
    assert await house.available() == "1000000"


@pytest.mark.parametrize("funds", [Funds.SHORT, Funds.FREE])
async def test_money_that_is_refused_at_once_ends_the_payment(house: House, bank: Bank, funds: Funds) -> None:
    bank.funds = funds
    await house.text(PAY)

    assert await house.text(house.code) == ["no_money"]
    payment = await house.payment()
    assert (payment.state, payment.refusal) == (State.NOT_EXECUTED, "no_money")
    assert await house.store.reads.call(payment.id, Kind.PAY) is None
    assert await month_s_turnover(house) == 0


@pytest.mark.proves("F60")
async def test_a_bank_that_has_not_answered_leaves_the_payment_in_processing(house: House, bank: Bank) -> None:
    """The call is ordered, the turnover counted, the subscriber told once; the provider hears nothing yet."""
    await house.text(PAY)

    assert await house.text(house.code) == ["processing"]
    payment = await house.payment()
    call = await house.store.reads.call(payment.id, Kind.PAY)
    assert payment.state is State.PROCESSING
    assert call is not None
    assert (call.told, call.sent_at_us) == (1, 0)
    assert await month_s_turnover(house) == 5_000_000
    assert [verb for verb, _ in house.providers["sarkor"].asked] == ["check"]


@pytest.mark.proves("F60")
async def test_once_the_bank_holds_the_money_the_payment_is_made(house: House, bank: Bank) -> None:
    await house.text(PAY)
    await house.text(house.code)
    bank.funds = Funds.HELD
    house.clock.passes(3600)
    await house.claim()

    assert house.events == ["receipt"]
    assert bank.asked[-1] == "capture"


@pytest.mark.proves("F60")
@pytest.mark.parametrize("funds", [Funds.SHORT, Funds.FREE])
async def test_a_bank_that_refuses_later_ends_the_payment_and_the_provider_was_never_asked(
    house: House, bank: Bank, funds: Funds
) -> None:
    await house.text(PAY)
    await house.text(house.code)
    bank.funds = funds
    house.clock.passes(3600)
    await house.claim()

    assert house.events == ["no_money"]
    assert (await house.payment()).state is State.NOT_EXECUTED
    assert [verb for verb, _ in house.providers["sarkor"].asked] == ["check"]
    assert await month_s_turnover(house) == 0


async def test_the_same_code_again_while_the_bank_thinks_holds_nothing_twice(house: House, bank: Bank) -> None:
    await house.text(PAY)
    code = house.code
    await house.text(code)

    assert await house.text(code) == ["processing"]
    assert bank.asked.count("hold") == 1


async def test_a_source_that_was_taken_out_of_the_configuration_is_answered(house: House, bank: Bank) -> None:
    """Nothing is held; with the source back in time, the same code still pays."""
    await house.text(PAY)
    del house.sources[WALLET]
    assert await house.text(house.code) == ["bank_down"]

    bank.funds = Funds.HELD
    house.sources[WALLET] = bank
    assert await house.text(house.code) == ["receipt"]
