"""Money actions: who may do what, what it moves, and that asking twice moves it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.calls import Accepted, Answer, CallState, Capabilities, Kind, RefusalReason, Refused, Unknown, Verb
from smsgw.domain.money import UZS, Money
from smsgw.domain.payment import State
from smsgw.service.actions import NotTaken, Refusal, Request
from smsgw.store.actions import SqlActions
from smsgw.transaction import Tx
from tests.back_office import balance, desk, is_done, is_refused, sound
from tests.house import ANNA, BORIS, PAY, House, ScriptedProvider, soums

AZIZA: Final = Request("aziza", "the subscriber called")
BOBUR: Final = Request("bobur", "I have looked at it")
CANCELS: Final = Capabilities(cancels=True)
DAY: Final = "2026-11-18"


async def a_house(capabilities: Capabilities | None = None, amount: str = "50000", **answers: list[Answer]) -> House:
    """One payment has gone to its provider, and was answered so."""
    house = House()
    await house.enrol()
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    for verb, scripted in answers.items():
        provider.answers[Verb(verb)].extend(scripted)
    await house.text(PAY.replace("50000", amount))
    await house.text(house.code)
    house.events.clear()
    return house


async def about(house: House, kind: ActionKind, request: Request = AZIZA) -> Action | NotTaken:
    action = await desk(house).about_payment(kind, (await house.payment()).number, request)
    await house.work_off()
    return action


async def test_a_refund_goes_through_the_providers_cancel() -> None:
    """The provider takes its credit back, so we owe it nothing; amount and fee are in the wallet again."""
    house = await a_house(CANCELS)
    action = is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    assert ((await house.payment()).state, await house.available()) == (State.RETURNED, "1000000")
    ended = await house.store.reads.action(action.id)
    assert ended is not None
    assert (ended.state, ended.asked_by) == (ActionState.DONE, "aziza")
    assert (house.events, await balance(house, "provider:sarkor")) == (["returned"], "0")
    assert await sound(house)


async def test_a_cancel_that_the_provider_refuses_leaves_the_payment_executed() -> None:
    house = await a_house(CANCELS, cancel=[Refused(RefusalReason.OTHER, "-31007")])
    action = is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    ended = await house.store.reads.action(action.id)
    assert ended is not None
    assert (ended.state, ended.note) == (ActionState.FAILED, "the provider refused: -31007")
    assert ((await house.payment()).state, house.events) == (State.EXECUTED, [])
    is_refused(await about(house, ActionKind.REFUND), Refusal.NOT_NOW, "the house can now: --by-house")
    is_done(await about(house, ActionKind.GIVE_BACK))
    assert (await house.available(), await balance(house, "returns:sarkor")) == ("1000000", "-50000")
    assert await sound(house)


async def test_a_cancel_without_an_answer_is_repeated_and_nothing_moves_meanwhile() -> None:
    house = await a_house(CANCELS, cancel=[Unknown("time-out")])
    is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    assert (await house.payment()).state is State.EXECUTED
    is_refused(await about(house, ActionKind.GIVE_BACK), Refusal.NOT_NOW, "is being asked")
    is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    house.clock.passes(60)
    await house.claim()
    assert ((await house.payment()).state, await house.available()) == (State.RETURNED, "1000000")


async def test_a_provider_without_a_cancel_is_settled_with_later() -> None:
    house = await a_house()
    is_refused(await about(house, ActionKind.REFUND), Refusal.NOT_NOW, "takes nothing back")
    assert (await house.payment()).state is State.EXECUTED
    is_done(await about(house, ActionKind.GIVE_BACK))
    assert ((await house.payment()).state, await house.available()) == (State.RETURNED, "1000000")
    assert await balance(house, "returns:sarkor") == "-50000"
    assert await sound(house)


@pytest.mark.proves("A83")
async def test_what_is_asked_for_twice_is_given_back_once() -> None:
    house = await a_house()
    first = is_done(await about(house, ActionKind.GIVE_BACK))
    assert await about(house, ActionKind.GIVE_BACK, BOBUR) == first
    assert await house.available() == "1000000"


@pytest.mark.proves("A83")
async def test_what_was_not_executed_cannot_be_given_back() -> None:
    house = await a_house(pay=[Refused(RefusalReason.OTHER, "7")])
    is_refused(await about(house, ActionKind.REFUND), Refusal.NOT_NOW, "is not_executed; only an executed one")


async def test_there_must_be_such_a_payment() -> None:
    house = await a_house()
    answer = await desk(house).about_payment(ActionKind.REFUND, 1, AZIZA)
    is_refused(answer, Refusal.NO_PAYMENT, "there is no payment 1")


@pytest.mark.parametrize(
    ("kind", "state", "available", "event"),
    [
        (ActionKind.PAID, State.EXECUTED, "949500", "receipt"),
        (ActionKind.NOT_PAID, State.NOT_EXECUTED, "1000000", "not_executed"),
    ],
)
async def test_a_parked_payment_is_resolved_by_a_persons_word(
    kind: ActionKind, state: State, available: str, event: str
) -> None:
    house = await a_house(pay=[Unknown("time-out")])
    is_done(await about(house, kind))
    assert ((await house.payment()).state, await house.available(), house.events) == (state, available, [event])
    call = await house.store.reads.call((await house.payment()).id, Kind.PAY)
    assert call is not None
    assert call.state is CallState.DONE
    assert await sound(house)


async def test_what_is_still_asked_about_is_not_for_a_person_yet() -> None:
    house = await a_house(Capabilities(status=True), pay=[Unknown("time-out")])
    is_refused(await about(house, ActionKind.NOT_PAID), Refusal.NOT_NOW, "still being asked about")
    assert (await house.payment()).state is State.PROCESSING


async def test_an_answered_payment_has_its_answer() -> None:
    is_refused(await about(await a_house(), ActionKind.PAID), Refusal.NOT_NOW, "is executed already")


@pytest.mark.proves("A83")
@pytest.mark.parametrize(
    ("amount", "state"),
    # The house's limit is 100000; the fee of one percent counts.
    [("99009.90", ActionState.DONE), ("99010", ActionState.PROPOSED)],
)
async def test_above_the_limit_one_person_only_asks(amount: str, state: ActionState) -> None:
    house = await a_house(amount=amount)
    is_done(await about(house, ActionKind.GIVE_BACK), state)
    assert (await house.payment()).state is (State.RETURNED if state is ActionState.DONE else State.EXECUTED)


async def proposed(amount: str = "200000") -> tuple[House, Action]:
    house = await a_house(amount=amount)
    return house, is_done(await about(house, ActionKind.GIVE_BACK), ActionState.PROPOSED)


async def test_another_person_decides() -> None:
    house, action = await proposed()
    is_refused(await desk(house).decide(action.id, AZIZA, approved=True), Refusal.SAME_PERSON, "another person")
    done = is_done(await desk(house).decide(action.id, BOBUR, approved=True))
    assert (done.asked_by, done.decided_by, done.note) == ("aziza", "bobur", BOBUR.reason)
    assert ((await house.payment()).state, await house.available()) == (State.RETURNED, "1000000")
    assert await desk(house).decide(action.id, BOBUR, approved=True) == done
    is_refused(await desk(house).decide(action.id, BOBUR, approved=False), Refusal.DECIDED, "is done already")


@pytest.mark.parametrize("by", [AZIZA, BOBUR])
async def test_what_is_rejected_moves_nothing_and_may_be_asked_anew(by: Request) -> None:
    house, action = await proposed()
    is_done(await desk(house).decide(action.id, by, approved=False), ActionState.REJECTED)
    assert (await house.payment()).state is State.EXECUTED
    again = is_done(await about(house, ActionKind.GIVE_BACK), ActionState.PROPOSED)
    assert again.id == f"{action.id.rpartition(':')[0]}:2"


async def test_what_cannot_be_done_any_more_is_not_done_by_an_approval() -> None:
    """The provider refused in the meantime, say: the approval finds things otherwise than the proposal did."""
    house, action = await proposed()
    payment = await house.payment()
    await house.store.write(ANNA, lambda tx: house.outcomes.give_back(tx, payment, provider_cancelled=True))
    is_refused(await desk(house).decide(action.id, BOBUR, approved=True), Refusal.NOT_NOW, "is returned")
    assert await house.available() == "1000000"


async def test_there_must_be_such_an_action() -> None:
    house = await a_house()
    is_refused(await desk(house).decide("refund:1:1", BOBUR, approved=True), Refusal.NO_ACTION, "no action refund:1:1")


@pytest.mark.parametrize(("amount", "available"), [("-500", "949000"), ("500", "950000"), ("-949500", "0")])
async def test_a_wallet_is_corrected_against_suspense(amount: str, available: str) -> None:
    house = await a_house()
    change = Money(int(amount) * 100, UZS)
    action = await desk(house).adjust(ANNA, change, "case-17", AZIZA)
    assert isinstance(action, Action)
    if action.state is ActionState.PROPOSED:
        action = await desk(house).decide(action.id, BOBUR, approved=True)
    is_done(action)
    assert await house.available() == available
    assert await balance(house, "suspense") == Money(-change.minor, UZS).text()
    assert await sound(house)


async def test_an_adjustment_under_a_used_key_moves_nothing() -> None:
    house = await a_house()
    first = await desk(house).adjust(ANNA, soums("500"), "case-17", AZIZA)
    assert await desk(house).adjust(ANNA, soums("500"), "case-17", AZIZA) == first
    other = await desk(house).adjust(ANNA, soums("600"), "case-17", AZIZA)
    is_refused(other, Refusal.OTHER_UNDER_KEY, "was asked for otherwise")
    assert await house.available() == "950000"


@pytest.mark.parametrize(
    ("msisdn", "amount", "words"),
    [(ANNA, Money(-94_950_001, UZS), "the wallet has 949500 UZS"), (BORIS, soums("1"), "is no subscriber")],
)
async def test_a_wallet_gives_what_it_has_and_belongs_to_somebody(msisdn: Any, amount: Money, words: str) -> None:
    house = await a_house()
    is_refused(await desk(house).adjust(msisdn, amount, "case-18", AZIZA), Refusal.NOT_NOW, words)


@pytest.mark.parametrize("key", ["", "x" * 41])
async def test_a_key_that_cannot_be_used_is_refused_before_anything_is_written(key: str) -> None:
    house = await a_house()
    with pytest.raises(ValueError, match="key of"):
        await desk(house).adjust(ANNA, soums("1"), key, AZIZA)


@pytest.mark.parametrize(("passed_s", "taken"), [(60 + 600 - 1, False), (60 + 600, True)])
async def test_a_provider_that_may_still_credit_is_not_called_unpaid(passed_s: int, *, taken: bool) -> None:
    """It has said how late it may be; until then nobody's word gives the money back."""
    house = await a_house(Capabilities(max_late_apply_s=600), pay=[Unknown("time-out")])
    house.clock.passes(passed_s)
    answer = await about(house, ActionKind.NOT_PAID)
    assert isinstance(answer, Action) is taken
    assert (await house.payment()).state is (State.NOT_EXECUTED if taken else State.PROCESSING)
    if not taken:
        is_refused(answer, Refusal.NOT_NOW, "may still credit it within 1 minutes")


async def test_a_cancel_that_nobody_answers_is_parked_and_ends_by_a_persons_word() -> None:
    """The provider says on the telephone that it has taken the payment back: it owes us nothing then."""
    house = await a_house(CANCELS, cancel=[Unknown("time-out")] * 99)
    action = is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    is_refused(await about(house, ActionKind.TAKEN_BACK), Refusal.NOT_NOW, "no cancel of payment")
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()
    is_done(await about(house, ActionKind.TAKEN_BACK, BOBUR))
    ended = await house.store.reads.action(action.id)
    assert ended is not None
    assert (ended.state, house.events) == (ActionState.DONE, ["returned"])
    assert ((await house.payment()).state, await balance(house, "provider:sarkor")) == (State.RETURNED, "0")
    assert await sound(house)


async def test_what_was_settled_leaves_no_proposal_about_the_same_payment() -> None:
    house = await a_house(CANCELS, amount="200000")
    action = is_done(await about(house, ActionKind.REFUND), ActionState.PROPOSED)
    give_back = is_done(await about(house, ActionKind.GIVE_BACK), ActionState.PROPOSED)
    is_done(await desk(house).decide(give_back.id, BOBUR, approved=True))
    left = await house.store.reads.action(action.id)
    assert left is not None
    assert (left.state, left.note) == (ActionState.REJECTED, f"settled by {give_back.id}")
    assert (await house.store.reads.counts())["actions_proposed"] == 0


async def test_an_approval_that_is_run_again_is_the_same_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store may run a unit again after a commit whose outcome it does not know."""
    house, action = await proposed()
    once = house.store.write

    async def twice(key: str, work: Callable[[Tx], object]) -> object:
        await once(key, work)
        return await once(key, work)

    monkeypatch.setattr(house.store, "write", twice)
    is_done(await desk(house).decide(action.id, BOBUR, approved=True))
    assert await house.available() == "1000000"


async def test_an_id_that_another_node_has_just_taken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look and our writing another node may write the same: what stands there is what counts."""
    house = await a_house()
    await desk(house).adjust(ANNA, soums("500"), "case-17", AZIZA)
    found = SqlActions.get
    unseen = iter([None])

    def blind(actions: SqlActions, action_id: str) -> Action | None:
        return next(unseen, found(actions, action_id))

    monkeypatch.setattr(SqlActions, "get", blind)
    other = await desk(house).adjust(ANNA, soums("9000"), "case-17", BOBUR)
    is_refused(other, Refusal.OTHER_UNDER_KEY, "was asked for otherwise")
    assert await house.available() == "950000"


async def test_an_accepted_answer_after_a_cancel_was_asked_for_changes_nothing() -> None:
    """A cancel that the provider calls accepted is no answer to it: it is asked on."""
    house = await a_house(CANCELS, cancel=[Accepted("P-1")])
    is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    assert (await house.payment()).state is State.EXECUTED
