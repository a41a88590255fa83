"""Subscribers in a transaction: the row that every unit about a person locks first."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import Subscriber
from smsgw.store.rows import row_of_subscriber, subscriber_of
from smsgw.store.sql import Statement, given, words
from smsgw.store.tables import subscribers
from smsgw.store.unit import Part

FIND = Statement(select(subscribers).where(subscribers.c.msisdn == words("msisdn")))
LOCK = Statement(select(subscribers).where(subscribers.c.msisdn == words("msisdn")).with_for_update())
ADD = Statement(insert(subscribers).values(given(subscribers)).on_conflict_do_nothing(index_elements=["msisdn"]))
SAVE = Statement(
    update(subscribers)
    .where(subscribers.c.msisdn == words("msisdn"))
    .values(given(subscribers, without={"msisdn", "created_at_us"}))
)


class SqlSubscribers(Part):
    """Implements ports.Subscribers."""

    __slots__ = ()

    def lock(self, msisdn: Msisdn) -> Subscriber:
        """Lock and return the row; a stranger gets one."""
        row = self._unit.row(LOCK, {"msisdn": msisdn})
        if row is None:
            # Another node may be adding the same stranger: whoever is second waits here and then reads the first's row.
            self._unit.run(ADD, row_of_subscriber(Subscriber(msisdn=msisdn, created_at_us=self._unit.now_us)))
            row = self._unit.row(LOCK, {"msisdn": msisdn})
            assert row is not None, "the row that was just added"
        return subscriber_of(row)

    def save(self, subscriber: Subscriber) -> None:
        """Write the row back."""
        assert self._unit.run(SAVE, row_of_subscriber(subscriber)) == 1, "a subscriber is locked before it is saved"
