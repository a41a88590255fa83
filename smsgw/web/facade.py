"""What the HTTP side is given of the running service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smsgw.ports import Store
from smsgw.web.operations import Operations
from smsgw.web.trace import Follow
from smsgw.web.vitals import LinkVitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """See the module. `links` and `waiting` are asked at every scrape; `waiting` counts rows in memory by pump."""

    address: tuple[str, int]
    token: str = field(repr=False)
    store: Store
    operations: Operations
    links: Callable[[], Mapping[str, LinkVitals]]
    waiting: Callable[[], Mapping[str, int]]
    follow: Follow
