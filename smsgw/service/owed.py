"""What a day owes a provider: the sum of the payments that were executed of those confirmed on it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from smsgw.domain.money import Money
from smsgw.domain.payment import State
from smsgw.ports import Store
from smsgw.service.parties import Parties
from smsgw.service.reconcile import PAGE, day_period
from smsgw.service.rules import Rules


async def owed(rules: Rules, parties: Parties, store: Store, name: str, day: str) -> Money:
    """Add up the executed payments of a provider's day.

    Raises:
        ValueError: *day* is no date.
        LookupError: there is no such provider.
    """
    period = day_period(day, ZoneInfo(parties.providers[name].capabilities.time_zone))
    total, after = Money(0, rules.provider(name).currency), (0, 0)
    while page := await store.reads.confirmed(name, period, after, PAGE):
        for payment in page:
            if payment.state is State.EXECUTED:
                total += payment.amount
        after = (page[-1].confirmed_at_us, page[-1].id)
    return total
