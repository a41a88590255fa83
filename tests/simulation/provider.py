"""A provider of the simulation: books of its own behind the gateway's port, with faults drawn from a seed.

Its books are the simulator's, which share no code with the gateway. What it declares of itself is true: it may be as
late as it says and never later, and it dedupes if it says so. Everything else it may do to an exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from random import Random
from typing import Final

from simulator.billing.book import Asked, Book, Credit, Judgement, Result, Standing
from smsgw.domain.calls import (
    Absent,
    Accepted,
    Answer,
    Cancelled,
    Capabilities,
    Found,
    Kind,
    NotSent,
    Order,
    Pending,
    Prepared,
    Question,
    RefusalReason,
    Refused,
    Unknown,
    Verb,
)
from smsgw.domain.statement import NoStatement, Period, Statement, StatementLine

# Lateness of whoever declares none.
LATE_S_MAX: Final = 20_000
COMMANDS: Final = {
    Verb.CHECK: "check",
    Verb.PREPARE: "prepare",
    Verb.PAY: "pay",
    Verb.STATUS: "status",
    Verb.WITHDRAW: "cancel",
    Verb.CANCEL: "cancel",
}
# What is said about nothing in the books.
MEANINGS: Final[Mapping[Result, Answer]] = {
    Result.OK: Found(),
    Result.ABSENT: Absent(),
    Result.NO_ACCOUNT: Refused(RefusalReason.NO_ACCOUNT),
}


class NodeDied(Exception):  # noqa: N818 -- what happened
    """The gateway's process was killed at this moment."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often what goes wrong, each drawn anew for a seed, so that rare combinations come up."""

    unsent: float
    lost: float
    late: float
    never: float
    pending: float
    killed: float
    closed: float

    @classmethod
    def drawn(cls, random: Random) -> Weather:
        """Some faults are absent, some are frequent."""
        return cls(**{kind: random.choice((0.0, 0.05, 0.2, 0.5)) for kind in WEATHER})


WEATHER: Final = tuple(field.name for field in fields(Weather))
CALM: Final = Weather(**dict.fromkeys(WEATHER, 0.0))
"""Nothing goes wrong."""


class BookProvider:
    """Implements `ports.Provider`."""

    def __init__(self, capabilities: Capabilities, random: Random, now_us: Callable[[], int]) -> None:
        self._capabilities = capabilities
        self._random = random
        self._now_us = now_us
        self.book = Book(dedupes=capabilities.dedupes_by_reference, duplicate_checked_first=True)
        self.weather = Weather.drawn(random)
        self.late: list[tuple[int, Asked]] = []
        self.closed: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        (account,) = order.account
        return {"reference": str(order.reference), "account": account, "minor": str(order.amount.minor), "kind": kind}

    def credited(self, reference: int) -> list[Credit]:
        """What stands in the books under a reference, taken back or not reserved only left out."""
        return [line for line in self.lines() if line.reference == reference]

    def lines(self) -> list[Credit]:
        """Everything that is credited now."""
        made = (self.book.by_receipt(int(str(line["receipt"]))) for line in self.book.lines())
        return [line for line in made if line is not None]

    def time_passes(self) -> None:
        """Credit what was late and is due."""
        due = [asked for at_us, asked in self.late if at_us <= self._now_us()]
        self.late = [(at_us, asked) for at_us, asked in self.late if at_us > self._now_us()]
        for asked in due:
            self._judge(asked)

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        if self._happens(self.weather.unsent) or not may_send():
            return NotSent("no connection")
        if self._happens(self.weather.killed / 4):
            raise NodeDied
        asked = self._asked(question)
        fate = self._fate(question.verb, asked)
        if self._happens(self.weather.killed / 4):
            raise NodeDied
        return meaning(self._judge(asked)) if fate is None else fate

    async def statement(self, period: Period) -> Statement | NoStatement:
        if self._happens(self.weather.lost):
            return NoStatement("time-out")
        lines = [line for line in self.lines() if period.since_us <= int(line.at_s * 1_000_000) < period.until_us]
        return Statement(tuple(StatementLine(x.reference, str(x.reference), x.amount_minor) for x in lines), "ab")

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _asked(self, question: Question) -> Asked:
        stored = question.parameters
        reference, account, minor = int(stored["reference"]), stored["account"], int(stored["minor"])
        if question.verb is Verb.PAY and self._capabilities.prepares:
            account = ""
        return Asked(COMMANDS[question.verb], reference, account, minor)

    def _fate(self, verb: Verb, asked: Asked) -> Answer | None:
        """What becomes of the exchange instead of an answer; None = it is answered."""
        if verb is Verb.PAY and self._happens(self.weather.late):
            late_s = self._capabilities.max_late_apply_s
            latest_s = LATE_S_MAX if late_s is None else late_s
            self.late.append((self._now_us() + self._random.randint(0, latest_s) * 1_000_000, asked))
            return Unknown("time-out")
        if self._happens(self.weather.never):
            return Unknown("reset")
        if self._happens(self.weather.lost):
            self._judge(asked)
            return Unknown("time-out")
        if verb in {Verb.PAY, Verb.STATUS} and self._happens(self.weather.pending):
            return Pending("90")
        return None

    def _judge(self, asked: Asked) -> Judgement:
        judgement = self._judge_open(asked)
        if asked.command == "pay" and self._happens(self.weather.closed):
            # Its owner leaves the provider, just after the payment.
            self.closed.add(asked.account)
        return judgement

    def _judge_open(self, asked: Asked) -> Judgement:
        if asked.account in self.closed and asked.command in {"pay", "prepare", "check"}:
            # Only who looks at the reference first still knows the payment.
            known = self.book.find(asked.reference)
            if known is None or not self._capabilities.duplicate_checked_first:
                return Judgement(Result.NO_ACCOUNT)
        return self.book.judge(asked, self._now_us() / 1_000_000)


def meaning(judgement: Judgement) -> Answer:
    if judgement.line is None:
        return MEANINGS.get(judgement.result, Refused(RefusalReason.OTHER))
    if judgement.result is Result.SPENT:
        return Refused(RefusalReason.OTHER, "spent")
    match judgement.line.standing:
        case Standing.CREDITED:
            return Accepted(str(judgement.receipt))
        case Standing.DRAFT:
            return Prepared({"draft": str(judgement.receipt)})
        case _:
            return Cancelled()
