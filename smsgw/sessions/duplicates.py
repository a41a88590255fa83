"""A new request to pay, held against what the subscriber has asked for already: repeats are harmless by their meaning.

Phones send twice, SMSCs deliver twice, and people ask again when they are unsure. The same provider, account and
amount is the same wish until some minutes after it was carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.domain.money import Money
from smsgw.domain.payment import OPEN, Payment, State

# So long after its execution the same payment is taken for a mistake.
DUPLICATE_WINDOW_US: Final = 10 * 60 * 1_000_000
_MINUTE_US: Final = 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a new text asks for."""

    provider: str
    account: tuple[str, ...]
    amount: Money


class Meaning(StrEnum):
    """What a new request means beside the earlier ones."""

    NEW = "new"
    STILL_CHECKING = "still_checking"
    RESEND_CODE = "resend_code"
    PROCESSING = "processing"
    DUPLICATE = "duplicate"
    REPLACES = "replaces"


class Judgement(NamedTuple):
    """A meaning, the earlier payment that it is about, and for DUPLICATE the minutes since (at least 1)."""

    meaning: Meaning
    payment: Payment | None = None
    minutes: int = 0


def judge(request: Request, open_payment: Payment | None, recent: Sequence[Payment], now_us: int) -> Judgement:
    """Say what *request* means. *recent*: the subscriber's latest payments, newest first."""
    if open_payment is not None and _live(open_payment, now_us) and _same(open_payment, request):
        checking = open_payment.state is State.CHECKING
        return Judgement(Meaning.STILL_CHECKING if checking else Meaning.RESEND_CODE, open_payment)
    earlier = [payment for payment in recent if _same(payment, request)]
    for payment in earlier:
        if payment.state is State.PROCESSING:
            return Judgement(Meaning.PROCESSING, payment)
    for payment in earlier:
        if _just_executed(payment, now_us):
            minutes = max(1, (now_us - payment.finished_at_us) // _MINUTE_US)
            return Judgement(Meaning.DUPLICATE, payment, minutes)
    if open_payment is not None:
        return Judgement(Meaning.REPLACES, open_payment)
    return Judgement(Meaning.NEW)


def _same(payment: Payment, request: Request) -> bool:
    return payment.same_order(request.provider, request.account, request.amount)


def _live(payment: Payment, now_us: int) -> bool:
    """False for a code that is too old to be sent again, though nobody has closed its payment yet."""
    assert payment.state in OPEN, "an open payment is checking or awaits its code"
    return payment.state is State.CHECKING or now_us <= payment.code_deadline_us


def _just_executed(payment: Payment, now_us: int) -> bool:
    return payment.state is State.EXECUTED and now_us - payment.finished_at_us <= DUPLICATE_WINDOW_US
