"""Payments by Payme on their whole way, by the plan of the gateway: every fault in each phase, and what is credited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from smsgw.domain.calls import Kind, NotSent, ProviderCall, RefusalReason
from smsgw.domain.changes import replace
from smsgw.domain.phones import Msisdn
from smsgw.ports import Provider
from smsgw.settlement.decisions import Accept, Decision, Park, Refuse, Retry
from smsgw.settlement.exchange import begun, next_verb, question, unsent, word
from smsgw.settlement.plan import LIFETIME_OVER, REPEAT_REFUSED, decide
from tests.contract.billings import World, order, serving

ORDER: Final = order()
LINE: Final = (900_001, "25656", 5_000_000)
NO_ACCOUNT, AMOUNT, OTHER = RefusalReason.NO_ACCOUNT, RefusalReason.AMOUNT, RefusalReason.OTHER
# Far more than the ladder of a whole lifetime takes.
EXCHANGES_MAX: Final = 200
HOUR_US: Final = 3600 * 1_000_000


@pytest.fixture
async def world() -> AsyncIterator[World]:
    setup = BillingSetup(name="payme", protocol="payme", login="Paycom", password="canary")
    async with serving(web.Application(), [setup]) as world:
        yield world


@dataclass
class Payment:
    """A payment on its whole way, by the plan of the gateway and on its time; the exchanges are real."""

    provider: Provider
    call: ProviderCall
    now_us: int

    @classmethod
    def of(cls, provider: Provider) -> Payment:
        parameters = provider.parameters(Kind.PAY, ORDER)
        assert parameters is not None
        now_us = ORDER.created_at_us
        call = ProviderCall(
            payment_id=1,
            kind=Kind.PAY,
            msisdn=Msisdn("+998901234567"),
            provider="payme",
            parameters=parameters,
            created_at_us=now_us,
        )
        return cls(provider, call, now_us)

    async def settle(self) -> Decision:
        """Exchange after exchange until a decision ends the payment or parks it."""
        for _ in range(EXCHANGES_MAX):
            decision = await self._step()
            if not isinstance(decision, Retry):
                return decision
            self.now_us = max(self.now_us, decision.due_at_us)
            self.call = replace(
                self.call,
                memory=self.call.memory if decision.memory is None else decision.memory,
                withdrawn=self.call.withdrawn or decision.withdraw,
            )
        raise AssertionError("it never ends")

    async def _step(self) -> Decision:
        capabilities = self.provider.capabilities
        verb = next_verb(self.call, capabilities)
        assert verb is not None, "there is always something to ask"
        call = begun(self.call, verb, self.now_us)
        answer = await self.provider.call(question(call, verb), lambda: True)
        call = unsent(call, verb) if isinstance(answer, NotSent) else call
        self.call = replace(call, last_answer=word(answer))
        return decide(self.call, verb, answer, capabilities, self.now_us)


FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "apply_then_timeout"},
    {"kind": "timeout_without_apply"},
    {"kind": "apply_late", "seconds": 60},
    {"kind": "http_500_after_apply"},
    {"kind": "http_status", "code": 503},
    {"kind": "http_status", "code": 401},
    {"kind": "http_status", "code": 302},
    {"kind": "garbage"},
    {"kind": "garbage", "body": ""},
    {"kind": "garbage", "body": "x" * 100_000},
    {"kind": "drop_after_request"},
    {"kind": "slow", "seconds": 0.05},
    {"kind": "slow", "seconds": 60},
    {"kind": "wrong_echo"},
    {"kind": "half_body"},
    {"kind": "drip"},
    {"kind": "refuse", "code": 32400},
    {"kind": "refuse", "code": 32504},
)


@pytest.mark.parametrize("command", ["prepare", "pay", "status"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values()))[:40])
async def test_a_payment_outlives_every_fault_in_each_phase(world: World, command: str, fault: dict[str, Any]) -> None:
    """However an answer is lost, the payment ends accepted, is credited once, and no two pays were ever at work."""
    if command == "status":
        world.fault("payme", "drop_after_request", command="pay")
    world.fault("payme", command=command, **fault)
    assert await Payment.of(world.provider("payme")).settle() == Accept("5001")
    assert world.credited("payme") == [LINE]
    assert world.billings["payme"].overlaps == 0
    assert world.billings["payme"].faults.waiting() == []


@pytest.mark.parametrize("code", [31003, 31001, 31050, 31099])
async def test_a_pay_of_what_the_provider_lost_is_created_anew(world: World, code: int) -> None:
    """With the same id, and credited once."""
    world.fault("payme", "refuse", command="pay", code=code)
    payment = Payment.of(world.provider("payme"))
    assert await payment.settle() == Accept("5001")
    assert world.credited("payme") == [LINE]
    assert world.billings["payme"].requests == {"prepare": 2, "pay": 2}


@pytest.mark.parametrize(("code", "reason"), [(31050, NO_ACCOUNT), (31001, AMOUNT), (31008, OTHER)])
@pytest.mark.parametrize("first", [None, "timeout_without_apply"])
async def test_a_refused_creation_gives_the_money_back(
    world: World, code: int, reason: RefusalReason, first: str | None
) -> None:
    """On a repeat, and where a state is the reason, CheckTransaction is asked before it is believed."""
    if first:
        world.fault("payme", first, command="prepare")
    world.fault("payme", "refuse", command="prepare", code=code)
    assert await Payment.of(world.provider("payme")).settle() == Refuse(reason, f"-{code}")
    asked = world.billings["payme"].requests["status"]
    assert asked == (1 if first or reason is OTHER else 0)
    assert world.credited("payme") == []


@pytest.mark.parametrize("code", [31050, 31001, 31008])
async def test_a_repeated_creation_that_is_refused_is_found_by_its_id(world: World, code: int) -> None:
    """Some billings look at the account first, and some take a repeat for a mistake: the draft stands all the same."""
    world.fault("payme", "apply_then_timeout", command="prepare")
    world.fault("payme", "refuse", command="prepare", code=code)
    assert await Payment.of(world.provider("payme")).settle() == Accept("5001")
    assert world.credited("payme") == [LINE]


@pytest.mark.proves("F45")
async def test_a_provider_that_forgets_for_a_moment_credits_once(world: World) -> None:
    """It paid, the answer was lost, it did not know the id, it refused the account: CheckTransaction has the word."""
    world.fault("payme", "apply_then_timeout", command="pay")
    world.fault("payme", "refuse", command="status", code=31003)
    world.fault("payme", "refuse_on_repeat", command="prepare", code=31050)
    assert await Payment.of(world.provider("payme")).settle() == Accept("5001")
    assert world.credited("payme") == [LINE]
    assert world.billings["payme"].faults.waiting() == []


@pytest.mark.proves("F45")
async def test_a_provider_that_forgets_and_refuses_gets_no_money_back(world: World) -> None:
    """A pay was sent and the books show it; whatever the provider says now, a person has to look."""
    world.fault("payme", "apply_then_timeout", command="pay")
    world.fault("payme", "refuse", command="status", code=31003, count=2)
    world.fault("payme", "refuse_on_repeat", command="prepare", code=31050)
    decision = await Payment.of(world.provider("payme")).settle()
    assert isinstance(decision, Park)
    assert decision.why == REPEAT_REFUSED
    assert world.credited("payme") == [LINE]


async def test_the_end_of_a_life_drops_what_was_only_reserved(world: World) -> None:
    """No Perform ever comes through: after eleven hours the reservation is cancelled, and the status confirms it."""
    world.fault("payme", "timeout_without_apply", command="pay", count=1000)
    payment = Payment.of(world.provider("payme"))
    assert await payment.settle() == Refuse(OTHER, "state -1")
    assert payment.now_us - ORDER.created_at_us > 10 * HOUR_US
    assert world.credited("payme") == []


@pytest.mark.parametrize(("lost", "credited"), [("timeout_without_apply", []), ("http_500_after_apply", [LINE])])
async def test_the_end_of_a_life_takes_nothing_back_that_may_be_credited(
    world: World, lost: str, credited: list[object]
) -> None:
    """For twelve hours nobody can say what became of it: a person has to, for a cancel would undo a payment."""
    world.fault("payme", lost, command="pay")
    world.fault("payme", "http_status", command="status", count=1000)
    payment = Payment.of(world.provider("payme"))
    assert await payment.settle() == Park(LIFETIME_OVER, tell=True)
    assert payment.now_us - ORDER.created_at_us > 10 * HOUR_US
    assert world.credited("payme") == credited
