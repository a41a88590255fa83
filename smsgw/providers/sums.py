"""Sums as the wire has them. A sum that a protocol cannot carry is None, never rounded."""

from __future__ import annotations

from smsgw.domain.money import Money


def whole_text(amount: Money) -> str | None:
    """The sum in whole units: `5000`; None if it has a fraction."""
    whole, fraction = divmod(amount.minor, amount.currency.scale)
    return None if fraction else str(whole)


def decimal_text(amount: Money) -> str | None:
    """The sum with a dot and exactly two digits: `5000.00`; None if it has a finer fraction.

    Two digits are the protocol's (OSMP: digits, a dot, two digits), whatever the currency has.
    """
    hundredths, finer = divmod(amount.minor * 100, amount.currency.scale)
    return None if finer else f"{hundredths // 100}.{hundredths % 100:02d}"
