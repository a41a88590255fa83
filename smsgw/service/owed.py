"""What a day owes a provider: the sum of the payments that were executed of those confirmed on it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from smsgw.domain.money import Money
from smsgw.ports import Store
from smsgw.service.parties import Parties
from smsgw.service.reconcile import executed_on
from smsgw.service.rules import Rules


async def owed(rules: Rules, parties: Parties, store: Store, name: str, day: str) -> Money:
    """Add up the executed payments of a provider's day.

    Raises:
        ValueError: *day* is no date.
        LookupError: there is no such provider.
    """
    zone = ZoneInfo(parties.providers[name].capabilities.time_zone)
    executed = await executed_on(store, name, day, zone)
    return sum((payment.amount for payment in executed), Money(0, rules.provider(name).currency))
