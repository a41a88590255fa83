"""Settle, what is new between two answers: phases, withdrawals, pauses, sources that have not answered, poison."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

import pytest

from smsgw.domain.calls import (
    Absent,
    Answer,
    CallState,
    Cancelled,
    Capabilities,
    Kind,
    NotSent,
    Prepared,
    ProviderCall,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.funds import Funds
from smsgw.domain.payment import Payment, State
from smsgw.service.settle import FAILURES_MAX
from smsgw.service.wallet import Wallet
from smsgw.settlement.exchange import RESTORED
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House, ScriptedProvider

TWO_PHASES: Final = Capabilities(
    prepares=True, status=True, withdraws=True, dedupes_by_reference=True, lifetime_s=3600, repeat_after_s=60
)

# A life that has room for one repeat of the pay.
BRIEF: Final = replace(TWO_PHASES, lifetime_s=300, repeat_after_s=200)
PREPARED: Final = Prepared({"draft": "5123"})


class AskedSource(Wallet):
    """A source outside our books: its answers to `status` come from a script; then it says what the wallet says."""

    def __init__(self, *answers: Funds) -> None:
        self.answers = deque(answers)

    def status(self, tx: Tx, payment: Payment) -> Funds:
        return self.answers.popleft() if self.answers else super().status(tx, payment)


async def to_provider(house: House, capabilities: Capabilities, **answers: list[Answer]) -> ScriptedProvider:
    """Bring a payment to its provider, with answers by verb."""
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    for verb, scripted in answers.items():
        provider.answers[Verb(verb)].extend(scripted)
    await house.text(PAY)
    house.events.clear()
    house.events = await house.text(house.code)
    return provider


async def hours_pass(house: House, hours: float) -> None:
    for _ in range(int(hours * 60)):
        house.clock.passes(60)
        await house.claim()


async def the_call(house: House, kind: Kind = Kind.PAY) -> ProviderCall:
    call = await house.store.reads.call((await house.payment()).id, kind)
    assert call is not None
    return call


async def state(house: House) -> tuple[State, str]:
    return (await house.payment()).state, await house.available()


def verbs(provider: ScriptedProvider) -> list[Verb]:
    return [verb for verb, _ in provider.asked if verb is not Verb.CHECK]


@pytest.fixture
async def house() -> House:
    built = House()
    await built.enrol()
    return built


async def test_two_phases_follow_each_other_at_once_and_the_second_gets_what_the_first_was_told(house: House) -> None:
    provider = await to_provider(house, TWO_PHASES)
    assert verbs(provider) == [Verb.PREPARE, Verb.PAY]
    assert provider.questions[-1].memory == {"draft": "5123"}
    assert await state(house) == (State.EXECUTED, "949500")
    assert (await the_call(house)).memory == {"draft": "5123"}


async def test_a_lost_first_phase_is_repeated_and_says_so(house: House) -> None:
    provider = await to_provider(house, TWO_PHASES, prepare=[Unknown("time-out")])
    await hours_pass(house, 0.2)
    assert verbs(provider) == [Verb.PREPARE, Verb.PREPARE, Verb.PAY]
    assert [q.repeat for q in provider.questions if q.verb is Verb.PREPARE] == [False, True]
    assert await state(house) == (State.EXECUTED, "949500")


async def test_a_first_phase_refused_charges_nothing(house: House) -> None:
    await to_provider(house, TWO_PHASES, prepare=[Refused(RefusalReason.NO_ACCOUNT, "-31050")])
    assert await state(house) == (State.NOT_EXECUTED, "1000000")
    assert await house.store.reads.unbalanced() == []


async def test_what_the_provider_has_forgotten_is_reserved_anew_under_the_same_parameters(house: House) -> None:
    provider = await to_provider(house, TWO_PHASES, pay=[Unknown("time-out")], status=[Absent()])
    await hours_pass(house, 0.5)
    assert verbs(provider) == [Verb.PREPARE, Verb.PAY, Verb.STATUS, Verb.PREPARE, Verb.PAY]
    assert (
        len({tuple(sorted(parameters.items())) for verb, parameters in provider.asked if verb is not Verb.CHECK}) == 1
    )
    assert await state(house) == (State.EXECUTED, "949500")


async def test_a_payment_that_stays_reserved_is_withdrawn_at_its_end_and_then_never_paid(house: House) -> None:
    reserved: list[Answer] = [PREPARED, PREPARED, Cancelled("-1")]
    provider = await to_provider(house, BRIEF, pay=[Unknown("time-out")] * 50, status=reserved)
    await hours_pass(house, 0.5)
    asked = verbs(provider)
    assert asked[-2:] == [Verb.WITHDRAW, Verb.STATUS]
    assert not {Verb.PAY, Verb.PREPARE} & set(asked[asked.index(Verb.WITHDRAW) :])
    assert await state(house) == (State.NOT_EXECUTED, "1000000")
    assert (await house.payment()).refusal == "other"


async def test_a_withdrawal_that_cannot_be_is_an_accepted_payment_if_the_status_says_so(house: House) -> None:
    spent: list[Answer] = [Refused(RefusalReason.OTHER, "-31007")]
    provider = await to_provider(house, BRIEF, pay=[Unknown("?")] * 50, status=[PREPARED] * 2, withdraw=spent)
    await hours_pass(house, 0.5)
    assert verbs(provider)[-2:] == [Verb.WITHDRAW, Verb.STATUS]
    assert await state(house) == (State.EXECUTED, "949500")


async def test_what_came_back_with_a_copy_waits_for_the_word_of_a_provider_that_is_away(house: House) -> None:
    """While nothing leaves, nobody has been asked: it stays what it was, and is not paid."""
    away: list[Answer] = [NotSent("no connection")] * 3
    provider = await to_provider(house, TWO_PHASES, pay=[Unknown("time-out")], status=away)
    call = replace(await the_call(house), last_answer=RESTORED)
    await house.store.write(ANNA, lambda tx: tx.calls.save(call))
    while provider.answers[Verb.STATUS]:
        await hours_pass(house, 1 / 60)
        assert (await the_call(house)).last_answer == RESTORED
    await hours_pass(house, 0.5)
    assert verbs(provider) == [Verb.PREPARE, Verb.PAY, *[Verb.STATUS] * 4]
    assert await state(house) == (State.EXECUTED, "949500")


async def test_a_payment_whose_provider_was_away_for_its_life_is_not_sent_afterwards(house: House) -> None:
    """A gateway that was down for days finds the order due: its day is over, and its money goes back."""
    house.providers["sarkor"] = provider = ScriptedProvider(TWO_PHASES)
    await house.text(PAY)
    await house.receive(house.code)
    house.calls.clear()
    house.clock.passes(3601)
    await house.claim()
    assert verbs(provider) == []
    assert await state(house) == (State.NOT_EXECUTED, "1000000")


async def test_nothing_is_sent_before_the_source_holds_the_money(house: House) -> None:
    """The first byte waits for the bank's word, however often it has to be asked for."""
    house.sources["wallet"] = AskedSource(Funds.UNKNOWN, Funds.UNKNOWN, Funds.HELD)
    provider = await to_provider(house, Capabilities())
    assert verbs(provider) == []
    assert house.events == ["processing"]
    await hours_pass(house, 0.1)
    assert verbs(provider) == [Verb.PAY]
    assert await state(house) == (State.EXECUTED, "949500")


@pytest.mark.parametrize("funds", [Funds.FREE, Funds.SHORT])
async def test_a_source_that_holds_nothing_ends_the_payment_before_the_provider_hears_of_it(
    house: House, funds: Funds
) -> None:
    house.sources["wallet"] = AskedSource(Funds.UNKNOWN, funds)
    provider = await to_provider(house, Capabilities())
    await hours_pass(house, 0.1)
    assert verbs(provider) == []
    assert await state(house) == (State.NOT_EXECUTED, "1000000")
    assert (await house.payment()).refusal == "no_money"
    payment = await house.payment()
    assert await house.store.write(ANNA, lambda tx: tx.turnover.of(ANNA, payment.month)) == 0


async def pause(house: House) -> None:
    """Five connections in a row failed."""
    for _ in range(5):
        assert house.exchanges.allows("sarkor")
        house.exchanges.begins("sarkor")
        house.exchanges.note("sarkor", Verb.PAY, NotSent("ClientConnectorError"), 0.1)


async def test_a_paused_provider_is_not_asked_and_whoever_texts_is_told_at_once(house: House) -> None:
    await pause(house)
    assert await house.text(PAY) == ["bank_down"]
    assert house.providers["sarkor"].asked == []
    assert (await house.payment()).state is State.NOT_EXECUTED


@pytest.mark.proves("F39")
async def test_a_payment_to_a_paused_provider_waits_with_its_money_held(house: House) -> None:
    provider = house.providers["sarkor"] = ScriptedProvider(Capabilities())
    await house.text(PAY)
    await pause(house)
    await house.text(house.code)
    assert await state(house) == (State.PROCESSING, "949500")
    assert verbs(provider) == []
    await hours_pass(house, 0.1)
    assert await state(house) == (State.EXECUTED, "949500")


async def taken_in_hand(house: House, failures: int) -> None:
    call = replace(await the_call(house), failures=failures)
    await house.settlement.exchange(call)


@pytest.mark.proves("F51")
@pytest.mark.parametrize(("failures", "parked"), [(FAILURES_MAX, False), (FAILURES_MAX + 1, True)])
async def test_a_call_that_never_comes_to_an_end_is_parked_and_the_queue_goes_on(
    house: House, failures: int, *, parked: bool
) -> None:
    """Five times in hand is bad luck, a sixth is poison; the money stays held for a person."""
    await house.text(PAY)
    house.events.clear()
    await house.receive(house.code)
    house.calls.clear()
    await taken_in_hand(house, failures)
    call = await the_call(house)
    assert (call.state is CallState.PARKED, call.failures) == (parked, 0)


async def test_a_call_that_is_put_back_has_not_failed(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    call = house.calls.popleft()
    await house.settlement.put_back(replace(call, failures=3))
    put_back = await the_call(house)
    assert (put_back.failures, put_back.lease_until_us, put_back.state) == (2, 0, CallState.DUE)
