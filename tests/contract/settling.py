"""A payment carried to its end against a simulated billing: the real rules of settlement, on a clock that jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smsgw.domain.calls import Answer, Kind, NotSent, Order, ProviderCall, Verb
from smsgw.domain.changes import replace
from smsgw.domain.phones import Msisdn
from smsgw.ports import Provider
from smsgw.settlement.decisions import Decision, Retry
from smsgw.settlement.exchange import begun, next_verb, question, unsent, word
from smsgw.settlement.plan import decide, let_go

# The densest ladder asks every five minutes of a lifetime of a day, 288 times; what needs more does not end.
EXCHANGES_MAX: Final = 400


@dataclass(frozen=True)
class Settled:
    """What was decided, what was asked for it, and every answer."""

    decision: Decision
    asked: tuple[Verb, ...]
    answers: tuple[Answer, ...]


async def settle(provider: Provider, about: Order) -> Settled:
    """Ask until the payment is decided, waiting only as far as the decisions say."""
    capabilities = provider.capabilities
    parameters = provider.parameters(Kind.PAY, about)
    assert parameters is not None
    now_us = about.created_at_us
    call = ProviderCall(
        payment_id=about.reference,
        kind=Kind.PAY,
        msisdn=Msisdn("+998901234567"),
        provider="simulated",
        parameters=parameters,
        created_at_us=now_us,
    )
    asked: list[Verb] = []
    answers: list[Answer] = []
    while len(asked) < EXCHANGES_MAX:
        verb = next_verb(call, capabilities)
        if verb is None:
            return Settled(let_go(call, "nothing may be asked any more"), tuple(asked), tuple(answers))
        call = begun(call, verb, now_us)
        answer = await provider.call(question(call, verb), lambda: True)
        call = unsent(call, verb) if isinstance(answer, NotSent) else call
        decision = decide(call, verb, answer, capabilities, now_us)
        asked.append(verb)
        answers.append(answer)
        if not isinstance(decision, Retry):
            return Settled(decision, tuple(asked), tuple(answers))
        now_us = max(now_us, decision.due_at_us)
        call = replace(
            call,
            last_answer=word(answer),
            memory=call.memory if decision.memory is None else decision.memory,
            withdrawn=call.withdrawn or decision.withdraw,
        )
    raise AssertionError(f"not decided after {EXCHANGES_MAX} exchanges: {answers[-3:]}")
