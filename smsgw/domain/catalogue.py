"""The catalogue: who can be paid, under which names, with which account, amount and fee.

One `Provider` is one table of config/providers.toml. The rules here are pure: the parser asks them
before anything is stored, and the confirmation asks them again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.domain.money import AMOUNT_MINOR_MAX, Currency, Money
from smsgw.domain.patterns import compiled

# The longest name of a payee that every reply was measured with (one SMS segment).
TITLE_LENGTH_MAX: Final = 12
# The longest account of the protocols that we speak (OSMP allows 200; people cannot copy more than this).
ACCOUNT_LENGTH_MAX: Final = 32
# What a spreadsheet takes for a formula: registries and reports are opened in one, and whatever a pattern lets through
# stands there as it was texted. A sign before digits alone is a telephone number or a number.
FORMULA: Final = re.compile(r"[=@]|[+-](?![0-9]*\Z)")
# 100 % in hundredths of a percent.
BASIS_POINTS: Final = 10_000


class CheckDigit(StrEnum):
    """How the last digit of an account proves the others."""

    NONE = "none"
    LUHN = "luhn"


class Category(StrEnum):
    """The six headings of LIST; their order is their digit, from 1."""

    INTERNET = "internet"
    MOBILE = "mobile"
    UTILITIES = "utilities"
    TV = "tv"
    FINES = "fines"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AccountPart:
    """One field of an account: a pattern, and whatever else can be known before the provider is asked.

    `pattern` must match the whole field. `lengths` are the allowed numbers of characters, empty = any.
    `fold_case` says that upper and lower case mean the same account (it is then sent in lower case).
    """

    pattern: str = "[0-9]+"
    lengths: tuple[int, ...] = ()
    check_digit: CheckDigit = CheckDigit.NONE
    fold_case: bool = False
    example: str = ""

    def __post_init__(self) -> None:
        try:
            compiled(self.pattern)
        except ValueError as error:
            raise ValueError(f"account pattern {error}") from None
        if any(not 0 < length <= ACCOUNT_LENGTH_MAX for length in self.lengths):
            raise ValueError(f"account lengths {self.lengths}: each must be 1 to {ACCOUNT_LENGTH_MAX}")
        if self.check_digit is CheckDigit.LUHN and not self.digits_only:
            raise ValueError(f"account pattern {self.pattern!r}: a Luhn check digit needs a pattern of digits only")

    @property
    def digits_only(self) -> bool:
        """True where no letter can match: then spaces, dashes and `/` inside are only decoration."""
        return not re.search(r"[A-Za-zА-Яа-яЁё.]|\\[wWSD]|\[\^", re.sub(r"\\d|\{[0-9,]*\}", "", self.pattern))

    @property
    def latin_only(self) -> bool:
        """True where Cyrillic cannot match: then Cyrillic look-alikes mean their Latin twins."""
        return not re.search(r"[А-Яа-яЁё.]|\\[wWSD]|\[\^", self.pattern)

    def accepts(self, value: str) -> bool:
        """True if *value* (already normalised) has the shape, a length and the check digit of this part.

        Whatever the pattern says: no account is a formula, or holds a character that cannot be seen.
        """
        if not 0 < len(value) <= ACCOUNT_LENGTH_MAX or not re.fullmatch(self.pattern, value, re.ASCII):
            return False
        if not value.isprintable() or FORMULA.match(value):
            return False
        if self.lengths and len(value) not in self.lengths:
            return False
        return self.check_digit is not CheckDigit.LUHN or luhn_valid(value)


@dataclass(frozen=True, slots=True)
class AmountRule:
    """What one payment may be: between `minimum` and `maximum`, in steps; or exactly the fixed price."""

    minimum: Money
    maximum: Money
    step_minor: int = 1
    fixed_price: Money | None = None

    def __post_init__(self) -> None:
        if self.minimum.currency != self.maximum.currency:
            raise ValueError(f"amounts from {self.minimum} to {self.maximum}: two currencies")
        if not 0 < self.minimum.minor <= self.maximum.minor:
            raise ValueError(
                f"amounts from {self.minimum} to {self.maximum}: the least must be above 0 and not above the most"
            )
        if self.step_minor < 1:
            raise ValueError(f"amount step {self.step_minor}: at least 1 minor unit")
        if self.fixed_price is not None and not self.minimum <= self.fixed_price <= self.maximum:
            raise ValueError(f"fixed price {self.fixed_price} lies outside {self.minimum} to {self.maximum}")

    def accepts(self, amount: Money) -> bool:
        """True if *amount* can be paid in one payment."""
        if self.fixed_price is not None:
            return amount == self.fixed_price
        return self.minimum <= amount <= self.maximum and amount.minor % self.step_minor == 0


class Division(NamedTuple):
    """What a texted sum comes to: the amount that the provider gets, and our fee. The subscriber pays both."""

    amount: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Fee:
    """What we take: a fixed part and a percentage of the sum that was texted.

    `basis_points` are hundredths of a percent (150 = 1.5 %). The percentage is rounded half up to the
    minor unit, once, before the fixed part is added. `from_amount`: the fee is taken out of that sum, not added to it.
    """

    fixed_minor: int = 0
    basis_points: int = 0
    from_amount: bool = False

    def __post_init__(self) -> None:
        if self.fixed_minor < 0 or not 0 <= self.basis_points <= BASIS_POINTS:
            raise ValueError(f"fee {self.fixed_minor} + {self.basis_points} bp: not below 0 and not above 100 %")
        if self.from_amount and self.basis_points == BASIS_POINTS:
            raise ValueError("fee from the amount: 100 % leave nothing for the provider")

    def of(self, amount: Money) -> Money:
        """The fee for *amount*."""
        percentage = (amount.minor * self.basis_points + BASIS_POINTS // 2) // BASIS_POINTS
        return Money(self.fixed_minor + percentage, amount.currency)

    def divide(self, texted: Money, step_minor: int) -> Division:
        """Divide the sum that was texted.

        A fee from the amount is lowered until the provider's part is a whole number of steps. The part is 0 or less
        where the fee would eat it all; it is no whole number of steps where the texted sum itself has none near it.
        """
        fee = self.of(texted)
        if not self.from_amount:
            return Division(texted, fee)
        left = texted - fee
        rounded = Money(-(-left.minor // step_minor) * step_minor, texted.currency)
        amount = rounded if rounded <= texted else left
        return Division(amount, texted - amount)


@dataclass(frozen=True, slots=True)
class Provider:
    """A payee: `name` is its key for ever (in the books too), `title` is what subscribers read.

    `aliases` are further names that people text, in any script. `account` has one rule per field. `amount` is what the
    provider takes. `source_fees` are those that differ from `fee`, by the source of the money.
    """

    name: str
    title: str
    currency: Currency
    amount: AmountRule
    aliases: tuple[str, ...] = ()
    category: Category = Category.OTHER
    account: tuple[AccountPart, ...] = (AccountPart(),)
    fee: Fee = field(default_factory=Fee)
    source_fees: Mapping[str, Fee] = field(default_factory=dict, hash=False)
    phone: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", self.name):
            raise ValueError(f"provider name {self.name!r}: 2 to 32 of a-z, 0-9 and _, a letter first")
        if not 0 < len(self.title) <= TITLE_LENGTH_MAX:
            raise ValueError(f"title {self.title!r}: 1 to {TITLE_LENGTH_MAX} characters (every reply must fit one SMS)")
        if not self.account:
            raise ValueError("account: at least one part is needed")
        if self.amount.minimum.currency != self.currency:
            raise ValueError(
                f"amounts are in {self.amount.minimum.currency.code}, the provider in {self.currency.code}"
            )
        if self.amount.fixed_price is not None and self._fee_inside:
            raise ValueError("fee from the amount: the provider gets a fixed price whole, so the fee must be on top")

    @property
    def texted(self) -> AmountRule:
        """What a text may ask for. Where the fee may be inside, only its division can say whether it is too much."""
        if not self._fee_inside:
            return self.amount
        return AmountRule(self.amount.minimum, Money(AMOUNT_MINOR_MAX, self.currency))

    def fee_of(self, source: str) -> Fee:
        """The fee for money from *source*."""
        return self.source_fees.get(source, self.fee)

    def divide(self, texted: Money, source: str) -> Division:
        """What the provider gets of a texted sum, and we; `amount` still has to accept it."""
        return self.fee_of(source).divide(texted, self.amount.step_minor)

    @property
    def _fee_inside(self) -> bool:
        return any(fee.from_amount for fee in (self.fee, *self.source_fees.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that may stand in the first field of a text."""
        return (self.name, self.title, *self.aliases)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All providers, in the order of the file (the order of LIST)."""

    providers: tuple[Provider, ...]
    _by_name: dict[str, Provider] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [provider.name for provider in self.providers]
        if len(set(names)) != len(names):
            raise ValueError(f"two providers have one name: {min(n for n in names if names.count(n) > 1)}")
        object.__setattr__(self, "_by_name", dict(zip(names, self.providers, strict=True)))

    def find(self, name: str) -> Provider | None:
        """The provider with this key, or None."""
        return self._by_name.get(name)

    def of(self, category: Category) -> tuple[Provider, ...]:
        """The providers under one heading of LIST."""
        return tuple(provider for provider in self.providers if provider.category is category)


def luhn_valid(digits: str) -> bool:
    """True if the last digit proves the others (ISO/IEC 7812-1, annex B). False for anything but ASCII digits."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
