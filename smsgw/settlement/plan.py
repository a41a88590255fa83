"""What to ask a provider next, and what its answer means for the money.

Rule 1: money goes back only when the provider surely has not credited and never will. Whatever may have been
credited is asked about, repeated where the protocol makes that harmless, or parked for a person; it is never guessed.
Rule 2: time alone refuses nothing that was sent. The end of the lifetime withdraws where the protocol can, else parks.
Rule 3: nothing here waits, reads a clock or knows a protocol.

The order of one exchange: `exchange.next_verb`, then `begun` (committed before the first byte), the exchange itself,
`unsent` if no byte left, `decide`.
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
from smsgw.settlement.decisions import Accept, CheckPassed, Decision, GiveUp, KeepCredit, Park, Refuse, Retry, Reverse
from smsgw.settlement.exchange import CHECK_TRIES_MAX, REFUSED, RESTORED, word

# The subscriber holds the phone and waits for the code: after this nobody expects an answer to the text any more.
CHECK_WINDOW_S: Final = 20
# Long enough for a lost packet or a restarted server behind a balancer, short enough to fit into the window.
CHECK_RETRY_AFTER_S: Final = 1
# How long a payment whose life is over may take to be withdrawn: some rungs of the ladder, then a person looks.
WITHDRAW_WINDOW_S: Final = 3600

NEVER_SENT: Final = "never_sent"
NEVER_APPLIED: Final = "never_applied"
WITHDRAWN: Final = "withdrawn"
LIFETIME_OVER: Final = "the lifetime of the call is over"
CANNOT_ASK: Final = "the provider can neither be asked nor given the payment again"
REPEAT_REFUSED: Final = "a repeat was refused, but an earlier exchange may have been credited"
NOT_FUNDED: Final = "the source of the money has not answered"
CANCEL_REFUSED_AGAIN: Final = "a repeated cancel was refused, but an earlier one may have been carried out"
CANCEL_OF_UNKNOWN: Final = "the provider does not know the payment that it is to take back"


DOUBTS: Final = frozenset({word(Unknown("")), word(Pending()), word(NotSent("")), RESTORED})
"""After these a status is what is asked next, where there is one."""


def let_go(call: ProviderCall, why: str) -> GiveUp | Park:
    """What becomes of a call about which nothing may be asked any more."""
    return GiveUp() if call.kind is Kind.CHECK else Park(why, tell=_untold(call))


def decide(call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
    """Say what an answer means. *call* is what `begun` returned, through `unsent` if no byte left."""
    match call.kind:
        case Kind.CHECK:
            return _decide_check(call, answer, now_us)
        case Kind.CANCEL:
            return _decide_cancel(call, verb, answer, capabilities, now_us)
        case Kind.PAY:
            end = _end_of_pay(call, verb, answer, capabilities)
            return _decide_pay(call, verb, answer, capabilities, now_us) if end is None else end


def overdue(call: ProviderCall, verb: Verb, capabilities: Capabilities, now_us: int) -> Decision | None:
    """What becomes of a pay that may not go out any more, because the life of its call is over; None = it may.

    After a long stop the provider's day is closed, its registry made, and the subscriber has been told otherwise.
    """
    if verb not in {Verb.PREPARE, Verb.PAY} or now_us <= _end_of_life_us(call, capabilities):
        return None
    return _ask_after(call, 0, capabilities, now_us)


def unfunded(call: ProviderCall, capabilities: Capabilities, now_us: int) -> Decision:
    """What becomes of a payment whose source has not said yet whether it holds the money; nothing was sent."""
    wait_us = by_age(STATUS_AFTER_S, now_us - call.created_at_us) * US_PER_S
    if now_us + wait_us > _end_of_life_us(call, capabilities):
        return Park(NOT_FUNDED, tell=_untold(call))
    return Retry(now_us + wait_us, tell=_untold(call))


def never_applied(call: ProviderCall, answer: Absent, capabilities: Capabilities, now_us: int) -> bool:
    """True if a payment that the provider does not know now can never turn up there any more.

    The provider has declared how late it may credit, that time is over since the last byte, and its statement (where
    it offers one) lacks the payment up to then. Over by the calendar and by what was really waited: a clock that
    somebody sets an hour forward gives nobody an hour.
    """
    if capabilities.max_late_apply_s is None:
        return False
    # sent_at_us was committed before the first byte; the last one left at most one deadline later.
    late_s = capabilities.pay_deadline_s + capabilities.max_late_apply_s
    surely_us = call.sent_at_us + int(late_s * US_PER_S)
    stated = not capabilities.statement or call.absent_until_us >= surely_us
    return now_us >= surely_us and answer.watched_s >= late_s and stated


def _untold(call: ProviderCall) -> bool:
    return call.kind is Kind.PAY and call.told == 0


def _decide_check(call: ProviderCall, answer: Answer, now_us: int) -> Decision:
    if isinstance(answer, Found):
        return CheckPassed()
    if isinstance(answer, Refused):
        return Refuse(answer.reason, answer.code)
    due_at_us = now_us + CHECK_RETRY_AFTER_S * US_PER_S
    in_time = due_at_us <= call.created_at_us + CHECK_WINDOW_S * US_PER_S
    return Retry(due_at_us) if call.attempts < CHECK_TRIES_MAX and in_time else GiveUp()


def _decide_cancel(call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
    match answer:
        case Cancelled():
            return Reverse()
        case Absent():
            return Park(CANCEL_OF_UNKNOWN)
        case Refused() if verb is Verb.CANCEL:
            return _cancel_refused(call, answer, capabilities, now_us)
        case Accepted() if verb is Verb.STATUS and REFUSED in call.memory:
            return KeepCredit(call.memory[REFUSED])
        case _:
            return _ask_on(call, answer, capabilities, now_us)


def _cancel_refused(call: ProviderCall, answer: Refused, capabilities: Capabilities, now_us: int) -> Decision:
    """A refused repeat may be about a payment that the first cancel took back; a status tells, or nobody does."""
    if call.first_sent_at_us == call.sent_at_us:
        return KeepCredit(answer.code)
    return Retry(now_us, memory={REFUSED: answer.code}) if capabilities.status else Park(CANCEL_REFUSED_AGAIN)


def _end_of_pay(call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities) -> Decision | None:
    """What ends a payment, or parks it; None = it goes on."""
    match answer:
        case Accepted():
            return Accept(answer.provider_reference)
        case Cancelled() if verb is not Verb.WITHDRAW or not capabilities.status:
            return Refuse(RefusalReason.OTHER, answer.code or WITHDRAWN)
        case Unknown(park=True):
            return Park(answer.why, tell=_untold(call))
        case Refused() if verb is not Verb.WITHDRAW:
            return _refused(call, verb, answer, capabilities)
        case _:
            return None


def _decide_pay(call: ProviderCall, verb: Verb, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
    match answer:
        case NotSent():
            return _ask_after(call, by_age(CONNECT_AFTER_S, now_us - call.created_at_us), capabilities, now_us)
        case Cancelled():
            # Of a withdrawal, where a status can be asked for: only both together say that nothing is left of it.
            return Retry(now_us)
        case Absent() if call.withdrawn and never_applied(call, answer, capabilities, now_us):
            return Refuse(RefusalReason.OTHER, NEVER_APPLIED)
        case Prepared() if not call.withdrawn:
            return _prepared(call, verb, answer, capabilities, now_us)
        case Absent() if not call.withdrawn:
            return _absent(call, answer, capabilities, now_us)
        case _:
            return _ask_on(call, answer, capabilities, now_us)


def _refused(call: ProviderCall, verb: Verb, answer: Refused, capabilities: Capabilities) -> Decision:
    # Where a single pay was sent in all, the refusal is about that one, whether it comes at once or by a status.
    # A refused repeat says nothing of the first, unless the provider looks for the reference before all else.
    single = call.first_sent_at_us == (0 if verb is Verb.PREPARE else call.sent_at_us)
    if single or capabilities.duplicate_checked_first:
        return Refuse(answer.reason, answer.code)
    return Park(REPEAT_REFUSED, tell=_untold(call))


def _prepared(call: ProviderCall, verb: Verb, answer: Prepared, capabilities: Capabilities, now_us: int) -> Decision:
    """Reserved: pay at once, unless an earlier pay may still be at work there."""
    if verb is Verb.PREPARE or call.first_sent_at_us == 0:
        return Retry(now_us, memory=answer.memory)
    return _ask_after(call, _until_repeat_s(call, capabilities, now_us), capabilities, now_us)


def _absent(call: ProviderCall, answer: Absent, capabilities: Capabilities, now_us: int) -> Decision:
    wait_s = _until_repeat_s(call, capabilities, now_us)
    in_time = now_us + wait_s * US_PER_S <= _end_of_life_us(call, capabilities)
    repeats = capabilities.dedupes_by_reference and in_time
    if not repeats and never_applied(call, answer, capabilities, now_us):
        return Refuse(RefusalReason.OTHER, NEVER_APPLIED)
    if not capabilities.dedupes_by_reference or call.first_sent_at_us == 0:
        return _ask_on(call, answer, capabilities, now_us)
    again = _ask_after(call, wait_s, capabilities, now_us)
    # Where payments have two phases, the first has to be done again.
    return replace(again, memory={}) if isinstance(again, Retry) and capabilities.prepares else again


def _ask_on(call: ProviderCall, answer: Answer, capabilities: Capabilities, now_us: int) -> Decision:
    """It may have been carried out: go on asking in the way that harms nobody, or park."""
    changes = call.withdrawn or call.kind is Kind.CANCEL
    asks = capabilities.status or call.first_sent_at_us == 0
    if not (changes or asks or capabilities.dedupes_by_reference):
        return Park(CANNOT_ASK, tell=_untold(call))
    # What changes something there is not sent again before the provider is done with the first.
    ladder = capabilities.back_off_s or STATUS_AFTER_S if asks and not changes else _repeats(capabilities)
    if call.withdrawn:
        # A new question, with a ladder of its own from the end of the payment's life on.
        wait_s = by_age(ladder, now_us - _end_of_life_us(call, capabilities))
    else:
        wait_s = by_exchanges(ladder, call.attempts)
    patience_s = answer.retry_after_s if isinstance(answer, Unknown) else 0
    return _ask_after(call, max(wait_s, patience_s), capabilities, now_us)


def _ask_after(call: ProviderCall, wait_s: int, capabilities: Capabilities, now_us: int) -> Decision:
    due_at_us, end_us = now_us + wait_s * US_PER_S, _end_of_life_us(call, capabilities)
    # Beyond its life a payment is dropped, or asked about once more so that it can be. What was never paid needs
    # neither: at most it is reserved, and nobody is going to credit it.
    in_doubt = call.first_sent_at_us > 0 and call.last_answer in DOUBTS
    dropping = call.withdrawn or (capabilities.withdraws and capabilities.status and in_doubt)
    if due_at_us <= end_us + (WITHDRAW_WINDOW_S * US_PER_S if dropping else 0):
        return Retry(due_at_us, tell=_untold(call))
    if call.kind is Kind.PAY and call.first_sent_at_us == 0:
        return Refuse(RefusalReason.OTHER, NEVER_SENT)
    if call.kind is Kind.PAY and _may_be_dropped(call, capabilities):
        return Retry(max(now_us, end_us, _worked_off_us(call, capabilities)), tell=_untold(call), withdraw=True)
    return Park(LIFETIME_OVER, tell=_untold(call))


def _may_be_dropped(call: ProviderCall, capabilities: Capabilities) -> bool:
    """True for what is only reserved there.

    Where a status can be asked for, it must have said so: a withdrawal of something credited would take it back, and
    that is a person's decision.
    """
    reserved = call.last_answer == word(Prepared({})) or not capabilities.status
    return capabilities.withdraws and reserved and not call.withdrawn


def _worked_off_us(call: ProviderCall, capabilities: Capabilities) -> int:
    """When the latest pay is over at the provider too: a drop that overtakes it would be answered, and it credited."""
    return call.sent_at_us + int((capabilities.pay_deadline_s + capabilities.repeat_after_s) * US_PER_S)


def _end_of_life_us(call: ProviderCall, capabilities: Capabilities) -> int:
    # A person's cancel waits for a provider that is away; its life begins when it is first heard.
    begins_us = call.first_sent_at_us if call.kind is Kind.CANCEL and call.first_sent_at_us else call.created_at_us
    return begins_us + capabilities.lifetime_s * US_PER_S


def _until_repeat_s(call: ProviderCall, capabilities: Capabilities, now_us: int) -> int:
    """How long a repeat of the pay waits: the first one until the provider is done with the pay, later ones longer.

    The questions in between do not count: a provider that was asked often has not been paid often.
    """
    if call.first_sent_at_us != call.sent_at_us:
        return by_age(_repeats(capabilities), now_us - call.first_sent_at_us)
    since_us = now_us - call.sent_at_us
    return max(0, _repeats(capabilities)[0] - since_us // US_PER_S)


def _repeats(capabilities: Capabilities) -> tuple[int, ...]:
    return repeat_ladder(capabilities.repeat_after_s, capabilities.back_off_s)
