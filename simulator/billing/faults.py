"""Faults that a simulated billing can be told to have, for its next requests.

Rule 1: a fault is two things, what happens to the credit and what happens to the answer; FAULTS is the whole table.
Rule 2: a fault is used up by its count, so that a test ends healthy without cleaning up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from simulator.billing.book import Asked, Credit, Standing

COUNT_MAX: Final = 1_000_000
# A day: longer than any lifetime that a call may have.
SECONDS_MAX: Final = 86_400.0
FAULTS_MAX: Final = 100
COMMANDS: Final = ("check", "prepare", "pay", "status", "cancel", "statement")


class Credits(Enum):
    """What becomes of the credit."""

    NOW = auto()
    LATER = auto()
    NEVER = auto()


class Answers(Enum):
    """What becomes of the answer."""

    NORMAL = auto()
    SILENCE = auto()
    STATUS = auto()
    GARBAGE = auto()
    DROP = auto()
    REFUSAL = auto()
    WRONG_ECHO = auto()
    # The answer's head promises more than comes, then the connection is cut.
    HALF = auto()
    # One octet a second, until the client has had enough.
    DRIP = auto()


class Effect(NamedTuple):
    """The two halves of a fault."""

    credits: Credits
    answers: Answers


class FaultKind(StrEnum):
    """The faults by the names that requests use."""

    APPLY_THEN_TIMEOUT = "apply_then_timeout"
    TIMEOUT_WITHOUT_APPLY = "timeout_without_apply"
    APPLY_LATE = "apply_late"
    HTTP_500_AFTER_APPLY = "http_500_after_apply"
    HTTP_STATUS = "http_status"
    GARBAGE = "garbage"
    DROP_AFTER_REQUEST = "drop_after_request"
    REFUSE = "refuse"
    SLOW = "slow"
    WRONG_ECHO = "wrong_echo"
    REFUSE_ON_REPEAT = "refuse_on_repeat"
    HALF_BODY = "half_body"
    DRIP = "drip"


FAULTS: Final[Mapping[FaultKind, Effect]] = {
    FaultKind.APPLY_THEN_TIMEOUT: Effect(Credits.NOW, Answers.SILENCE),
    FaultKind.TIMEOUT_WITHOUT_APPLY: Effect(Credits.NEVER, Answers.SILENCE),
    FaultKind.APPLY_LATE: Effect(Credits.LATER, Answers.SILENCE),
    FaultKind.HTTP_500_AFTER_APPLY: Effect(Credits.NOW, Answers.STATUS),
    FaultKind.HTTP_STATUS: Effect(Credits.NEVER, Answers.STATUS),
    FaultKind.GARBAGE: Effect(Credits.NOW, Answers.GARBAGE),
    FaultKind.DROP_AFTER_REQUEST: Effect(Credits.NOW, Answers.DROP),
    FaultKind.REFUSE: Effect(Credits.NEVER, Answers.REFUSAL),
    FaultKind.SLOW: Effect(Credits.NOW, Answers.NORMAL),
    FaultKind.WRONG_ECHO: Effect(Credits.NOW, Answers.WRONG_ECHO),
    FaultKind.REFUSE_ON_REPEAT: Effect(Credits.NEVER, Answers.REFUSAL),
    FaultKind.HALF_BODY: Effect(Credits.NOW, Answers.HALF),
    FaultKind.DRIP: Effect(Credits.NOW, Answers.DRIP),
}

# Long enough for every deadline of a payment system that is still waiting.
_SILENCE_S: Final = 300.0
_SECONDS: Final = {FaultKind.APPLY_LATE: 5.0, FaultKind.SLOW: 2.0}
_CODES: Final = {
    FaultKind.HTTP_500_AFTER_APPLY: 500,
    FaultKind.HTTP_STATUS: 503,
    FaultKind.REFUSE: 7,
    FaultKind.REFUSE_ON_REPEAT: 7,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, for the next `count` requests that it matches.

    `command` is one of COMMANDS or any; `accounts` a regular expression for the whole account. `seconds`: the delay of
    `slow`, the lateness of `apply_late`. `code`: the result of `refuse` and of `refuse_on_repeat` (which waits for a
    request under a reference that stands in the books already), the status of `http_status`. `body`: what `garbage`
    answers. `retry_after_s`: the header Retry-After of `http_status`.
    """

    kind: FaultKind
    count: int = 1
    command: str = "pay"
    accounts: str = ".*"
    seconds: float = -1.0
    code: int | None = None
    body: str = "<html><body>Bad gateway</body></html>"
    retry_after_s: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.count <= COUNT_MAX:
            raise ValueError(f"count: 1 to {COUNT_MAX}")
        if self.command not in {*COMMANDS, "any"}:
            raise ValueError(f"command: {', '.join(COMMANDS)} or any")
        if self.seconds > SECONDS_MAX:
            raise ValueError(f"seconds: at most {SECONDS_MAX}")
        if self.kind is FaultKind.HTTP_STATUS and not 300 <= self.status <= 599:
            raise ValueError("code: an HTTP status from 300 to 599")
        try:
            re.compile(self.accounts)
        except re.error as error:
            raise ValueError(f"accounts: no regular expression: {error}") from None

    @property
    def effect(self) -> Effect:
        """What the fault does."""
        return FAULTS[self.kind]

    @property
    def wait_s(self) -> float:
        """Seconds of waiting that the kind needs; below 0 in the request = the kind's own."""
        return self.seconds if self.seconds >= 0 else _SECONDS.get(self.kind, _SILENCE_S)

    @property
    def status(self) -> int:
        """The status or result that the kind needs."""
        return _CODES.get(self.kind, 0) if self.code is None else self.code

    def matches(self, asked: Asked, known: Credit | None) -> bool:
        """True if the fault is for this request; *known* is what stands in the books under its reference."""
        if self.kind is FaultKind.REFUSE_ON_REPEAT and (known is None or known.standing is not Standing.CREDITED):
            return False
        account = asked.account or (known.account if known else "")
        return self.command in {"any", asked.command} and bool(re.fullmatch(self.accounts, account))


class FaultBox:
    """The faults that wait for their requests; the oldest that matches is taken."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def put(self, fault: Fault) -> None:
        """Add a fault. Raises ValueError when too many wait."""
        if len(self._faults) >= FAULTS_MAX:
            raise ValueError(f"at most {FAULTS_MAX} faults can wait")
        self._faults.append(fault)

    def clear(self) -> None:
        """Be healthy again."""
        self._faults.clear()

    def waiting(self) -> list[Fault]:
        """The faults that wait, with what is left of their counts."""
        return list(self._faults)

    def take(self, asked: Asked, known: Credit | None = None) -> Fault | None:
        """Use up one count of the first fault that matches."""
        for place, fault in enumerate(self._faults):
            if fault.matches(asked, known):
                self._faults[place : place + 1] = [replace(fault, count=fault.count - 1)] if fault.count > 1 else []
                return fault
        return None


def read_fault(value: object) -> Fault:
    """Read a fault from a JSON value.

    Raises:
        ValueError: the message says which key is wrong and what may stand there.
    """
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed")  # noqa: TRY004 -- the caller answers every bad request alike
    kinds: dict[str, type | tuple[type, ...]] = {
        "count": int, "command": str, "accounts": str, "seconds": (int, float), "code": int, "body": str,
        "retry_after_s": int,
    }  # fmt: skip
    options = {key: option for key, option in value.items() if key != "kind"}
    for key, option in options.items():
        if key not in kinds or isinstance(option, bool) or not isinstance(option, kinds[key]):
            raise ValueError(f"{key}: unknown or of a wrong type; there are {', '.join(kinds)}")
    if any("\ud800" <= character <= "\udfff" for character in options.get("body", "")):
        raise ValueError("body: half a surrogate pair is no character that can be sent")
    if value.get("kind") not in list(FaultKind):
        raise ValueError(f"kind: one of {', '.join(FaultKind)}")
    return Fault(kind=FaultKind(value["kind"]), **options)
