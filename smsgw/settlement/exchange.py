"""One exchange with a provider: what is asked next, and how the call must stand before and after it.

Rule 1: what may credit is written down before its first byte; a question around it leaves that alone.
Rule 2: what is being withdrawn is never paid any more.
"""

from __future__ import annotations

from typing import Final

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Pending,
    Prepared,
    ProviderCall,
    Question,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.changes import replace
from smsgw.settlement.backoff import US_PER_S

# A check changes nothing at the provider, so one more try is free; a third would not fit into the window.
CHECK_TRIES_MAX: Final = 2
# What a node that died leaves behind is looked at this long after the exchange must have ended: the lease's margin.
ORPHAN_MARGIN_S: Final = 60

CREDITING: Final = frozenset({Verb.CHECK, Verb.PAY, Verb.CANCEL})
"""Verbs whose sending is remembered: the purpose of a call, as opposed to the questions around it."""

QUICK: Final = frozenset({Verb.CHECK, Verb.STATUS})
"""Verbs that change nothing at the provider, and so have the shorter deadline."""


_WORDS: Final[dict[type[Answer], str]] = {
    Found: "found",
    Prepared: "prepared",
    Accepted: "accepted",
    Refused: "refused",
    Pending: "pending",
    Absent: "absent",
    Cancelled: "cancelled",
    Unknown: "unknown",
    NotSent: "not_sent",
}
PAY_AGAIN: Final = frozenset({_WORDS[Absent], _WORDS[Prepared]})
"""After these a repeated pay is what the protocol expects: it does not know the payment, or only its reservation."""


REFUSED: Final = "refused"
"""Where the memory of a cancel keeps the code of a refusal that may be about an earlier cancel of ours."""
RESTORED: Final = "restored"
"""What stands as the last answer of a call that came back with a copy of the database: after the copy was made it may
have been sent, answered and told, and nobody here knows."""


def word(answer: Answer) -> str:
    """The name under which an answer is stored as a call's `last_answer`."""
    return _WORDS[type(answer)]


def last_answer(call: ProviderCall, answer: Answer) -> str:
    """The word that stands in a call after an answer. What came back with a copy stays so until somebody was asked."""
    return RESTORED if call.last_answer == RESTORED and isinstance(answer, NotSent) else word(answer)


def next_verb(call: ProviderCall, capabilities: Capabilities) -> Verb | None:
    """What to ask in the next exchange; None = nothing may be asked any more, see `plan.let_go`.

    None happens after a crash between the first byte and the answer, where the provider offers neither a status
    question nor a harmless repeat; where no answer of a check could be committed in all its tries; and for what came
    back with a copy, where the provider cannot be asked.
    """
    if call.last_answer == RESTORED:
        return Verb.STATUS if capabilities.status and call.kind is not Kind.CHECK else None
    match call.kind:
        case Kind.CHECK:
            return Verb.CHECK if call.attempts < CHECK_TRIES_MAX else None
        case Kind.CANCEL:
            return _next_of_cancel(call, capabilities)
        case Kind.PAY:
            return _next_of_pay(call, capabilities)


def _next_of_pay(call: ProviderCall, capabilities: Capabilities) -> Verb | None:
    if call.withdrawn:
        answered = call.last_answer in {_WORDS[Refused], _WORDS[Cancelled]}
        return Verb.STATUS if answered and capabilities.status else Verb.WITHDRAW
    again = call.last_answer in PAY_AGAIN or not capabilities.status
    if capabilities.prepares and not call.memory and (again or call.first_sent_at_us == 0):
        return Verb.PREPARE
    if call.first_sent_at_us == 0 or (capabilities.dedupes_by_reference and again):
        return Verb.PAY
    return Verb.STATUS if capabilities.status else None


def _next_of_cancel(call: ProviderCall, capabilities: Capabilities) -> Verb:
    """After an answer that leaves it open whether the credit was taken back, a status tells."""
    open_ = REFUSED in call.memory or call.last_answer in {_WORDS[Unknown], _WORDS[Pending]}
    return Verb.STATUS if capabilities.status and open_ and call.first_sent_at_us else Verb.CANCEL


def question(call: ProviderCall, verb: Verb) -> Question:
    """What the protocol is given for one exchange; *call* is what `begun` returned."""
    match verb:
        case Verb.PAY | Verb.CANCEL:
            repeat = call.first_sent_at_us != call.sent_at_us
        case Verb.PREPARE:
            repeat = call.attempts > 1 or call.first_sent_at_us > 0
        case _:
            repeat = call.attempts > 1
    return Question(verb=verb, parameters=call.parameters, memory=call.memory, repeat=repeat)


def deadline_s(verb: Verb, capabilities: Capabilities) -> float:
    """How long one exchange may take in all."""
    return capabilities.check_deadline_s if verb in QUICK else capabilities.pay_deadline_s


def begun(call: ProviderCall, verb: Verb, now_us: int) -> ProviderCall:
    """The call as it must be committed before the first byte of an exchange.

    A question around the purpose leaves the sent times alone: what may be credited late is counted from the last pay.
    """
    call = replace(call, attempts=call.attempts + 1, withdrawn=call.withdrawn or verb is Verb.WITHDRAW)
    if verb not in CREDITING:
        return call
    return replace(call, first_sent_at_us=call.first_sent_at_us or now_us, sent_at_us=now_us)


def unsent(call: ProviderCall, verb: Verb) -> ProviderCall:
    """The call after an exchange of which no byte left; *call* is what `begun` returned.

    A first pay, or cancel, counts as never tried. Checks keep their count: it is what ends them.
    """
    if verb is Verb.PREPARE:
        return replace(call, attempts=call.attempts - 1)
    if verb not in {Verb.PAY, Verb.CANCEL} or call.first_sent_at_us != call.sent_at_us:
        return call
    return replace(call, attempts=0, first_sent_at_us=0, sent_at_us=0)


def orphan_due_us(call: ProviderCall, verb: Verb, capabilities: Capabilities, now_us: int) -> int:
    """When to look at the call again if this process dies during the exchange that begins now.

    By then the exchange has ended, and a repeat of a pay is not too early for the provider.
    """
    pause_s = 0 if call.kind is Kind.CHECK else capabilities.repeat_after_s
    return now_us + int((deadline_s(verb, capabilities) + max(ORPHAN_MARGIN_S, pause_s)) * US_PER_S)
