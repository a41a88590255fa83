"""Settle: what a provider's answer does to the payment, the books, and the subscriber's phone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    CallState,
    Capabilities,
    Kind,
    NotSent,
    Pending,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.payment import State
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.service import settle
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.settle import Settlement
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House, ScriptedProvider

REPEATS = Capabilities(dedupes_by_reference=True, repeat_after_s=2)


async def confirmed(house: House, *answers: Answer, capabilities: Capabilities | None = None) -> None:
    """Bring a payment to its provider, who will give these answers to pay."""
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    await house.text(PAY)
    provider.answers[Verb.PAY].extend(answers)
    house.events.clear()
    await house.text(house.code)


async def state(house: House) -> tuple[State, str]:
    return (await house.payment()).state, await house.available()


async def call_state(house: House) -> CallState:
    call = await house.store.reads.call((await house.payment()).id, Kind.PAY)
    assert call is not None
    return call.state


@pytest.fixture
async def house() -> House:
    """A house whose settlement reads its providers at each call, so that a test may change them."""
    built = House()
    await built.enrol()
    return built


async def test_an_accepted_payment_is_executed_posted_and_receipted(house: House) -> None:
    await confirmed(house, Accepted("P-77"))

    assert await state(house) == (State.EXECUTED, "949500")
    assert (await house.payment()).provider_reference == "P-77"
    assert await house.store.reads.unbalanced() == []


@pytest.mark.proves("F38")
async def test_a_refused_payment_gives_all_back_the_turnover_too(house: House) -> None:
    await confirmed(house, Refused(RefusalReason.OTHER, "7"))

    assert await state(house) == (State.NOT_EXECUTED, "1000000")
    payment = await house.payment()
    spent = await house.store.write(ANNA, lambda tx: tx.turnover.of(ANNA, payment.month))
    assert spent == 0
    assert await house.store.reads.unbalanced() == []


@pytest.mark.parametrize("answer", [Unknown("timeout"), Pending("90"), NotSent("refused")])
async def test_no_final_answer_keeps_the_money_held_and_says_so_once(house: House, answer: Answer) -> None:
    await confirmed(house, answer, answer, Accepted("P-77"), capabilities=REPEATS)
    assert await state(house) == (State.PROCESSING, "949500")
    for _ in range(400):
        house.clock.passes(1)
        await house.claim()

    assert [text for _, text in house.phones.inbox if "IN PROCESSING" in text.upper()] == [
        text for _, text in house.phones.inbox if "again" in text
    ][:1]
    assert await state(house) == (State.EXECUTED, "949500")


async def test_a_repeat_sends_the_stored_parameters_again(house: House) -> None:
    await confirmed(house, Unknown("timeout"), capabilities=REPEATS)
    for _ in range(100):
        house.clock.passes(1)
        await house.claim()

    pays = [parameters for verb, parameters in house.providers["sarkor"].asked if verb is Verb.PAY]
    assert len(pays) == 2
    assert pays[0] == pays[1]


@pytest.mark.proves("F36")
async def test_a_provider_that_may_credit_twice_is_never_asked_twice(house: House) -> None:
    await confirmed(house, Unknown("timeout"))
    for _ in range(3):
        house.clock.passes(24 * 3600)
        await house.claim()

    assert await call_state(house) is CallState.PARKED
    assert await state(house) == (State.PROCESSING, "949500")
    assert [verb for verb, _ in house.providers["sarkor"].asked].count(Verb.PAY) == 1


@pytest.mark.proves("F36")
async def test_an_absent_payment_is_asked_for_again_and_never_guessed_away(house: House) -> None:
    capabilities = Capabilities(status=True)
    await confirmed(house, Unknown("timeout"), capabilities=capabilities)
    house.providers["sarkor"].answers[Verb.STATUS].extend([Absent()] * 3)
    for _ in range(600):
        house.clock.passes(1)
        await house.claim()

    assert await state(house) == (State.EXECUTED, "949500")
    assert [verb for verb, _ in house.providers["sarkor"].asked].count(Verb.PAY) == 1


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (Refused(RefusalReason.NO_ACCOUNT, "5"), "no_account"),
        (Refused(RefusalReason.OTHER, "7"), "not_executed"),
        (Refused(RefusalReason.AMOUNT, "241"), "not_executed"),
    ],
)
async def test_a_refused_check_ends_the_payment_before_any_code(house: House, answer: Answer, event: str) -> None:
    house.providers["sarkor"].answers[Verb.CHECK].append(answer)

    assert await house.text(PAY) == [event]
    assert await state(house) == (State.NOT_EXECUTED, "1000000")


async def test_a_check_without_answer_is_given_up_after_two_tries(house: House) -> None:
    house.providers["sarkor"].answers[Verb.CHECK].extend([Unknown("timeout")] * 5)
    await house.text(PAY)
    for _ in range(30):
        house.clock.passes(1)
        await house.claim()

    assert house.events == ["bank_down"]
    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK, Verb.CHECK]
    assert await state(house) == (State.NOT_EXECUTED, "1000000")


async def test_the_answer_to_a_check_that_was_cancelled_meanwhile_changes_nothing(house: House) -> None:
    await house.receive(PAY)
    check = house.calls.popleft()
    await house.text("0")
    await house.settlement.exchange(check)
    await house.work_off()

    assert (await house.payment()).state is State.CANCELLED
    assert "code" not in house.events


async def test_a_node_whose_lease_was_taken_over_changes_nothing(house: House) -> None:
    """The fence: whoever holds an older epoch neither calls the provider nor writes."""
    await house.text(PAY)
    await house.receive(house.code)
    stale = house.calls.popleft()
    house.clock.passes(31)
    lease_us = house.clock.now_us() + 30_000_000
    (taken,) = await house.store.write("", lambda tx: tx.calls.claim(lease_us, {"sarkor": 10}))
    await house.settlement.exchange(stale)

    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK]
    await house.settlement.exchange(taken)
    assert (await house.payment()).state is State.EXECUTED


@pytest.mark.proves("F50")
async def test_a_late_answer_of_a_paused_node_lands_nowhere(house: House) -> None:
    """The node asked, slept beyond its lease, and another one has asked again meanwhile: only one receipt."""
    await confirmed(house, Unknown("reset"), Accepted("P-1"), capabilities=REPEATS)
    for _ in range(200):
        house.clock.passes(1)
        await house.claim()

    assert [text for _, text in house.phones.inbox if "PAID" in text] == [house.last_text]


@pytest.mark.proves("F59")
async def test_a_call_to_a_provider_that_was_taken_out_of_the_configuration_is_parked(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    nobody = Parties({}, house.sources)
    settlement = Settlement(house.outcomes, nobody, house.exchanges, house.store, house.clock)
    await settlement.exchange(house.calls.popleft())

    assert await call_state(house) is CallState.PARKED
    assert await state(house) == (State.PROCESSING, "949500")


@pytest.mark.proves("F7")
async def test_the_intent_is_committed_before_the_first_byte(house: House) -> None:
    """At the moment of the exchange, the row says already that it was sent."""
    await house.text(PAY)
    await house.receive(house.code)
    call = house.calls.popleft()
    provider = house.providers["sarkor"]
    seen: list[int] = []

    class Watching(ScriptedProvider):
        async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
            row = await house.store.reads.call(call.payment_id, Kind.PAY)
            assert row is not None
            seen.append(row.sent_at_us)
            return await super().call(question, may_send)

    house.providers["sarkor"] = Watching(provider.capabilities)
    await house.settlement.exchange(replace(call))

    assert seen == [house.clock.now_us()]


@pytest.mark.proves("F50")
@pytest.mark.parametrize(("pause_s", "pays"), [(59.9, 1), (60.0, 0)])
async def test_no_byte_leaves_later_than_one_deadline_after_the_intent(house: House, pause_s: float, pays: int) -> None:
    """A pause of the process must not make a pay that is credited after `max_late_apply_s` was counted to its end."""

    class Paused(ScriptedProvider):
        async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
            house.clock.passes(pause_s if question.verb is Verb.PAY else 0)
            return await super().call(question, may_send) if may_send() else NotSent("MayNotSend")

    house.providers["sarkor"] = Paused()
    await house.text(PAY)
    await house.text(house.code)

    assert [verb for verb, _ in house.providers["sarkor"].asked].count(Verb.PAY) == pays


async def test_a_check_of_a_provider_that_was_taken_out_of_the_configuration_is_answered(house: House) -> None:
    """Nothing was charged, so nothing is parked, and the subscriber is not told that a payment goes on."""
    await house.receive(PAY)
    nobody = Parties({}, house.sources)
    settlement = Settlement(house.outcomes, nobody, house.exchanges, house.store, house.clock)
    await settlement.exchange(house.calls.popleft())
    await house.work_off()

    assert house.events == ["bank_down"]
    assert await state(house) == (State.NOT_EXECUTED, "1000000")


async def test_a_check_whose_answers_cannot_be_committed_is_given_up_after_two_tries(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Poison: tries are counted before they are made, so a bug of ours ends in an answer too."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Outcomes, "_ask_for_code", fails)
    await house.receive(PAY)
    for _ in range(300):
        with suppress(WorkFailed):
            await house.claim()
        house.clock.passes(1)

    assert house.events == ["bank_down"]
    assert [verb for verb, _ in house.providers["sarkor"].asked] == [Verb.CHECK, Verb.CHECK]


@pytest.mark.proves("F18")
async def test_units_that_run_again_after_an_unknown_commit_do_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run was committed though nobody knows it; what it handed over is lost, and found by its lease."""
    once = house.store.write

    async def twice(key: str, work: Callable[[Tx], object]) -> object:
        house.store.subscribe(lambda _: None, lambda _: None)
        await once(key, work)
        house.store.subscribe(house.calls.append, house.texts.append)
        return await once(key, work)

    async def until_quiet() -> None:
        for _ in range(4):
            house.clock.passes(31)
            house.calls.extend(await once("", lambda tx: tx.calls.claim(tx.now_us + 30_000_000, {"sarkor": 100})))
            house.texts.extend(await once("", lambda tx: tx.outbox.claim(tx.now_us + 30_000_000, 100)))
            await house.work_off()

    house.providers["sarkor"] = ScriptedProvider(REPEATS)
    house.providers["sarkor"].answers[Verb.PAY].append(Unknown("timeout"))
    monkeypatch.setattr(house.store, "write", twice)
    await house.receive(PAY)
    await until_quiet()
    await house.receive(house.code)
    await until_quiet()

    assert house.events == ["code", "processing", "receipt"]
    assert await state(house) == (State.EXECUTED, "949500")
    assert await house.store.reads.unbalanced() == []


async def test_a_check_that_was_cancelled_before_its_turn_is_not_made(house: House) -> None:
    await house.receive(PAY)
    check = house.calls.popleft()
    await house.text("0")
    await house.settlement.exchange(check)

    assert house.providers["sarkor"].asked == []
    assert (await house.store.reads.counts())["calls_due"] == 0


@pytest.mark.parametrize(("failures", "ends"), [(3, State.EXECUTED), (200, State.PROCESSING)])
async def test_an_answer_waits_for_the_store_as_long_as_the_lease_lasts(
    house: House, monkeypatch: pytest.MonkeyPatch, failures: int, ends: State
) -> None:
    """A provider that can be asked nothing again: a database that is away for seconds must not lose its answer."""
    await house.text(PAY)
    await house.receive(house.code)
    write, left = house.store.write, iter(range(failures))

    async def away_after_the_intent(key: str, work: Callable[[Tx], object]) -> object:
        if house.providers["sarkor"].asked[-1][0] is Verb.PAY and next(left, None) is not None:
            house.clock.passes(1)
            raise StoreUnavailable("failover")
        return await write(key, work)

    monkeypatch.setattr(house.store, "write", away_after_the_intent)
    monkeypatch.setattr(settle, "COMMIT_AGAIN_S", 0)
    with suppress(StoreUnavailable):
        await house.settlement.exchange(house.calls.popleft())
    monkeypatch.undo()

    assert (await house.payment()).state is ends
