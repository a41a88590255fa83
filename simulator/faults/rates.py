"""How fast something comes, and what is too much: counted for each account, with time as an argument.

Rule: accounts are the keys of gateways, which may send any number of them; the oldest is forgotten.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

ACCOUNTS_MAX: Final = 10_000
"""Of each rule: no test has so many gateways, and a flood of names must not fill the memory."""

# A thousandth of a PDU: the sum of many small steps of time misses a whole one by less.
_ROUNDING: Final = 1e-3

Value = TypeVar("Value")


def remember(book: dict[str, Value], account: str, value: Value) -> None:
    """Note the value of an account; beyond ACCOUNTS_MAX the oldest account is forgotten."""
    book[account] = value
    if len(book) > ACCOUNTS_MAX:
        del book[next(iter(book))]


class Bucket:
    """So many a second may pass, and a whole second's worth at once after silence; what comes beyond is too much."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._size = max(per_s, 1.0)
        self._left: dict[str, tuple[float, float]] = {}

    def exceeds(self, account: str, now_s: float) -> bool:
        """Count one; True if it is beyond the rate, and then it takes nobody's place."""
        left, at_s = self._left.get(account, (self._size, now_s))
        left = min(self._size, left + (now_s - at_s) * self._per_s)
        too_much = left < 1.0 - _ROUNDING
        remember(self._left, account, (left if too_much else left - 1.0, now_s))
        return too_much


class _Window(NamedTuple):
    second: int
    came: int
    before: int


class Meter:
    """How many a second come, over about a second."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def count(self, account: str, now_s: float) -> float:
        """Count one; the rate: what came in this second, and as much of the second before as still counts."""
        second = int(now_s // 1.0)
        window = self._windows.get(account, _Window(second, 0, 0))
        if second != window.second:
            window = _Window(second, 0, window.came if second == window.second + 1 else 0)
        window = window._replace(came=window.came + 1)
        remember(self._windows, account, window)
        return window.came + window.before * (1.0 - now_s % 1.0)
