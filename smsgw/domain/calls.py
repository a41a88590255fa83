"""Calls to a provider's billing: what is asked, and the few things an answer can mean.

The meanings are the whole vocabulary between protocols and settlement; a protocol's own codes end in one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smsgw.domain.money import Money
from smsgw.domain.phones import Msisdn


class Kind(StrEnum):
    """Why a call stands in the table."""

    CHECK = "check"
    PAY = "pay"
    CANCEL = "cancel"


class Verb(StrEnum):
    """What one exchange asks the provider.

    PREPARE reserves a payment under its reference and credits nothing; only protocols of two phases have it. PAY
    credits. WITHDRAW drops a payment that was never finished; CANCEL takes a credited one back.
    """

    CHECK = "check"
    PREPARE = "prepare"
    PAY = "pay"
    STATUS = "status"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"


class CallState(StrEnum):
    """Where a call stands. A parked call waits for a person or for the reconciliation."""

    DUE = "due"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Order:
    """What a protocol needs to know of a payment. `provider_reference` is known once it has been credited."""

    reference: int
    account: tuple[str, ...]
    amount: Money
    created_at_us: int
    provider_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One exchange: the verb, and what it is made of.

    `parameters` were stored before the first byte of the call and are sent as stored. `memory` is what an earlier
    answer told the protocol to remember (`Prepared`). `repeat`: an earlier exchange of this verb may have reached
    the provider, so that an answer about a duplicate is about our own.
    """

    verb: Verb
    parameters: Mapping[str, str]
    memory: Mapping[str, str] = field(default_factory=dict)
    repeat: bool = False


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
class Prepared:
    """prepare: reserved, nothing credited. `memory` is kept with the call and given to every later exchange."""

    memory: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """pay or status: credited. `alarm` says what a person should look at all the same."""

    provider_reference: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """pay: surely not credited, and never will be under this reference. cancel, withdraw: it cannot be taken back.

    `alarm` as of `Accepted`.
    """

    reason: RefusalReason
    code: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider says that it is still working on it."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider does not know the reference (yet).

    `watched_s`: for how long the gateway has watched the payment since it was last sent, by a clock that nobody can
    set; a payment had at least so long to turn up.
    """

    alarm: str = ""
    watched_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cancelled:
    """status, cancel or withdraw: not credited any more, and never will be under this reference."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may have been carried out. `alarm` marks faults that waiting will not mend.

    `retry_after_s`: the provider wants to be left alone for so long; 0 = it said nothing. `park`: whatever it may
    answer next would prove nothing, so a person or the statement has the word.
    """

    why: str
    alarm: bool = False
    retry_after_s: int = 0
    park: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left: trying again harms nobody. `alarm` as of `Unknown`."""

    why: str
    alarm: bool = False


Answer = Found | Prepared | Accepted | Refused | Pending | Absent | Cancelled | Unknown | NotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider's protocol and contract allow; the careful answer is the default.

    `prepares`: a payment has two phases, and only the second credits. `status`: it can be asked what became of a
    payment. `withdraws`: a payment that was not finished can be dropped for good; `cancels`: a credited one can be
    taken back. `statement`: it lists what it has credited; `registry`: it wants our list of every day.
    `dedupes_by_reference`: a second pay with the same reference credits nothing and answers as the first did.
    `duplicate_checked_first`: it looks for the reference before it looks at the account, so that a refusal of a
    repeat is a real refusal. `max_late_apply_s`: how long after the last byte it may still credit; None = unknown.
    `back_off_s`: the waits between questions, the last one for ever; empty = those of `settlement.backoff`.
    `time_zone` (IANA) is where its days begin.
    """

    prepares: bool = False
    status: bool = False
    withdraws: bool = False
    cancels: bool = False
    statement: bool = False
    registry: bool = False
    dedupes_by_reference: bool = False
    duplicate_checked_first: bool = False
    max_late_apply_s: int | None = None
    repeat_after_s: int = 60
    back_off_s: tuple[int, ...] = ()
    lifetime_s: int = 24 * 3600
    check_deadline_s: float = 15.0
    pay_deadline_s: float = 60.0
    time_zone: str = "Asia/Tashkent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCall:
    """One row of the calls table: the exact parameters, and how far the exchange has come.

    `epoch` fences: whoever holds an older one changes nothing. `first_sent_at_us` and `sent_at_us` are committed
    before the first byte of the first and of the latest exchange that may credit; 0 = never sent. `told` counts the
    texts that said "it takes longer". `memory` is the protocol's own (`Prepared`). `withdrawn`: we have begun to drop
    the payment, so nothing that credits may be sent any more. `failures` counts the times that it was taken in hand
    without coming to an end. Statements lack the payment, without a gap since the first byte, up to `absent_until_us`.
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
    told: int = 0
    epoch: int = 1
    lease_until_us: int = 0
    last_answer: str = ""
    memory: Mapping[str, str] = field(default_factory=dict)
    withdrawn: bool = False
    failures: int = 0
    absent_until_us: int = 0
