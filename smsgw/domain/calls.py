"""Calls to a provider's billing: what is asked, and the few things an answer can mean.

The meanings are the whole vocabulary between protocols and settlement; a protocol's own codes end in one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from smsgw.domain.money import Money
from smsgw.domain.phones import Msisdn


class Kind(StrEnum):
    """Why a call stands in the table."""

    CHECK = "check"
    PAY = "pay"


class Verb(StrEnum):
    """What one exchange asks the provider."""

    CHECK = "check"
    PAY = "pay"
    STATUS = "status"


class CallState(StrEnum):
    """Where a call stands. A parked call waits for a person or for the reconciliation."""

    DUE = "due"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Order:
    """What a protocol needs to know of a payment."""

    reference: int
    account: tuple[str, ...]
    amount: Money
    created_at_us: int


class RefusalReason(StrEnum):
    """Why a provider refused, in words that a text to the subscriber can use."""

    NO_ACCOUNT = "no_account"
    AMOUNT = "amount"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """check: the account can be paid."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """pay or status: credited. `alarm` says what a person should look at all the same."""

    provider_reference: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Surely not credited, and never will be under this reference."""

    reason: RefusalReason
    code: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider says that it is still working on it."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """status: the provider does not know the reference (yet)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may have been carried out. `alarm` marks faults that waiting will not mend."""

    why: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left: trying again harms nobody."""

    why: str


Answer = Found | Accepted | Refused | Pending | Absent | Unknown | NotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider's protocol and contract allow; the careful answer is the default.

    `dedupes_by_reference`: a second pay with the same reference credits nothing and answers as the first did.
    `duplicate_checked_first`: it looks for the reference before it looks at the account, so that a refusal of a
    repeat is a real refusal. `max_late_apply_s`: how long after the last byte it may still credit; None = unknown.
    """

    status: bool = False
    dedupes_by_reference: bool = False
    duplicate_checked_first: bool = False
    max_late_apply_s: int | None = None
    repeat_after_s: int = 60
    lifetime_s: int = 24 * 3600
    check_deadline_s: float = 15.0
    pay_deadline_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCall:
    """One row of the calls table: the exact parameters, and how far the exchange has come.

    `epoch` fences: whoever holds an older one changes nothing. `first_sent_at_us` and `sent_at_us` are committed
    before the first byte of the first and of the latest exchange; 0 = never sent. `told` = the subscriber knows
    that it takes longer.
    """

    payment_id: int
    kind: Kind
    msisdn: Msisdn
    provider: str
    parameters: Mapping[str, str]
    created_at_us: int
    state: CallState = CallState.DUE
    due_at_us: int = 0
    attempts: int = 0
    first_sent_at_us: int = 0
    sent_at_us: int = 0
    told: bool = False
    epoch: int = 1
    lease_until_us: int = 0
    last_answer: str = ""
