"""What is deleted when it is old: texts in and out, failures, receipts. Payments and transfers never are.

Rows get their ids in the order of time, so the oldest are looked for by id, and no index on the time is needed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Table, delete, select

from smsgw.store.sql import ZERO, Statement, number
from smsgw.store.tables import failures, messages, outbox, parked_receipts


def _oldest(table: Table, time: Column[int]) -> Statement:
    """Delete, of the first rows by id, those from before a time."""
    first = select(table.c.id, time).order_by(table.c.id).limit(number("limit")).offset(ZERO).subquery("first")
    old = select(first.c.id).where(first.c[time.name] < number("before_us"))
    return Statement(delete(table).where(table.c.id.in_(old)))


_first = (
    select(failures.c.digest)
    .where(failures.c.last_at_us < number("before_us"))
    .order_by(failures.c.last_at_us)
    .limit(number("limit"))
    .offset(ZERO)
)

SWEEPS: Final = (
    _oldest(messages, messages.c.received_at_us),
    _oldest(outbox, outbox.c.created_at_us),
    _oldest(parked_receipts, parked_receipts.c.received_at_us),
    Statement(delete(failures).where(failures.c.digest.in_(_first))),
)
"""One statement for each table that is swept."""
