"""The life of one payment, from the first text to the last.

Rule 1: every change of state is a row of `NEXT`; nothing else assigns a state.
Rule 2: a missing row is a programming error, not an outcome.
Rule 3: once money may have moved (`processing`), time alone closes nothing: there is no row for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.funds import WALLET
from smsgw.domain.money import Money
from smsgw.domain.phones import Msisdn

# The provider's reference: 41 bits of milliseconds and 22 of chance fit a signed 64-bit column.
REFERENCE_BITS: Final = 63
RANDOM_BITS: Final = 22


class State(StrEnum):
    """Where a payment stands. The words are the subscriber's too."""

    CHECKING = "checking"
    AWAITING_CODE = "awaiting_code"
    PROCESSING = "processing"
    EXECUTED = "executed"
    NOT_EXECUTED = "not_executed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    CODE_SPENT = "code_spent"
    RETURNED = "returned"


class Event(StrEnum):
    """What can happen to a payment."""

    ACCOUNT_FOUND = "account_found"
    ACCOUNT_REFUSED = "account_refused"
    CHECK_GAVE_UP = "check_gave_up"
    CODE_MISSED = "code_missed"
    CODE_TRIES_SPENT = "code_tries_spent"
    CODE_MATCHED = "code_matched"
    NO_MONEY = "no_money"
    OVER_LIMIT = "over_limit"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    DEADLINE_PASSED = "deadline_passed"
    PROVIDER_ACCEPTED = "provider_accepted"
    PROVIDER_REFUSED = "provider_refused"
    RETURNED = "returned"


NEXT: Final[dict[tuple[State, Event], State]] = {
    (State.CHECKING, Event.ACCOUNT_FOUND): State.AWAITING_CODE,
    (State.CHECKING, Event.ACCOUNT_REFUSED): State.NOT_EXECUTED,
    (State.CHECKING, Event.CHECK_GAVE_UP): State.NOT_EXECUTED,
    (State.CHECKING, Event.CANCELLED): State.CANCELLED,
    (State.CHECKING, Event.REPLACED): State.REPLACED,
    (State.AWAITING_CODE, Event.CODE_MISSED): State.AWAITING_CODE,
    (State.AWAITING_CODE, Event.CODE_TRIES_SPENT): State.CODE_SPENT,
    (State.AWAITING_CODE, Event.CODE_MATCHED): State.PROCESSING,
    (State.AWAITING_CODE, Event.NO_MONEY): State.NOT_EXECUTED,
    (State.AWAITING_CODE, Event.OVER_LIMIT): State.NOT_EXECUTED,
    (State.AWAITING_CODE, Event.CANCELLED): State.CANCELLED,
    (State.AWAITING_CODE, Event.REPLACED): State.REPLACED,
    (State.AWAITING_CODE, Event.DEADLINE_PASSED): State.EXPIRED,
    (State.PROCESSING, Event.PROVIDER_ACCEPTED): State.EXECUTED,
    (State.PROCESSING, Event.PROVIDER_REFUSED): State.NOT_EXECUTED,
    (State.PROCESSING, Event.NO_MONEY): State.NOT_EXECUTED,
    (State.EXECUTED, Event.RETURNED): State.RETURNED,
}

OPEN: Final = frozenset({State.CHECKING, State.AWAITING_CODE})
"""Nothing has been charged and the subscriber may still cancel or replace."""

FINAL: Final = frozenset(State) - {state for state, _ in NEXT}
"""No row leaves these."""


class IllegalTransition(AssertionError):  # noqa: N818 -- the name of the thing in every text on state machines
    """A step that the table does not have: a bug of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment as it is stored.

    `id` is the reference that the provider sees; `number` is the 8 digits that people see. `account` has one
    value per field. `nonce` goes into the one-time code; `tried` holds the keyed digests of wrong codes, so that
    the same wrong code sent twice counts once. `day` and `month` are fixed when the money is held, so that a
    refusal gives the turnover back to the very period that it was taken from. `source` is where the money comes from.
    """

    id: int
    number: int
    msisdn: Msisdn
    link: str
    provider: str
    account: tuple[str, ...]
    amount: Money
    fee: Money
    state: State
    nonce: bytes
    key_id: str
    language: str
    created_at_us: int
    code_deadline_us: int = 0
    code_sends: int = 0
    code_sent_at_us: int = 0
    wrong_codes: int = 0
    tried: bytes = b""
    confirmed_at_us: int = 0
    finished_at_us: int = 0
    day: str = ""
    month: str = ""
    provider_reference: str = ""
    refusal: str = ""
    source: str = WALLET

    def __post_init__(self) -> None:
        assert 0 < self.id < 1 << REFERENCE_BITS, "the reference must fit a signed 64-bit column"
        assert self.amount.minor > 0, "a payment of nothing"
        assert self.fee.minor >= 0, "a fee below nothing"
        assert self.amount.currency == self.fee.currency, "fee and amount in two currencies"
        assert self.account, "a payment to nobody"

    @property
    def total(self) -> Money:
        """What the subscriber pays: amount and fee."""
        return self.amount + self.fee

    @property
    def account_text(self) -> str:
        """All fields of the account as people read them."""
        return " ".join(self.account)

    def same_order(self, provider: str, account: tuple[str, ...], amount: Money) -> bool:
        """True if a new request asks for exactly this payment."""
        return (self.provider, self.account, self.amount) == (provider, account, amount)


def advance(payment: Payment, event: Event, now_us: int) -> Payment:
    """Return the payment after *event* at *now_us*.

    Raises:
        IllegalTransition: `NEXT` has no such row.
    """
    try:
        state = NEXT[payment.state, event]
    except KeyError:
        raise IllegalTransition(f"{event} in {payment.state} (payment {payment.number})") from None
    ended = state not in OPEN and state is not State.PROCESSING
    return replace(payment, state=state, finished_at_us=now_us if ended else 0)


def new_reference(now_us: int, chance: int) -> int:
    """Make the reference of a payment: 41 bits of milliseconds, 22 random bits given by the caller.

    The milliseconds start again in September 2039; no reference that old was ever made, so none comes twice.
    """
    assert 0 <= chance < 1 << RANDOM_BITS, "chance out of range"
    milliseconds = now_us // 1000 % (1 << (REFERENCE_BITS - RANDOM_BITS))
    return milliseconds << RANDOM_BITS | chance
