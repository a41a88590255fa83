"""What the HTTP side is given of the running service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smsgw.domain.secret import Secret
from smsgw.ports import Store
from smsgw.service.exchanges import ProviderVitals
from smsgw.web.money import MoneyOperations
from smsgw.web.operations import Operations
from smsgw.web.trace import Follow
from smsgw.web.vitals import LinkVitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """See the module. `links`, `providers` and `waiting` are asked at every scrape.

    `waiting` counts rows in memory by pump. `operators` are names and the digests of their tokens. `wal_octets` is the
    size of the store's write-ahead log, 0 without one.
    """

    address: tuple[str, int]
    token: Secret[str]
    operators: Mapping[str, str] = field(repr=False)
    store: Store
    operations: Operations
    money: MoneyOperations
    links: Callable[[], Mapping[str, LinkVitals]]
    providers: Callable[[], Mapping[str, ProviderVitals]]
    waiting: Callable[[], Mapping[str, int]]
    wal_octets: Callable[[], int] = int
    follow: Follow
