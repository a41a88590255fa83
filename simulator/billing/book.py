"""The books of one simulated provider: what it credited, to whom, and under which reference.

Rule 1: this is the outside truth that tests compare the gateway with, so no code and no number comes from there.
Rule 2: sums are minor units (tiyin); the rules for accounts can be told from the account alone:
an account that ends in 000 does not exist.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import Final

UNKNOWN_ENDING: Final = "000"
AMOUNT_MINOR_MIN: Final = 1_00
AMOUNT_MINOR_MAX: Final = 100_000_000_00
# A line costs about 400 bytes; a load test of an hour stays below, and a runaway one stops before the memory does.
LINES_MAX: Final = 2_000_000
# The first reference of the provider's own, so that it cannot be taken for one of the gateway's.
FIRST_RECEIPT: Final = 5_001


class Result(Enum):
    """How a billing judges a request."""

    OK = auto()
    NO_ACCOUNT = auto()
    TOO_SMALL = auto()
    TOO_LARGE = auto()
    # The reference was used for another account or sum.
    CONFLICT = auto()
    FULL = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whatever the protocol. `command` is check or pay; a check may lack a reference (0) or a sum (0)."""

    command: str
    reference: int
    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the books. `receipt` is the provider's own number, `at_s` Unix time."""

    reference: int
    account: str
    amount_minor: int
    receipt: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A result, with the receipt where something is credited."""

    result: Result
    receipt: int = 0


class Book:
    """Books with or without a look for duplicates, before or after the look at the account."""

    def __init__(self, *, dedupes: bool, duplicate_checked_first: bool) -> None:
        self._dedupes = dedupes
        self._duplicate_checked_first = duplicate_checked_first
        self._lines: list[Credit] = []
        self._first: dict[int, Credit] = {}

    def judge(self, asked: Asked, now_s: float) -> Judgement:
        """Carry a request out; a good pay is credited."""
        if asked.command != "pay":
            return Judgement(_rules(asked.account, asked.amount_minor or AMOUNT_MINOR_MIN))
        known = self._first.get(asked.reference) if self._dedupes else None
        result = _rules(asked.account, asked.amount_minor)
        if result is not Result.OK and not (known and self._duplicate_checked_first):
            return Judgement(result)
        if known is not None:
            same = (known.account, known.amount_minor) == (asked.account, asked.amount_minor)
            return Judgement(Result.OK, known.receipt) if same else Judgement(Result.CONFLICT)
        return self._credit(asked, now_s)

    def lines(self) -> list[dict[str, int | float | str]]:
        """Everything credited, in the order of crediting, ready for JSON."""
        return [asdict(line) for line in self._lines]

    def _credit(self, asked: Asked, now_s: float) -> Judgement:
        if len(self._lines) >= LINES_MAX:
            return Judgement(Result.FULL)
        line = Credit(asked.reference, asked.account, asked.amount_minor, FIRST_RECEIPT + len(self._lines), now_s)
        self._lines.append(line)
        self._first.setdefault(line.reference, line)
        return Judgement(Result.OK, line.receipt)


def _rules(account: str, amount_minor: int) -> Result:
    if not account or account.endswith(UNKNOWN_ENDING):
        return Result.NO_ACCOUNT
    if amount_minor < AMOUNT_MINOR_MIN:
        return Result.TOO_SMALL
    return Result.TOO_LARGE if amount_minor > AMOUNT_MINOR_MAX else Result.OK
