"""Texts in and out, as the service sees them: no PDU, no segment, no alphabet."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from smsgw.domain.phones import Msisdn


class Priority(IntEnum):
    """Which of two texts to different people leaves first: the smaller number."""

    CODE = 0
    ANSWER = 1
    RECEIPT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundPart:
    """One part of a long text, as a link delivered it; the payload may hold a password and never prints."""

    link: str
    sender: str
    destination: str
    reference: int
    total: int
    number: int
    payload: bytes = field(repr=False)
    data_coding: int
    identity: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSms:
    """One whole text as a link delivered it.

    `sender` is the address as the SMSC wrote it; `identity` is what makes a repeat of the same delivery equal
    (addresses, coding, reference and part, raw octets). The text may hold a password: it never prints. `last_part` is
    the part that completed a long text; its parts are deleted where the text is taken.
    """

    link: str
    sender: str
    destination: str
    text: str = field(repr=False)
    identity: bytes = field(repr=False)
    sent_at_us: int | None = None
    last_part: InboundPart | None = field(default=None, repr=False)


class PartVerdict(StrEnum):
    """What became of a part of a long text: it is kept; or kept although it came before (service.parts, rule 2)."""

    KEPT = "part"
    AGAIN = "part_again"


class Ack(StrEnum):
    """What a link answers to a deliver_sm: taken for good, or "send it again later"."""

    DONE = "done"
    RETRY = "retry"


class Delivery(StrEnum):
    """Where an outgoing text stands."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text to be sent, before it has words: the event of config/replies.toml and its values."""

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    priority: Priority = Priority.ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundSms:
    """One row of the outbox. It is rendered when it is sent, so neither its words nor a code are ever stored."""

    id: int
    msisdn: Msisdn
    link: str
    event: str
    values: Mapping[str, str]
    language: str
    payment_id: int | None
    priority: Priority
    created_at_us: int
    expires_at_us: int
    state: Delivery = Delivery.QUEUED
    attempts: int = 0
    due_at_us: int = 0
    epoch: int = 1
    lease_until_us: int = 0
    message_id: str = ""
    possibly_twice: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """The SMSC took the text under this id; `link` is the one that stood in for the link asked for, if any did."""

    message_id: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class SubmitRefused:
    """The SMSC refused. `temporary` says that the same text may be tried again after `retry_after_s`."""

    status: int
    temporary: bool
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SubmitUnknown:
    """The request left and no answer came in time: the text may have been sent."""


@dataclass(frozen=True, slots=True)
class NotSubmitted:
    """No byte left: no bound link, no room in the window, or the lease was over."""


SubmitOutcome = Submitted | SubmitRefused | SubmitUnknown | NotSubmitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send a text.

    The text is of use for `left_s` seconds, which is until `expires_at_us`; `may_send` is asked before its first octet
    leaves. After `SubmitUnknown` the answer may come still: `late` is then given what it says of the whole text.
    """

    left_s: int
    expires_at_us: int
    may_send: Callable[[], bool]
    late: Callable[[SubmitOutcome], Coroutine[Any, Any, None]]
