"""What is deleted when it is old: texts in and out, failures, receipts, strangers. Payments and transfers never are.

Rows get their ids in the order of time, so the oldest are looked for by id, and no index on the time is needed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Table, delete, select

from smsgw.store.sql import ZERO, Statement, number
from smsgw.store.tables import failures, messages, outbox, parked_receipts, subscribers


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

# A stranger is found by the text that made the row: this sweep comes before that of the texts, and needs no index.
# Whoever was ever registered or blocked stays.
_texts = select(messages.c.msisdn, messages.c.received_at_us).order_by(messages.c.id).limit(number("limit"))
_first_texts = _texts.offset(ZERO).subquery("first_texts")
_STRANGERS: Final = Statement(
    delete(subscribers).where(
        subscribers.c.registered == ZERO,
        subscribers.c.blocked == ZERO,
        subscribers.c.credential_version == ZERO,
        subscribers.c.stranger_told_at_us > ZERO,
        subscribers.c.stranger_told_at_us < number("before_us"),
        subscribers.c.msisdn.in_(
            select(_first_texts.c.msisdn).where(_first_texts.c.received_at_us < number("before_us"))
        ),
    )
)

SWEEPS: Final = (
    _STRANGERS,
    _oldest(messages, messages.c.received_at_us),
    _oldest(outbox, outbox.c.created_at_us),
    _oldest(parked_receipts, parked_receipts.c.received_at_us),
    Statement(delete(failures).where(failures.c.digest.in_(_first))),
)
"""One statement for each table that is swept."""
