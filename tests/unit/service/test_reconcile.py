"""Reconcile: what a statement brings, what it lacks, and what may be concluded from either."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from smsgw.domain.actions import ActionKind
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    CallState,
    Capabilities,
    Kind,
    ProviderCall,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.payment import Payment, State
from smsgw.domain.reconciliation import Difference, Reconciliation, Tally
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine
from smsgw.service.actions import Actions, Request
from smsgw.service.carrying_out import CarryingOut
from smsgw.service.outcomes import Outcomes
from smsgw.service.reconcile import NotReconciled, Reconciler, day_period
from smsgw.settlement.decisions import Decision
from smsgw.transaction import Tx
from tests.house import ANNA, BORIS, PAY, House, ScriptedProvider

# The clock of the house stands at 2026-11-18 16:06:40 in Tashkent.
DAY: Final = "2026-11-18"
STATES: Final = Capabilities(status=True, statement=True, max_late_apply_s=600)
KEEPS_NO_STATUS: Final = Capabilities(statement=True, dedupes_by_reference=True)
AMOUNT: Final = 5_000_000


async def a_house(capabilities: Capabilities = STATES, **answers: list[Answer]) -> House:
    house = House()
    await house.enrol()
    await house.enrol(BORIS)
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    for verb, scripted in answers.items():
        provider.answers[Verb(verb)].extend(scripted)
    return house


async def pays(house: House, *senders: Any) -> list[Payment]:
    """Each pays SARKOR 50000; whatever its provider says."""
    made = []
    for sender in senders or (ANNA,):
        await house.text(PAY, sender)
        await house.text(house.code, sender)
        made.append(await house.payment(sender))
    return made


def line_of(payment: Payment, minor: int | None = AMOUNT) -> StatementLine:
    return StatementLine(payment.id, str(payment.id), minor, "P-9")


def script(house: House, *lines: StatementLine) -> None:
    house.providers["sarkor"].statements.append(Statement(lines, hashlib.sha256(repr(lines).encode()).hexdigest()))


async def reconciled(house: House, lines: Sequence[StatementLine] = (), day: str = DAY) -> Reconciliation:
    """The day is over, and its statement says this."""
    house.clock.passes(24 * 3600)
    script(house, *lines)
    done = await reconciler(house).reconcile("sarkor", day)
    assert isinstance(done, Reconciliation)
    assert await house.store.reads.reconciliation("sarkor", day) == done
    await house.work_off()
    return done


def reconciler(house: House) -> Reconciler:
    return Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)


async def test_two_equal_books_are_equal() -> None:
    house = await a_house()
    made = await pays(house, ANNA, BORIS)
    done = await reconciled(house, [line_of(payment) for payment in made])
    assert (done.equal, done.compared, done.matched, done.findings) == (True, True, Tally(2, 2 * AMOUNT), ())


async def test_a_statement_is_asked_for_the_day_its_edges_and_what_may_be_late() -> None:
    house = await a_house()
    await reconciled(house)
    day = day_period(DAY, ZoneInfo("Asia/Tashkent"))
    assert house.providers["sarkor"].periods == [Period(day.since_us - 600_000_000, day.until_us + 1_200_000_000)]


async def test_a_late_answer_is_resolved_by_the_statement() -> None:
    """Parked, held, and nobody to ask: then the provider's own books say that it was credited."""
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    done = await reconciled(house, [line_of(payment)])
    assert done.resolved == Tally(1, AMOUNT)
    assert done.equal
    paid = await house.payment()
    assert (paid.state, paid.provider_reference) == (State.EXECUTED, "P-9")
    assert house.last_text.startswith(f"{paid.number} PAID")
    assert await house.store.reads.unbalanced() == []


async def test_a_late_answer_with_another_sum_is_left_to_a_person() -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    done = await reconciled(house, [line_of(payment, AMOUNT + 1)])
    assert done.mismatched == Tally(1, AMOUNT)
    assert (await house.payment()).state is State.PROCESSING


async def test_what_was_given_back_and_credited_all_the_same_is_extra() -> None:
    house = await a_house(pay=[Refused(RefusalReason.OTHER, "7")])
    (payment,) = await pays(house)
    done = await reconciled(house, [line_of(payment)])
    assert done.extra == Tally(1, AMOUNT)
    assert [(f.difference, f.number) for f in done.findings] == [(Difference.EXTRA, payment.number)]
    assert (await house.payment()).state is State.NOT_EXECUTED


@pytest.mark.proves("F20")
async def test_what_bears_no_reference_of_ours_is_extra() -> None:
    done = await reconciled(await a_house(), [StatementLine(0, "foreign", 100), StatementLine(12345, "12345", 200)])
    assert done.extra == Tally(2, 300)


@pytest.mark.parametrize(
    ("status", "missing", "matched"),
    [
        (Accepted("P"), Tally(), Tally(1, AMOUNT)),
        (Absent(), Tally(1, AMOUNT), Tally()),
        (Unknown("?"), Tally(1, AMOUNT), Tally()),
    ],
)
async def test_what_the_statement_lacks_is_missing_unless_the_status_knows_it(
    status: Answer, missing: Tally, matched: Tally
) -> None:
    house = await a_house(status=[status])
    await pays(house)
    done = await reconciled(house)
    assert (done.missing, done.matched) == (missing, matched)
    assert (await house.payment()).state is State.EXECUTED


async def call_state(house: House) -> CallState:
    call = await house.store.reads.call((await house.payment()).id, Kind.PAY)
    assert call is not None
    return call.state


async def test_a_parked_payment_that_statement_and_status_lack_is_given_back() -> None:
    """The provider declared how late it may credit, its day's statement lacks the payment, and so does its status."""
    house = await a_house(pay=[Unknown("time-out")], status=[Absent()] * 100)
    await pays(house)
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()
    assert await call_state(house) is CallState.PARKED
    done = await reconciled(house)
    assert done.open == Tally(1, AMOUNT)
    assert (await house.payment()).state is State.PROCESSING
    await house.claim()
    assert ((await house.payment()).state, await house.available()) == (State.NOT_EXECUTED, "1000000")


async def test_a_statement_alone_gives_nothing_back() -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    await pays(house)
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()
    await reconciled(house)
    await house.claim()
    assert ((await house.payment()).state, await call_state(house)) == (State.PROCESSING, CallState.PARKED)


async def test_an_earlier_open_payment_is_looked_for_in_the_next_days_too() -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    await reconciled(house)
    done = await reconciled(house, [line_of(payment)], "2026-11-19")
    assert done.resolved == Tally(1, AMOUNT)
    assert (await house.payment()).state is State.EXECUTED


async def test_a_payment_of_the_day_before_in_the_margin_is_that_days_business() -> None:
    house = await a_house()
    (payment,) = await pays(house)
    line = line_of(payment)._replace(provider_reference=payment.provider_reference)
    await reconciled(house, [line])
    done = await reconciled(house, [line], "2026-11-19")
    assert (done.matched, done.extra) == (Tally(), Tally())
    again = line._replace(provider_reference="P-another")
    assert (await reconciled(house, [again], "2026-11-20")).extra == Tally(1, AMOUNT)


async def test_without_a_statement_nothing_is_concluded() -> None:
    house = await a_house()
    await pays(house)
    house.clock.passes(24 * 3600)
    house.providers["sarkor"].statements.append(NoStatement("HTTP 502"))
    assert await reconciler(house).reconcile("sarkor", DAY) == NotReconciled(
        "sarkor gave no statement of 2026-11-18 (HTTP 502); an earlier report stays"
    )
    assert await house.store.reads.reconciliation("sarkor", DAY) is None


async def test_a_provider_that_has_no_statements_is_not_compared() -> None:
    house = await a_house(Capabilities(registry=True), pay=[Unknown("time-out")])
    await pays(house)
    house.clock.passes(24 * 3600)
    done = await reconciler(house).reconcile("sarkor", DAY)
    assert isinstance(done, Reconciliation)
    assert (done.compared, done.open, done.matched) == (False, Tally(1, AMOUNT), Tally())


@pytest.mark.parametrize(
    ("name", "day", "hours", "why"),
    [
        ("nobody", DAY, 48, "there is no provider nobody"),
        ("sarkor", DAY, 0, "2026-11-18 is not over yet in Asia/Tashkent"),
        ("sarkor", DAY, 8.05, "2026-11-18 is not over yet in Asia/Tashkent"),
    ],
)
async def test_what_cannot_be_reconciled_says_why(name: str, day: str, hours: float, why: str) -> None:
    house = await a_house()
    house.clock.passes(hours * 3600)
    assert await reconciler(house).reconcile(name, day) == NotReconciled(why)


async def test_a_day_can_be_reconciled_again() -> None:
    """A statement that was repaired, or a payment that a person has resolved since: the latest run is what stands."""
    house = await a_house(status=[Absent()])
    (payment,) = await pays(house)
    assert not (await reconciled(house)).equal
    script(house, line_of(payment))
    done = await reconciler(house).reconcile("sarkor", DAY)
    assert isinstance(done, Reconciliation)
    assert done.equal


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Asia/Tashkent", "2026-11-21", 24), ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25)],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: str, hours: int) -> None:
    period = day_period(day, ZoneInfo(zone))
    assert period.until_us - period.since_us == hours * 3600 * 1_000_000


@pytest.mark.parametrize("word", ["yesterday", "2026-02-30", "21.11.2026", "", "20261121", "2026-W47-6", "9999-12-31"])
def test_what_is_no_date_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|out of range|is no day"):
        day_period(word, ZoneInfo("UTC"))


async def test_a_payment_that_ended_while_the_statement_travelled_is_judged_as_it_ended() -> None:
    """Refused in those seconds, and credited by the statement: nobody may read "open" about that."""
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()

    class Meanwhile(ScriptedProvider):
        async def statement(self, period: Period) -> Statement | NoStatement:
            desk = Actions(house.rules, house.parties, CarryingOut(house.parties, house.outcomes), house.store)
            await desk.about_payment(ActionKind.NOT_PAID, payment.number, Request("aziza", "they said so"))
            return await super().statement(period)

    house.providers["sarkor"] = Meanwhile(KEEPS_NO_STATUS)
    done = await reconciled(house, [line_of(payment)])
    assert (done.extra, done.open) == (Tally(1, AMOUNT), Tally())


async def test_a_statement_of_one_provider_says_nothing_of_anothers_payment() -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    house.providers["comnet"] = house.providers["sarkor"]
    house.clock.passes(24 * 3600)
    script(house, line_of(payment))
    done = await reconciler(house).reconcile("comnet", DAY)
    assert isinstance(done, Reconciliation)
    assert done.extra == Tally(1, AMOUNT)
    assert (await house.payment()).state is State.PROCESSING


async def test_one_payment_that_cannot_be_written_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    made = await pays(house, ANNA, BORIS)
    carry_out = Outcomes.carry_out

    def fails(outcomes: Outcomes, tx: Tx, call: ProviderCall, decision: Decision) -> ProviderCall | None:
        if call.msisdn == ANNA:
            raise ZeroDivisionError
        return carry_out(outcomes, tx, call, decision)

    monkeypatch.setattr(Outcomes, "carry_out", fails)
    done = await reconciled(house, [line_of(payment) for payment in made])
    assert (done.resolved, done.open) == (Tally(1, AMOUNT), Tally(1, AMOUNT))


async def test_a_resolved_payment_is_resolved_in_a_run_that_nobody_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store may run a unit again after a commit whose outcome it does not know."""
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    (payment,) = await pays(house)
    once = house.store.write

    async def twice(key: str, work: Callable[[Tx], object]) -> object:
        await once(key, work)
        return await once(key, work)

    monkeypatch.setattr(house.store, "write", twice)
    assert (await reconciled(house, [line_of(payment)])).resolved == Tally(1, AMOUNT)


async def test_a_parked_cancel_is_asked_on_where_the_statement_lacks_the_payment() -> None:
    """The provider took it back and the answer got lost: neither missing, nor forgotten."""
    house = await a_house(replace(STATES, cancels=True), cancel=[Unknown("time-out")] * 9, status=[Unknown("?")] * 60)
    (payment,) = await pays(house)
    desk = Actions(house.rules, house.parties, CarryingOut(house.parties, house.outcomes), house.store)
    await desk.about_payment(ActionKind.REFUND, payment.number, Request("aziza", "the wrong account"))
    await house.work_off()
    for _ in range(60):
        house.clock.passes(1800)
        await house.claim()
    cancel = await house.store.reads.call(payment.id, Kind.CANCEL)
    assert cancel is not None
    assert cancel.state is CallState.PARKED
    done = await reconciled(house)
    assert (done.missing, done.open) == (Tally(), Tally(1, AMOUNT))
    house.providers["sarkor"].answers[Verb.CANCEL].clear()
    await house.claim()
    assert (await house.payment()).state is State.RETURNED


async def test_what_is_open_since_an_earlier_day_is_that_days_finding() -> None:
    house = await a_house(KEEPS_NO_STATUS, pay=[Unknown("time-out")] * 60)
    await pays(house)
    assert (await reconciled(house)).open == Tally(1, AMOUNT)
    assert (await reconciled(house, day="2026-11-19")).open == Tally()
