"""What to drive, and how fast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ACCOUNTS_PER_THOUSAND: Final = 999
"""The simulated providers know no account that ends in 000."""

ACCOUNTS: Final = 90 * ACCOUNTS_PER_THOUSAND
"""Accounts have five digits: 10001 to 99999."""

SUBSCRIBERS_MAX: Final = 100_000
"""Each may have a text and a receipt waiting, and the SMSC's queue must hold them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """One run. It ends after `count` dialogues or `duration_s` seconds, whichever comes first; 0 = no such bound.

    `rate_per_s` dialogues start each second; 0 = as fast as they end, `concurrent` at a time. In `text`, {account} and
    {amount} differ from one dialogue to the next, so that none is taken for a repeat of another; {n} is its number. A
    `plain` text is over with its first answer; otherwise a code is awaited, sent back, and the receipt awaited.

    Raises:
        ValueError: the message names the setting.
    """

    text: str = "SARKOR*n{account}*{amount}*parol1"
    plain: bool = False
    short_code: str = "1400"
    first_number: int = 998_900_000_000
    subscribers: int = 10_000
    count: int = 1_000
    duration_s: float = 0.0
    rate_per_s: float = 0.0
    concurrent: int = 100
    timeout_s: float = 60.0
    code: str = r"^(?:Code|Kod|Код) (\d{4,8})\b"
    receipt: str = r"PAID|TO'LANDI|ОПЛАЧЕН|OPLACHEN"
    pending: str = r"IN PROCESSING|BAJARILMOQDA|в обработке|V OBRABOTKE"

    def __post_init__(self) -> None:
        if not 1 <= self.subscribers <= SUBSCRIBERS_MAX or self.concurrent < 1 or self.timeout_s <= 0:
            raise ValueError(f"subscribers: 1 to {SUBSCRIBERS_MAX}; concurrent: at least 1; timeout: above 0")
        if min(self.rate_per_s, self.duration_s, self.count) < 0 or not (self.count or self.duration_s):
            raise ValueError("rate, duration, count: not negative, and one of count and duration above 0")
        self.words(0)
        for name in ("code", "receipt", "pending"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name}: no regular expression: {error}") from None

    def words(self, number: int) -> str:
        """The text of dialogue *number*, from 0."""
        rounds, place = divmod(number, ACCOUNTS)
        thousands, rest = divmod(place, ACCOUNTS_PER_THOUSAND)
        try:
            return self.text.format(account=10_001 + 1_000 * thousands + rest, amount=1_000 + 100 * rounds, n=number)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"text: {error}; there are {{account}}, {{amount}} and {{n}}") from None

    def number(self, index: int) -> str:
        """The number of subscriber *index*, from 0, without plus."""
        return str(self.first_number + index)
