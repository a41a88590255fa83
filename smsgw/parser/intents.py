"""What a text means: one frozen value per meaning.

Rule 1: an intent says what the subscriber wants, never what is answered or done.
Rule 2: a password stands in `Pay.password` and nowhere else: no value of `Unclear` ever shows it.
Rule 3: how fields are stripped: invisible marks go everywhere (`normalise.visible`); white space around each field
goes; what stands inside a password (case, spaces, punctuation) stays exactly as it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from smsgw.domain.catalogue import Category
from smsgw.domain.money import Money
from smsgw.domain.secret import Secret

NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})


class Reason(StrEnum):
    """Why a text was not understood. The value is the name of the reply event.

    Beside each stand the keys of `Unclear.values`; those in brackets only where they could be worked out. `prov` is the
    provider's title, `acc` the parts of the account joined by `*`, `line` the corrected line to copy (it ends with the
    word `parol`, where the subscriber writes the password), `fmt` an example line.
    """

    FORMAT = "format"  # fmt, [prov, line]
    NO_PASSWORD = "no_password"  # noqa: S105 - the name of a reply: prov, acc, amt, line
    DID_YOU_MEAN = "did_you_mean"  # prov, [line]
    WHICH_ONE = "which_one"  # prov, prov2, [line, line2]
    NO_PROVIDER = "no_provider"  # fmt
    BAD_ACCOUNT = "bad_account"  # prov, fmt, [acc, need, got]
    BAD_DIGIT = "bad_digit"  # prov, fmt, [acc]
    ACCOUNT_SUGGEST = "account_suggest"  # prov, fmt, alt1, [acc, line]
    AMOUNT_UNCLEAR = "amount_unclear"  # prov, acc, bad, alt1, alt2, line
    AMOUNT_SUGGEST = "amount_suggest"  # prov, acc, bad, alt1, fmt, line
    AMOUNT_RANGE = "amount_range"  # prov, acc, min, max, amt, cur, fmt
    AMOUNT_FIXED = "amount_fixed"  # prov, acc, amt, cur, line
    WRONG_CURRENCY = "wrong_currency"  # prov, acc, amt, cur, [alt1, line]
    CARD_NUMBER = "card_number"
    PASS_LETTERS = "pass_letters"  # noqa: S105 - the name of a reply
    CORRECTED = "corrected"  # prov, acc, amt, line
    UNPAID_DIGITS = "unpaid_digits"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay *amount* to *provider* for *account*: shapes, range and currency are right, the password is not yet judged.

    `provider` is the catalogue's key; `account` has one normalised value per part.
    """

    provider: str
    account: tuple[str, ...]
    amount: Money
    password: Secret[str]


@dataclass(frozen=True, slots=True)
class Confirm:
    """A one-time code, as ASCII digits."""

    code: Secret[str]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop whatever waits for a code."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the code again: the same code, never a second payment."""


@dataclass(frozen=True, slots=True)
class Yes:
    """Agreement in words. It never pays: only the code does."""


@dataclass(frozen=True, slots=True)
class Help:
    """Explain the service, or how one provider (catalogue key) is paid."""

    provider: str | None = None


@dataclass(frozen=True, slots=True)
class List:
    """Name the providers: all headings, one category, or those that begin with the folded letters `search`."""

    category: Category | None = None
    search: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Status:
    """Where is the last payment, or the one with this number."""

    number: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """How much is left."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Some other text that holds groups of as many digits as a code has.

    It counts only where the whole text is the one we sent (`normalise.comparable`); otherwise it is nothing, and no
    attempt at the code.
    """

    codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing can be done: why, the values the answer needs, and whether it looked like a payment."""

    reason: Reason
    values: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    about_money: bool = False


Info = Help | List | Status | Balance
Intent = Pay | Confirm | Cancel | Resend | Yes | Info | Forwarded | Unclear
