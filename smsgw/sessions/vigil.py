"""What no single subscriber's row can show: that somebody guesses at everybody, or makes us send codes for nothing.

Five wrong tries stop at one number; whoever tries one guess at each of a hundred thousand numbers never meets that
limit. And whoever earns on the texts that we send (artificially inflated traffic) asks for codes and never uses them.
Both show only in sums, so the verdicts of this node are counted in windows, and a window that looks wrong is told once.
Nothing is refused because of it: most of those texts are honest, and a person has to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from smsgw.domain.phones import Msisdn

# Long enough to fill, short enough that a person looks while it goes on.
GUESSING_WINDOW_S: Final = 300.0
# Below this, five people who forgot their passwords on a quiet night would look like an attack.
MISSES_MIN: Final = 50
# Of a hundred tries of honest people some ten are wrong; from a fifth on somebody else is at work.
HITS_FOR_A_MISS: Final = 4
# Three lives of a code: nearly every code of a window comes back within it.
CODES_WINDOW_S: Final = 900.0
# Of fewer codes, half may stay away by chance.
CODES_MIN: Final = 20
# Country and operator, as in +99890: pumped traffic comes from the numbers of one network.
PREFIX_LENGTH: Final = 6
# There are some thousand networks; a crowd of invented ones must not grow the table.
PREFIXES_MAX: Final = 1000

# Not `locked`: a number that is paused already tries nothing, and three phones with a script would look like a crowd.
MISSES: Final = frozenset({"wrong_password", "wrong_code", "code_dead"})
OPENED: Final = "checking"
"""The verdict of a text whose password was right and which leads to a code."""
RETURNED: Final = frozenset({"confirmed", "processing", "no_money", "over_limit", "over_limit_day"})
"""Verdicts of right codes, whatever the money then said."""


class Guessing(NamedTuple):
    """Too many wrong passwords and codes, over all numbers."""

    misses: int
    hits: int


class FewReturned(NamedTuple):
    """Fewer than half of the codes for one prefix came back."""

    prefix: str
    opened: int
    returned: int


class Vigil:
    """Counts verdicts; `saw` returns what has just begun to look wrong. *now_s* never goes back."""

    def __init__(self) -> None:
        self._guessing_ends_s = 0.0
        self._misses = self._hits = 0
        self._told = False
        self._codes_end_s = 0.0
        self._codes: dict[str, tuple[int, int]] = {}

    def saw(self, msisdn: Msisdn, verdict: str, now_s: float) -> Sequence[Guessing | FewReturned]:
        """Count the verdict of one text."""
        few = self._few_returned(now_s)
        self._count(msisdn[:PREFIX_LENGTH], int(verdict == OPENED), int(verdict in RETURNED))
        guessing = self._guessing(verdict, now_s)
        return [*few, guessing] if guessing else few

    def _guessing(self, verdict: str, now_s: float) -> Guessing | None:
        if now_s >= self._guessing_ends_s:
            self._guessing_ends_s, self._misses, self._hits, self._told = now_s + GUESSING_WINDOW_S, 0, 0, False
        self._misses += verdict in MISSES
        self._hits += verdict == OPENED or verdict in RETURNED
        if self._told or self._misses < MISSES_MIN or self._misses * HITS_FOR_A_MISS <= self._hits:
            return None
        self._told = True
        return Guessing(self._misses, self._hits)

    def _count(self, prefix: str, opened: int, returned: int) -> None:
        if (opened or returned) and (prefix in self._codes or len(self._codes) < PREFIXES_MAX):
            before = self._codes.get(prefix, (0, 0))
            self._codes[prefix] = before[0] + opened, before[1] + returned

    def _few_returned(self, now_s: float) -> Sequence[FewReturned]:
        """Judge the window that has ended, if one has."""
        if now_s < self._codes_end_s:
            return ()
        ended, self._codes, self._codes_end_s = self._codes, {}, now_s + CODES_WINDOW_S
        return [
            FewReturned(prefix, opened, returned)
            for prefix, (opened, returned) in ended.items()
            if opened >= CODES_MIN and 2 * returned < opened
        ]
