"""The books of one simulated provider: what it reserved, credited and took back, and under which reference.

Rule 1: this is the outside truth that tests compare the gateway with, so no code and no number comes from there.
Rule 2: sums are minor units (tiyin); the rules for accounts can be told from the account alone:
an account that ends in 000 does not exist, and what went to one that ends in 999 cannot be taken back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import Enum, StrEnum, auto
from itertools import islice
from typing import Final, NamedTuple, Self

UNKNOWN_ENDING: Final = "000"
SPENT_ENDING: Final = "999"
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
    # There is nothing under the reference.
    ABSENT = auto()
    # What stands under the reference was dropped or taken back.
    CANCELLED = auto()
    # It cannot be taken back.
    SPENT = auto()


class Standing(StrEnum):
    """Where a line of the books stands."""

    DRAFT = "draft"
    CREDITED = "credited"
    # Dropped before it was credited.
    DROPPED = "dropped"
    # Taken back after it was credited.
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whatever the protocol.

    `command` is check, prepare, pay, status, cancel or statement. A check may lack a reference (0) or a sum (0).
    `of_draft`: a pay whose protocol gives it no account and no sum, for it is about the draft of its reference.
    `at_ms` is the payment system's own time, where the protocol carries it. A statement is of the time from `since_ms`
    to `until_ms`.
    """

    command: str
    reference: int = 0
    account: str = ""
    amount_minor: int = 0
    of_draft: bool = False
    at_ms: int = 0
    since_ms: int = 0
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the books. `receipt` is the provider's own number; times are Unix time, 0 = not yet."""

    reference: int
    account: str
    amount_minor: int
    receipt: int
    at_s: float
    standing: Standing = Standing.CREDITED
    asked_at_ms: int = 0
    credited_at_s: float = 0.0
    cancelled_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A result, with the line that it is about where there is one; `repeated` = the line stood there before.

    `lines` is the answer to a statement.
    """

    result: Result
    line: Credit | None = None
    repeated: bool = False
    lines: tuple[Credit, ...] = ()

    @property
    def receipt(self) -> int:
        """The provider's number; 0 without a line."""
        return self.line.receipt if self.line else 0


class AccountSum(NamedTuple):
    """How many credits stand in the books, and how much they are together."""

    credits: int
    amount_minor: int

    def plus(self, times: int, amount_minor: int) -> Self:
        """Add an amount so many times; -1 takes it back."""
        return self._replace(credits=self.credits + times, amount_minor=self.amount_minor + times * amount_minor)


class Book:
    """Books with or without a look for duplicates, before or after the look at the account."""

    def __init__(self, *, dedupes: bool, duplicate_checked_first: bool) -> None:
        self._dedupes = dedupes
        self._duplicate_checked_first = duplicate_checked_first
        self._lines: list[Credit] = []
        # Where the first line of a reference stands.
        self._first: dict[int, int] = {}
        # By account, who was credited last at the end. No more than there are lines.
        self._sums: dict[str, AccountSum] = {}
        self.total = AccountSum(0, 0)
        """What is credited to all accounts together."""
        self.changes = 0
        """How often a line was written or changed: whoever shows the book looks again when this has grown."""

    def judge(self, asked: Asked, now_s: float) -> Judgement:
        """Carry a request out; a good pay is credited."""
        match asked.command:
            case "prepare":
                return self._prepare(asked, now_s)
            case "pay":
                return self._pay(asked, now_s)
            case "status":
                return self._status(asked)
            case "cancel":
                return self._cancel(asked, now_s)
            case "statement":
                return Judgement(Result.OK, lines=self._between(asked.since_ms, asked.until_ms))
            case _:
                return Judgement(_rules(asked.account, asked.amount_minor or AMOUNT_MINOR_MIN))

    def find(self, reference: int) -> Credit | None:
        """The first line under a reference."""
        return self._lines[self._first[reference]] if reference in self._first else None

    def by_receipt(self, receipt: int) -> Credit | None:
        """The line with the provider's own number."""
        place = receipt - FIRST_RECEIPT
        return self._lines[place] if 0 <= place < len(self._lines) else None

    def lines(self, newest: int = 0) -> list[dict[str, int | float | str]]:
        """Everything credited and not taken back, in order of crediting, ready for JSON; all, or the *newest* of it."""
        credited = (line for line in reversed(self._lines) if line.standing is Standing.CREDITED)
        found = [asdict(line) for line in islice(credited, newest or None)]
        found.reverse()
        return found

    def accounts(self, newest: int) -> list[tuple[str, AccountSum]]:
        """What is credited to each account, whoever was credited last first, as far as the *newest*."""
        return list(islice(reversed(self._sums.items()), newest))

    def _prepare(self, asked: Asked, now_s: float) -> Judgement:
        known = self.find(asked.reference)
        if known is not None:
            return self._known(known, asked)
        result = _rules(asked.account, asked.amount_minor)
        return Judgement(result) if result is not Result.OK else self._write(asked, Standing.DRAFT, now_s)

    def _pay(self, asked: Asked, now_s: float) -> Judgement:
        draft = self.find(asked.reference)
        if asked.of_draft or (draft is not None and draft.standing is not Standing.CREDITED):
            return Judgement(Result.ABSENT) if draft is None else self._finish(draft, now_s)
        known = draft if self._dedupes else None
        result = _rules(asked.account, asked.amount_minor)
        if result is not Result.OK and not (known and self._duplicate_checked_first):
            return Judgement(result)
        return self._known(known, asked) if known is not None else self._write(asked, Standing.CREDITED, now_s)

    def _known(self, known: Credit, asked: Asked) -> Judgement:
        same = (known.account, known.amount_minor) == (asked.account, asked.amount_minor)
        return Judgement(Result.OK if same else Result.CONFLICT, known, repeated=True)

    def _finish(self, draft: Credit, now_s: float) -> Judgement:
        """Credit what was reserved, once."""
        if draft.standing is Standing.DRAFT:
            credited = replace(draft, standing=Standing.CREDITED, credited_at_s=now_s)
            return Judgement(Result.OK, self._change(credited))
        result = Result.OK if draft.standing is Standing.CREDITED else Result.CANCELLED
        return Judgement(result, draft, repeated=True)

    def _status(self, asked: Asked) -> Judgement:
        known = self.find(asked.reference)
        return Judgement(Result.ABSENT) if known is None else Judgement(Result.OK, known, repeated=True)

    def _cancel(self, asked: Asked, now_s: float) -> Judgement:
        known = self.find(asked.reference)
        if known is None:
            return Judgement(Result.ABSENT)
        if known.standing in {Standing.DROPPED, Standing.REVERSED}:
            return Judgement(Result.CANCELLED, known, repeated=True)
        if known.standing is Standing.CREDITED and known.account.endswith(SPENT_ENDING):
            return Judgement(Result.SPENT, known)
        standing = Standing.REVERSED if known.standing is Standing.CREDITED else Standing.DROPPED
        return Judgement(Result.CANCELLED, self._change(replace(known, standing=standing, cancelled_at_s=now_s)))

    def _between(self, since_ms: int, until_ms: int) -> tuple[Credit, ...]:
        """All lines of a time, whatever became of them: by the payment system's own time where there is one."""
        times = ((line.asked_at_ms or int(line.at_s * 1000), line) for line in self._lines)
        return tuple(line for at_ms, line in times if since_ms <= at_ms <= until_ms)

    def _write(self, asked: Asked, standing: Standing, now_s: float) -> Judgement:
        if len(self._lines) >= LINES_MAX:
            return Judgement(Result.FULL)
        line = Credit(
            reference=asked.reference,
            account=asked.account,
            amount_minor=asked.amount_minor,
            receipt=FIRST_RECEIPT + len(self._lines),
            at_s=now_s,
            standing=standing,
            asked_at_ms=asked.at_ms,
            credited_at_s=now_s if standing is Standing.CREDITED else 0.0,
        )
        self._first.setdefault(line.reference, len(self._lines))
        self._lines.append(line)
        self._count(line, line.standing is Standing.CREDITED)
        return Judgement(Result.OK, line)

    def _change(self, line: Credit) -> Credit:
        place = line.receipt - FIRST_RECEIPT
        was, self._lines[place] = self._lines[place].standing, line
        self._count(line, (line.standing is Standing.CREDITED) - (was is Standing.CREDITED))
        return line

    def _count(self, line: Credit, times: int) -> None:
        """A line of an account is now credited (1), is so no more (-1), or is as before (0)."""
        self.changes += 1
        if not times:
            return
        self.total = self.total.plus(times, line.amount_minor)
        after = self._sums.pop(line.account, AccountSum(0, 0)).plus(times, line.amount_minor)
        if after.credits:
            self._sums[line.account] = after


def _rules(account: str, amount_minor: int) -> Result:
    if not account or account.endswith(UNKNOWN_ENDING):
        return Result.NO_ACCOUNT
    if amount_minor < AMOUNT_MINOR_MIN:
        return Result.TOO_SMALL
    return Result.TOO_LARGE if amount_minor > AMOUNT_MINOR_MAX else Result.OK
