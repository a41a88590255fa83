"""What to ask a provider next, and what its answer means for the money.

Rule 1: money goes back only when the provider surely has not credited and never will. Whatever may have been
credited is asked about, repeated where the protocol makes that harmless, or parked for a person; it is never guessed.
Rule 2: time alone refuses nothing that was sent. The end of the lifetime parks.
Rule 3: nothing here waits, reads a clock or knows a protocol.

The order of one exchange: `next_verb`, then `begun` (committed before the first byte), the exchange itself, `unsent`
if no byte left, `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Pending,
    ProviderCall,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.changes import replace
from smsgw.settlement.backoff import (
    CONNECT_AFTER_S,
    STATUS_AFTER_S,
    US_PER_S,
    by_age,
    by_exchanges,
    repeat_ladder,
)

# The subscriber holds the phone and waits for the code: after this nobody expects an answer to the text any more.
CHECK_WINDOW_S: Final = 20
# A check changes nothing at the provider, so one more try is free; a third would not fit into the window.
CHECK_TRIES_MAX: Final = 2
# Long enough for a lost packet or a restarted server behind a balancer, short enough to fit into the window.
CHECK_RETRY_AFTER_S: Final = 1
# What a node that died leaves behind is looked at this long after the exchange must have ended: the lease's margin.
ORPHAN_MARGIN_S: Final = 60

NEVER_SENT: Final = "never_sent"
NEVER_APPLIED: Final = "never_applied"
LIFETIME_OVER: Final = "the lifetime of the call is over"
CANNOT_ASK: Final = "the provider can neither be asked nor given the payment again"
REPEAT_REFUSED: Final = "a repeat was refused, but an earlier exchange may have been credited"


@dataclass(frozen=True, slots=True)
class CheckPassed:
    """check: the account can be paid; send the code."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """check: the provider could not be asked in time. Nothing was charged."""


@dataclass(frozen=True, slots=True)
class Accept:
    """pay: credited; post the hold."""

    provider_reference: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Surely not credited: void the hold. `code` is the provider's own, or one of ours (`never_sent`, …)."""

    reason: RefusalReason
    code: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again at `due_at_us`. `tell`: text "in processing" now, the only time."""

    due_at_us: int
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Park:
    """Leave the money held, for a person or for the reconciliation. `tell` as in `Retry`."""

    why: str
    tell: bool = False


Decision = CheckPassed | GiveUp | Accept | Refuse | Retry | Park

_WORDS: Final[dict[type[Answer], str]] = {
    Found: "found",
    Accepted: "accepted",
    Refused: "refused",
    Pending: "pending",
    Absent: "absent",
    Unknown: "unknown",
    NotSent: "not_sent",
}


def word(answer: Answer) -> str:
    """The name under which an answer is stored as a call's `last_answer`."""
    return _WORDS[type(answer)]


def next_verb(call: ProviderCall, capabilities: Capabilities) -> Verb | None:
    """What to ask in the next exchange; None = nothing may be asked any more, see `let_go`.

    None happens after a crash between the first byte and the answer, where the provider offers neither a status
    question nor a harmless repeat; and where no answer of a check could be committed in all its tries.
    """
    if call.kind is Kind.CHECK:
        return Verb.CHECK if call.attempts < CHECK_TRIES_MAX else None
    if call.first_sent_at_us == 0:
        return Verb.PAY
    if capabilities.dedupes_by_reference and (call.last_answer == word(Absent()) or not capabilities.status):
        return Verb.PAY
    return Verb.STATUS if capabilities.status else None


def let_go(call: ProviderCall, why: str) -> GiveUp | Park:
    """What becomes of a call about which nothing may be asked any more."""
    return GiveUp() if call.kind is Kind.CHECK else Park(why, tell=not call.told)


def begun(call: ProviderCall, verb: Verb, now_us: int) -> ProviderCall:
    """The call as it must be committed before the first byte of an exchange.

    A status question leaves the sent times alone: what may be credited late is counted from the last pay.
    """
    call = replace(call, attempts=call.attempts + 1)
    if verb is Verb.STATUS:
        return call
    return replace(call, first_sent_at_us=call.first_sent_at_us or now_us, sent_at_us=now_us)


def unsent(call: ProviderCall, verb: Verb) -> ProviderCall:
    """The call after an exchange of which no byte left; *call* is what `begun` returned.

    A first pay counts as never tried. Checks keep their count: it is what ends them.
    """
    if verb is not Verb.PAY or call.first_sent_at_us != call.sent_at_us:
        return call
    return replace(call, attempts=0, first_sent_at_us=0, sent_at_us=0)


def orphan_due_us(call: ProviderCall, verb: Verb, capabilities: Capabilities, now_us: int) -> int:
    """When to look at the call again if this process dies during the exchange that begins now.

    By then the exchange has ended, and a repeat of a pay is not too early for the provider.
    """
    deadline_s = capabilities.pay_deadline_s if verb is Verb.PAY else capabilities.check_deadline_s
    pause_s = capabilities.repeat_after_s if call.kind is Kind.PAY else 0
    return now_us + int((deadline_s + max(ORPHAN_MARGIN_S, pause_s)) * US_PER_S)


def decide(call: ProviderCall, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
    """Say what an answer means. *call* is what `begun` returned, through `unsent` if no byte left."""
    if call.kind is Kind.CHECK:
        return _decide_check(call, answer, now_us)
    match answer:
        case Accepted():
            return Accept(answer.provider_reference)
        case Refused():
            return _refused(call, answer, capabilities)
        case NotSent():
            return _not_sent(call, capabilities, now_us)
        case Absent() if capabilities.status:
            return _absent(call, capabilities, now_us)
        case _:
            return _ask_on(call, capabilities, now_us)


def _decide_check(call: ProviderCall, answer: Answer, now_us: int) -> Decision:
    if isinstance(answer, Found):
        return CheckPassed()
    if isinstance(answer, Refused):
        return Refuse(answer.reason, answer.code)
    due_at_us = now_us + CHECK_RETRY_AFTER_S * US_PER_S
    in_time = due_at_us <= call.created_at_us + CHECK_WINDOW_S * US_PER_S
    return Retry(due_at_us) if call.attempts < CHECK_TRIES_MAX and in_time else GiveUp()


def _refused(call: ProviderCall, answer: Refused, capabilities: Capabilities) -> Decision:
    # Where a single pay was sent in all, the refusal is about that one, whether it comes at once or by a status.
    # A refused repeat says nothing of the first, unless the provider looks for the reference before all else.
    if call.first_sent_at_us == call.sent_at_us or capabilities.duplicate_checked_first:
        return Refuse(answer.reason, answer.code)
    return Park(REPEAT_REFUSED, tell=not call.told)


def _not_sent(call: ProviderCall, capabilities: Capabilities, now_us: int) -> Decision:
    decision = _ask_after(call, by_age(CONNECT_AFTER_S, now_us - call.created_at_us), capabilities, now_us)
    if isinstance(decision, Park) and call.first_sent_at_us == 0:
        return Refuse(RefusalReason.OTHER, NEVER_SENT)
    return decision


def _absent(call: ProviderCall, capabilities: Capabilities, now_us: int) -> Decision:
    if capabilities.dedupes_by_reference:
        ladder = repeat_ladder(capabilities.repeat_after_s)
        return _ask_after(call, by_exchanges(ladder, call.attempts), capabilities, now_us)
    if capabilities.max_late_apply_s is not None:
        # sent_at_us was committed before the first byte; the last one left at most one deadline later.
        late_s = capabilities.pay_deadline_s + capabilities.max_late_apply_s
        if now_us - call.sent_at_us >= late_s * US_PER_S:
            return Refuse(RefusalReason.OTHER, NEVER_APPLIED)
    return _ask_on(call, capabilities, now_us)


def _ask_on(call: ProviderCall, capabilities: Capabilities, now_us: int) -> Decision:
    """It may have been credited: go on asking in the way that harms nobody, or park."""
    ladder: tuple[int, ...]
    if capabilities.status:
        ladder = STATUS_AFTER_S
    elif capabilities.dedupes_by_reference:
        ladder = repeat_ladder(capabilities.repeat_after_s)
    else:
        return Park(CANNOT_ASK, tell=not call.told)
    return _ask_after(call, by_exchanges(ladder, call.attempts), capabilities, now_us)


def _ask_after(call: ProviderCall, wait_s: int, capabilities: Capabilities, now_us: int) -> Decision:
    due_at_us = now_us + wait_s * US_PER_S
    if due_at_us > call.created_at_us + capabilities.lifetime_s * US_PER_S:
        return Park(LIFETIME_OVER, tell=not call.told)
    return Retry(due_at_us, tell=not call.told)
