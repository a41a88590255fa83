"""Money: whole minor units of one currency. No float ever comes near it.

Rule 1: two currencies never meet in one sum; that is a bug and raises.
Rule 2: what people read has a dot, no thousands marks, and no fraction when it is zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The largest sum a value may hold. It fits a signed 64-bit column, and what a provider is paid in all its years
# (600 payments a second of 50,000 sum are 10**17 tiyin a year).
AMOUNT_MINOR_MAX: Final = 10**18


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 code, with the number of digits after the point."""

    code: str
    digits: int = 2

    def __post_init__(self) -> None:
        if not (len(self.code) == 3 and self.code.isascii() and self.code.isalpha() and self.code.isupper()):
            raise ValueError(f"currency code {self.code!r}: three capital letters of ISO 4217 are needed")
        if not 0 <= self.digits <= 3:
            raise ValueError(f"currency {self.code}: {self.digits} digits after the point; ISO 4217 has 0 to 3")

    @property
    def scale(self) -> int:
        """Minor units in one major unit: 100 for UZS."""
        return int(10**self.digits)


UZS: Final = Currency("UZS")
KGS: Final = Currency("KGS")
KZT: Final = Currency("KZT")
TJS: Final = Currency("TJS")
AZN: Final = Currency("AZN")
RUB: Final = Currency("RUB")
USD: Final = Currency("USD")
EUR: Final = Currency("EUR")

CURRENCIES: Final = {currency.code: currency for currency in (UZS, KGS, KZT, TJS, AZN, RUB, USD, EUR)}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (tiyin, kopeck) of one currency; may be zero or negative in a difference."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        # bool is an int in Python; a True that became money would be a bug.
        if type(self.minor) is not int:
            raise TypeError(f"money needs whole minor units, not {type(self.minor).__name__}")
        if abs(self.minor) > AMOUNT_MINOR_MAX:
            raise ValueError(f"{self.minor} minor units are above the largest sum {AMOUNT_MINOR_MAX}")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other).minor

    def __str__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The sum for people: `50000`, `50000.50`; a dot, no thousands marks, no zero fraction."""
        whole, fraction = divmod(abs(self.minor), self.currency.scale)
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{whole}" + (f".{fraction:0{self.currency.digits}d}" if fraction else "")

    def fixed(self) -> str:
        """The sum for machines: always all digits after the point, `50000.00`."""
        whole, fraction = divmod(abs(self.minor), self.currency.scale)
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{whole}" + (f".{fraction:0{self.currency.digits}d}" if self.currency.digits else "")

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency.code} and {other.currency.code} cannot stand in one sum")
        return other


def money(text: str, currency: Currency) -> Money:
    """Read a sum that a person wrote into a file or a command: `50000` or `50000.50`.

    Raises:
        ValueError: not digits with at most one dot and at most the currency's digits after it.
    """
    whole, dot, fraction = text.partition(".")
    plain = (whole + fraction).isascii() and whole.isdigit() and (fraction.isdigit() if dot else True)
    if not plain or len(fraction) > currency.digits:
        raise ValueError(f"{text!r} is no sum in {currency.code}: write digits, at most {currency.digits} after a dot")
    return Money(int(whole) * currency.scale + int(fraction.ljust(currency.digits, "0") or "0"), currency)
