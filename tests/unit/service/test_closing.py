"""Closing days: what a day owes is set aside once, follows what happens to it afterwards, and is never a stale sum."""

from __future__ import annotations

from typing import Any, Final

from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.calls import Capabilities
from smsgw.domain.money import UZS
from smsgw.domain.reconciliation import Reconciliation, Tally
from smsgw.service.actions import NotTaken, Refusal, Request
from smsgw.service.closing import name_of as close_name
from tests.back_office import balance, desk, is_done, is_refused, sound
from tests.house import PAY, House, ScriptedProvider, soums

AZIZA: Final = Request("aziza", "the day is over")
BOBUR: Final = Request("bobur", "I have looked at it")
CANCELS: Final = Capabilities(cancels=True)
DAY: Final = "2026-11-18"


async def a_house(capabilities: Capabilities | None = None) -> House:
    """50000 were paid that day."""
    house = House()
    await house.enrol()
    house.providers["sarkor"] = ScriptedProvider(capabilities)
    await house.text(PAY)
    await house.text(house.code)
    return house


async def about(house: House, kind: ActionKind) -> Action | NotTaken:
    """About the payment that came first."""
    first = (await house.store.reads.payments(None, 10))[-1]
    action = await desk(house).about_payment(kind, first.number, AZIZA)
    await house.work_off()
    return action


async def reconciled(house: House, **tallies: Any) -> None:
    report = Reconciliation(provider="sarkor", day=DAY, currency=UZS, run_at_us=1, statement_sha256="ab", **tallies)
    await house.store.write("", lambda tx: tx.reconciliations.save(report))


async def closed(house: House) -> Action | NotTaken:
    return await desk(house).close_day("sarkor", DAY, AZIZA)


async def pays_more(house: House, amount: str) -> None:
    house.clock.passes(61)
    await house.text(f"SARKOR*n25657*{amount}*parol1")
    await house.text(house.code)


async def test_a_closed_day_is_set_aside_for_payout_once() -> None:
    house = await a_house()
    await reconciled(house)
    first = is_done(await closed(house))
    assert (await balance(house, "provider:sarkor"), await balance(house, "payout:sarkor")) == ("0", "50000")
    assert await closed(house) == first
    other = await desk(house).close_day("sarkor", DAY, BOBUR)
    is_refused(other, Refusal.NOT_NOW, "owes nothing more")
    assert await sound(house)


async def test_what_has_come_to_a_closed_day_is_closed_after_it() -> None:
    house = await a_house()
    await reconciled(house)
    is_done(await closed(house))
    await pays_more(house, "20000")
    assert is_done(await closed(house)).amount == soums("20000")
    assert await balance(house, "payout:sarkor") == "70000"


async def test_what_has_gone_from_a_closed_day_comes_back_from_the_payout() -> None:
    """Refunded through the provider after the closing: it owes nothing for it, so it is not paid for it."""
    house = await a_house(CANCELS)
    await reconciled(house)
    is_done(await closed(house))
    await about(house, ActionKind.REFUND)
    assert is_done(await closed(house)).amount == soums("0") - soums("50000")
    assert (await balance(house, "payout:sarkor"), await balance(house, "provider:sarkor")) == ("0", "0")
    assert await sound(house)


async def test_a_closing_that_was_proposed_is_not_carried_out_when_the_day_owes_another_sum() -> None:
    house = await a_house(CANCELS)
    await pays_more(house, "90000")
    await reconciled(house)
    proposal = is_done(await closed(house), ActionState.PROPOSED)
    assert proposal.amount == soums("140000")
    is_done(await about(house, ActionKind.REFUND), ActionState.SENT)
    answer = await desk(house).decide(proposal.id, BOBUR, approved=True)
    is_refused(answer, Refusal.NOT_NOW, "the day owes 90000 UZS now")
    assert is_done(await closed(house)).amount == soums("90000")
    stale = await house.store.reads.action(proposal.id)
    assert stale is not None
    assert (stale.state, stale.note) == (ActionState.REJECTED, "the day owes 90000 now")
    assert await balance(house, "payout:sarkor") == "90000"


async def test_a_day_is_closed_after_it_was_reconciled_and_everything_in_it_is_known() -> None:
    house = await a_house()
    is_refused(await closed(house), Refusal.NOT_NOW, "has not been reconciled")
    await reconciled(house, open=Tally(1, 100))
    is_refused(await closed(house), Refusal.NOT_NOW, "1 payments have no outcome yet")


async def test_a_day_whose_books_differ_needs_a_second_person() -> None:
    house = await a_house()
    await reconciled(house, missing=Tally(1, 100))
    action = is_done(await closed(house), ActionState.PROPOSED)
    assert await closed(house) == action
    is_done(await desk(house).decide(action.id, BOBUR, approved=True))
    assert await balance(house, "payout:sarkor") == "50000"


async def test_a_provider_of_the_longest_name_can_close_a_day() -> None:
    name = close_name("p" * 32, DAY, 20)
    assert is_done(Action(**(an_action() | {"id": name})), ActionState.PROPOSED).id == name


def an_action() -> dict[str, Any]:
    return {
        "kind": ActionKind.CLOSE_DAY,
        "subject": "x",
        "amount": soums("1"),
        "reason": "r",
        "asked_by": "aziza",
        "asked_at_us": 1,
    }
