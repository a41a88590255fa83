"""What a protocol's result codes mean: the words of every `codes` setting, and the answers that they become.

Rule 1: a code that nobody agreed on refuses a question that costs nothing, and leaves a payment in doubt.
Rule 2: what is good (`ok`) is read by each protocol for itself; everything else is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from smsgw.domain.calls import Absent, Answer, Cancelled, Pending, RefusalReason, Refused, Unknown
from smsgw.providers.profile import ProfileError
from smsgw.providers.wire import RESULT_CODE


class Meaning(StrEnum):
    """What a result code means."""

    OK = "ok"
    REPEAT = "repeat"
    PENDING = "pending"
    ABSENT = "absent"
    CANCELLED = "cancelled"
    NO_ACCOUNT = "no_account"
    AMOUNT = "amount"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CONFIGURATION = "configuration"


_REASONS: Final = {
    Meaning.NO_ACCOUNT: RefusalReason.NO_ACCOUNT,
    Meaning.AMOUNT: RefusalReason.AMOUNT,
    Meaning.REFUSED: RefusalReason.OTHER,
}


def with_overrides(standard: Mapping[int, Meaning], overrides: Mapping[str, str]) -> Mapping[int, Meaning]:
    """The table of a protocol, with what a provider's `dialect.codes` says otherwise: code → word of `Meaning`.

    Raises:
        ProfileError: no integer, or no such word.
    """
    for code, meaning in overrides.items():
        if not RESULT_CODE.fullmatch(code) or meaning not in list(Meaning):
            raise ProfileError(f"dialect.codes.{code}", f"an integer, and one of {', '.join(Meaning)}")
    return {**standard, **{int(code): Meaning(meaning) for code, meaning in overrides.items()}}


def answer_of(meaning: Meaning, code: str) -> Answer:
    """The answer that a code with this meaning is, anything but `ok`. *code* is kept for people."""
    assert meaning is not Meaning.OK, "what a good answer says is the protocol's own business"
    match meaning:
        case Meaning.PENDING:
            return Pending(f"result {code}")
        case Meaning.ABSENT:
            return Absent()
        case Meaning.CANCELLED:
            return Cancelled(code)
        case Meaning.NO_ACCOUNT | Meaning.AMOUNT | Meaning.REFUSED:
            return Refused(_REASONS[meaning], code)
        case _:
            return Unknown(f"result {code}", alarm=meaning is Meaning.CONFIGURATION)
