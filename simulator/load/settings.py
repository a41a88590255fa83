"""What to drive, and how fast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from simulator.load.arrivals import Arrivals, Stage
from simulator.smsc.mo import Text
from simulator.tapes.plan import read_code, read_pattern

ACCOUNTS_PER_THOUSAND: Final = 999
"""The simulated providers know no account that ends in 000."""

ACCOUNTS: Final = 90 * ACCOUNTS_PER_THOUSAND
"""Accounts have five digits: 10001 to 99999."""

SUBSCRIBERS_MAX: Final = 100_000
"""Each may have a text and a receipt waiting, and the SMSC's queue must hold them all."""

NUMBER_DIGITS: Final = 12
"""A subscriber's number under an operator's prefix, as 998901234567; a long prefix leaves room for all the same."""

CODE: Final = r"^(?:Code|Kod|Код) (\d{4,8})\b"
RECEIPT: Final = r"PAID|TO'LANDI|ОПЛАЧЕН|OPLACHEN"
PENDING: Final = r"IN PROCESSING|BAJARILMOQDA|в обработке|V OBRABOTKE"
CANCEL: Final = "0"
"""How our own gateway words it, in English, Uzbek and Russian."""

SUBSCRIBER_DIGITS: Final = len(str(SUBSCRIBERS_MAX - 1))


class Behaviour(StrEnum):
    """What a subscriber does who does not simply pay."""

    WRONG_CODE = "wrong_code"
    """Sends a wrong code first, then the right one."""
    CANCEL = "cancel"
    """Sends the word for "cancel" instead of the code."""
    SILENT = "silent"
    """Never answers the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """One run. It ends after `count` dialogues or `duration_s` seconds, whichever comes first; 0 = no such bound.

    `rate_per_s` dialogues start each second, after `ramp_s` seconds in which the rate rises to it; or `steps` say rate
    and seconds, one after the other; without either, as fast as they end, `concurrent` at a time. What is due in the
    first `warm_up_s` seconds is driven and not counted. In `text`, {account} and {amount} differ from one dialogue to
    the next, so that none is taken for a repeat of another; {n} is its number. A `plain` text is over with its first
    answer; otherwise a code is awaited, sent back after `think_s` seconds, and the receipt awaited; `shares` of the
    subscribers behave otherwise. `code` (of which the first group is sent back), `receipt` and `pending` are regular
    expressions for how the gateway words these; `cancel` is sent to take a payment back. Numbers count from
    `first_number`, or are spread over `prefixes`.

    Raises:
        ValueError: the message names the setting.
    """

    text: str = "SARKOR*n{account}*{amount}*parol1"
    plain: bool = False
    short_code: str = "1400"
    first_number: int = 998_900_000_000
    prefixes: tuple[str, ...] = ()
    subscribers: int = 10_000
    count: int = 1_000
    duration_s: float = 0.0
    rate_per_s: float = 0.0
    ramp_s: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    arrivals: Arrivals = Arrivals.EVEN
    seed: int = 1
    warm_up_s: float = 0.0
    concurrent: int = 100
    think_s: float = 0.0
    shares: Mapping[Behaviour, float] = field(default_factory=dict)
    timeout_s: float = 60.0
    code: str = CODE
    receipt: str = RECEIPT
    pending: str = PENDING
    cancel: str = CANCEL

    def __post_init__(self) -> None:
        if not 1 <= self.subscribers <= SUBSCRIBERS_MAX or self.concurrent < 1 or not 0 < self.timeout_s < math.inf:
            raise ValueError(f"subscribers: 1 to {SUBSCRIBERS_MAX}; concurrent: at least 1; timeout: above 0")
        times = self.rate_per_s, self.duration_s, self.count, self.ramp_s, self.warm_up_s, self.think_s
        if not all(0 <= each < math.inf for each in times) or not (self.count or self.duration_s or self.steps):
            raise ValueError("rate, duration, count, ramp, warm-up, think: not negative; and one of count and duration")
        self._check_pace()
        if not all(share >= 0 for share in self.shares.values()) or not sum(self.shares.values()) <= 1:
            raise ValueError("share: each at least 0, all together at most 1")
        if not all(prefix.isascii() and prefix.isdecimal() for prefix in self.prefixes):
            raise ValueError("prefixes: digits only")
        self._check_text("text", self.words(0))
        self._check_text("cancel", self.cancel)
        for name, read in (("code", read_code), ("receipt", read_pattern), ("pending", read_pattern)):
            try:
                read(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None

    def _check_text(self, name: str, words: str) -> None:
        """Refuse now what the simulator would refuse once a gateway has bound."""
        if self.first_number < 0:
            raise ValueError("first_number: digits only")
        try:
            Text("+" + self.number(self.subscribers - 1), self.short_code, words)
        except ValueError as error:
            field_name, _, what = str(error).partition(": ")
            setting = {"from": "first_number", "to": "short_code"}.get(field_name, name)
            raise ValueError(f"{setting}: {what}") from None

    def _check_pace(self) -> None:
        if self.ramp_s and not self.rate_per_s:
            raise ValueError("ramp: a rate to rise to is needed; give one, or stages such as 100:30,300:60")
        if self.steps and (self.rate_per_s or self.duration_s):
            raise ValueError("ramp: stages say both rate and duration; leave those two out")
        if not all(0 <= rate < math.inf and 0 < seconds < math.inf for rate, seconds in self.steps):
            raise ValueError("ramp: of each stage a rate of at least 0 and seconds above 0")
        if self.ramp_s > self.arrivals_s or self.warm_up_s >= self.arrivals_s:
            raise ValueError("ramp, warm-up: they must end before the run does")

    @property
    def open_loop(self) -> bool:
        """Whether dialogues start when they are due, not when others end."""
        return bool(self.rate_per_s or self.steps)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The rate over time; none in a closed loop."""
        if self.steps:
            return tuple(Stage(rate, rate, seconds) for rate, seconds in self.steps)
        if not self.rate_per_s:
            return ()
        rise = (Stage(0.0, self.rate_per_s, self.ramp_s),) if self.ramp_s else ()
        return (*rise, Stage(self.rate_per_s, self.rate_per_s, self.arrivals_s - self.ramp_s))

    @property
    def arrivals_s(self) -> float:
        """For how long dialogues become due; `math.inf` where only their count ends it."""
        return sum(seconds for _, seconds in self.steps) or self.duration_s or math.inf

    @property
    def patience_s(self) -> float:
        """From the start of a dialogue until it is given up."""
        return self.timeout_s + self.think_s * (2 if Behaviour.WRONG_CODE in self.shares else 1)

    def words(self, number: int) -> str:
        """The text of dialogue *number*, from 0."""
        rounds, place = divmod(number, ACCOUNTS)
        thousands, rest = divmod(place, ACCOUNTS_PER_THOUSAND)
        try:
            return self.text.format(account=10_001 + 1_000 * thousands + rest, amount=1_000 + 100 * rounds, n=number)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            raise ValueError(f"text: {error}; there are {{account}}, {{amount}} and {{n}}") from None

    def number(self, index: int) -> str:
        """The number of subscriber *index*, from 0, without plus; neighbours have different prefixes."""
        if not self.prefixes:
            return str(self.first_number + index)
        rank, which = divmod(index, len(self.prefixes))
        prefix = self.prefixes[which]
        return prefix + str(rank).zfill(max(NUMBER_DIGITS - len(prefix), SUBSCRIBER_DIGITS))
