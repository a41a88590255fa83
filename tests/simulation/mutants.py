"""Bugs put in on purpose, each of a kind that such a gateway really has. A simulation that does not find them is blind.

`make simulate` searches for each among the first 300 seeds, in the weather in which such a bug shows, and fails if none
finds it. `make test` replays the seed that is written here; a change of the gateway shifts what happens when, so it
tries a few more before it says that the worlds have gone blind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from smsgw.domain.calls import Answer, Capabilities, Kind, ProviderCall, RefusalReason, Unknown, Verb
from smsgw.domain.funds import Funds
from smsgw.domain.payment import Payment
from smsgw.domain.sms import Ack, InboundSms, OutboundSms, Submitted
from smsgw.service import confirm, outbox, pay, settle, watch
from smsgw.service.intake import Intake
from smsgw.service.outbox import Sender
from smsgw.service.outcomes import payment_of
from smsgw.service.settle import Settlement
from smsgw.service.texts import put_result
from smsgw.service.wallet import Wallet
from smsgw.sessions import codes
from smsgw.settlement import exchange, plan
from smsgw.settlement.decisions import Decision, Refuse
from smsgw.store.calls import SqlCalls
from smsgw.transaction import Tx
from tests.simulation.options import Options

SEARCH_SEEDS: Final = 300
# In its weather each bug shows in every tenth world at least, most in every second.
REPLAYS_MAX: Final = 24

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug: what it is, how it is put in, a seed whose world finds it, and what of that world's options is fixed."""

    name: str
    patch: Patch
    seed: int
    weather: Mapping[str, Any] = field(default_factory=dict)

    def options(self, seed: int) -> Options:
        """What that seed draws, in this weather."""
        return replace(Options.drawn(seed), **self.weather)

    def replays(self) -> Iterator[tuple[int, Options]]:
        """The worlds in which to look for it, the likeliest first."""
        for seed in (self.seed, *range(REPLAYS_MAX)):
            yield seed, self.options(seed)

    @contextmanager
    def planted(self) -> Iterator[None]:
        """With the bug in the gateway."""
        with pytest.MonkeyPatch.context() as monkeypatch:
            self.patch(monkeypatch)
            yield


def _ack_before_commit(patch: pytest.MonkeyPatch) -> None:
    receive = Intake.receive

    async def acked(intake: Intake, sms: InboundSms) -> Ack:
        await receive(intake, sms)
        return Ack.DONE

    patch.setattr(Intake, "receive", acked)


def _no_intent(patch: pytest.MonkeyPatch) -> None:
    def begin(_self: Settlement, call: ProviderCall, verb: Verb, _capabilities: Capabilities, tx: Tx) -> ProviderCall:
        return exchange.begun(call, verb, tx.now_us)

    patch.setattr(Settlement, "_begin", begin)


def _pay_again(patch: pytest.MonkeyPatch) -> None:
    def verb(call: ProviderCall, capabilities: Capabilities) -> Verb | None:
        right = exchange.next_verb(call, capabilities)
        return Verb.PAY if call.kind is Kind.PAY and right in {None, Verb.STATUS} else right

    patch.setattr(settle, "next_verb", verb)


def _absent_is_a_no(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "never_applied", lambda *_: True)


def _gives_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "Park", lambda why, tell: Refuse(RefusalReason.OTHER, why) if tell or why else None)


def _unknown_is_a_no(patch: pytest.MonkeyPatch) -> None:
    right = plan.decide

    def decide(call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
        if call.kind is Kind.PAY and isinstance(answer, Unknown):
            return Refuse(RefusalReason.OTHER, answer.why)
        return right(call, verb, answer, capabilities, now_us)

    patch.setattr(settle, "decide", decide)


def _no_fencing(patch: pytest.MonkeyPatch) -> None:
    right = SqlCalls.save

    def save(calls: SqlCalls, call: ProviderCall) -> bool:
        now = calls.get(call.payment_id, call.kind)
        return right(calls, call if now is None else replace(call, epoch=now.epoch))

    patch.setattr(SqlCalls, "save", save)


def _lease_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settle, "LEASE_BEYOND_DEADLINE_S", 10_000_000)


def _wrong_codes_are_free(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(confirm, "after_miss", lambda payment, _: payment)


def _resend_forgives(patch: pytest.MonkeyPatch) -> None:
    def forgiven(payment: Payment, now_us: int) -> Payment:
        return replace(codes.after_send(payment, now_us), wrong_codes=0, tried=b"")

    patch.setattr(pay, "after_send", forgiven)


def _code_lives_on(patch: pytest.MonkeyPatch) -> None:
    right, ended = codes.judge, codes.expired_before_us

    def judge(payment: Payment, attempt: str, key: bytes, received_at_us: int, policy: codes.CodePolicy) -> Any:
        return right(payment, attempt, key, min(received_at_us, payment.code_deadline_us), policy)

    patch.setattr(confirm, "judge", judge)
    patch.setattr("smsgw.service.expire.expired_before_us", lambda now_us, policy: ended(now_us, policy) - 60_000_000)


def _receipt_before_answer(patch: pytest.MonkeyPatch) -> None:
    right = Settlement._begin

    def begin(self: Settlement, call: ProviderCall, verb: Verb, capabilities: Capabilities, tx: Tx) -> Any:
        begun = right(self, call, verb, capabilities, tx)
        if verb is Verb.PAY and begun is not None:
            put_result(tx, payment_of(call, tx), self._outcomes._rules, "receipt")
        return begun

    patch.setattr(Settlement, "_begin", begin)


def _sent_before_submitted(patch: pytest.MonkeyPatch) -> None:
    right = Sender._submit

    async def submit(self: Sender, sms: OutboundSms, text: str, left_s: int) -> bool:
        await self._store.write(sms.msisdn, lambda tx: tx.outbox.save(outbox.after(sms, Submitted("x"), tx.now_us)))
        return await right(self, sms, text, left_s)

    patch.setattr(Sender, "_submit", submit)


def _hold_apart(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Wallet, "hold", lambda *_: Funds.HELD)


def _late_by_the_calendar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(watch.Watch, "watched_s", lambda *_: math.inf)


def _silent_about_expired_codes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "put_answer", lambda *_: None)


# Nothing of the network, so that what happens is the nodes' and the providers' doing.
CALM: Final[Mapping[str, Any]] = {"cut_gap_s": 0.0, "hush_gap_s": 0.0, "smsc_gap_s": 0.0, "refused_rate": 0.0}
# Nothing of the machines either.
QUIET: Final[Mapping[str, Any]] = {"kill_gap_s": 0.0, "hold_gap_s": 0.0, "leave_gap_s": 0.0, "attackers": 0}

MUTANTS: Final = (
    Mutant("acknowledged before it is committed", _ack_before_commit, 2, {"full_rate": 0.2}),
    Mutant("no intent before the first byte", _no_intent, 0),
    Mutant("paid again after a time-out", _pay_again, 3, {"kinds": ("parks", "asks")}),
    Mutant("what is not found is refused", _absent_is_a_no, 5, {"kinds": ("asks", "asks, bounded")}),
    Mutant("given up and refunded in the end", _gives_up, 3, {"kinds": ("parks", "asks")}),
    Mutant("a time-out is a refusal", _unknown_is_a_no, 5),
    Mutant(
        "no fencing: whoever wakes late still writes",
        _no_fencing,
        8,
        {**CALM, **QUIET, "nodes": 3, "kinds": ("parks", "asks"), "freeze_rate": 0.08, "honest": 4},
    ),
    Mutant("a lease without an end", _lease_for_ever, 3, {"kill_gap_s": 20.0}),
    Mutant("wrong codes are not counted", _wrong_codes_are_free, 0, {**CALM, "attackers": 2, "jump_gap_s": 0.0}),
    Mutant("a resend forgives the wrong codes", _resend_forgives, 3, {**CALM, "attackers": 2, "jump_gap_s": 0.0}),
    Mutant("a code outlives its deadline", _code_lives_on, 9, {**CALM, "clumsy": 4, "jump_gap_s": 0.0}),
    Mutant("a receipt before the provider's answer", _receipt_before_answer, 0),
    Mutant("a text counts as sent before it is submitted", _sent_before_submitted, 0, {"kill_gap_s": 20.0}),
    Mutant("the hold is left to a transaction of its own", _hold_apart, 0),
    Mutant(
        "lateness goes by the calendar",
        _late_by_the_calendar,
        21,
        {**CALM, **QUIET, "nodes": 1, "kinds": ("asks, bounded", "asks, bounded"), "jump_gap_s": 60.0, "honest": 6},
    ),
    Mutant(
        "silence about a code that could not leave",
        _silent_about_expired_codes,
        19,
        {
            **QUIET,
            "nodes": 1,
            "honest": 6,
            "hush_gap_s": 10.0,
            "refused_rate": 0.6,
            "cut_gap_s": 0.0,
            "jump_gap_s": 0.0,
        },
    ),
)
