"""What the HTTP side is given of the running service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smsgw.ports import Store
from smsgw.web.operations import Operations


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkVitals:
    """One link at this moment: bound sessions, PDUs by (direction, command, status), protocol faults by kind."""

    bound: int
    pdus: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """See the module. `links` and `waiting` are asked at every scrape; `waiting` counts rows in memory by pump."""

    address: tuple[str, int]
    token: str = field(repr=False)
    store: Store
    operations: Operations
    links: Callable[[], Mapping[str, LinkVitals]]
    waiting: Callable[[], Mapping[str, int]]
