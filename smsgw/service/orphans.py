"""Orphans: calls to providers that are no longer in the configuration. No pump claims them; they must not be lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from smsgw.domain.calls import ProviderCall
from smsgw.log import get_logger
from smsgw.ports import Store, WorkFailed
from smsgw.service.rules import US
from smsgw.transaction import Tx

# Of each provider in one claim: what is parked in a fraction of its lease.
BATCH_MAX: Final = 100
# Longer than it takes to park a batch, as for every claimed call.
LEASE_S: Final = 30

log = get_logger(__name__)


async def orphans(
    store: Store, configured: Collection[str], exchange: Callable[[ProviderCall], Awaitable[object]]
) -> int:
    """Give every due call of a provider that is not *configured* to *exchange*, which parks it; return how many."""

    def claim(tx: Tx) -> Sequence[ProviderCall]:
        strangers = {name: BATCH_MAX for name in tx.calls.providers() if name not in configured}
        return tx.calls.claim(tx.now_us + LEASE_S * US, strangers)

    found = 0
    while calls := await store.write("", claim):
        for call in calls:
            try:
                await exchange(call)
            except WorkFailed as reason:
                log.error("call.not_parked", provider=call.provider, reason=repr(reason.__cause__ or reason))
        found += len(calls)
    return found
