"""Which link a text leaves by: the one that its subscriber texted to, or one that may stand in for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from smsgw.smpp.status import LinkHealth


class Way(NamedTuple):
    """One link at this moment. Without `prefixes` (`+99890`) it stands in for no other."""

    name: str
    prefixes: tuple[str, ...]
    health: LinkHealth
    submits: bool


def choose(home: str, to: str, ways: Iterable[Way]) -> str:
    """Choose the link for a text to the number *to* that is owed by the link *home*.

    Home, if it can submit; else the healthiest of those that can and whose prefixes fit, the longest prefix first.
    Where there is none, home: the text waits for it.
    """
    able = [way for way in ways if way.submits]
    if any(way.name == home for way in able):
        return home
    fits = [(way.health is LinkHealth.OK, _fit(way, to), way.name) for way in able if _fit(way, to)]
    # Of equals the first in the configuration; max keeps it.
    return max(fits, key=lambda fit: fit[:2])[2] if fits else home


def _fit(way: Way, to: str) -> int:
    """How many characters of the number the link's best prefix covers; 0 = none fits."""
    return max((len(prefix) for prefix in way.prefixes if to.startswith(prefix)), default=0)
