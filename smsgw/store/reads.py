"""The read side: questions that change nothing and need no lock.

How a question reaches the database is the reader's business: inline, by aiosqlite, or by psycopg's async side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from sqlalchemy import Select, Table, func, literal_column, select, text, union_all

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.payment import OPEN, Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Delivery, OutboundSms
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account
from smsgw.store.calls import GET as CALL
from smsgw.store.outbox import OF_PAYMENT, OF_PAYMENT_MAX
from smsgw.store.payments import BY_NUMBER, LATEST, RECENT
from smsgw.store.proof import ACCOUNTS, QUESTIONS, accounts_of, findings
from smsgw.store.rows import call_of, payment_of, sms_of, subscriber_of
from smsgw.store.sql import NO_VALUES, Row, Statement, Values
from smsgw.store.subscribers import FIND
from smsgw.store.tables import ACTIVE_PAYMENT, QUEUED_TEXT, UNFINISHED_CALL, outbox, payments, provider_calls

COUNTED: Final = (
    *(f"payments_{state}" for state in sorted(OPEN | {State.PROCESSING})),
    f"calls_{CallState.DUE}",
    f"calls_{CallState.PARKED}",
    f"texts_{Delivery.QUEUED}",
)
"""What `counts` counts: only what has still to end, which the partial indexes hold; metrics count what has ended."""


def _unfinished(what: str, table: Table, where: str) -> Select[str, int]:
    name = literal_column(f"'{what}_'").concat(table.c.state)
    return select(name, func.count()).select_from(table).where(text(where)).group_by(table.c.state)


COUNTS: Final = Statement(
    union_all(
        _unfinished("payments", payments, ACTIVE_PAYMENT),
        _unfinished("calls", provider_calls, UNFINISHED_CALL),
        _unfinished("texts", outbox, QUEUED_TEXT),
    )
)


class Reader(Protocol):
    """How questions reach a database.

    Raises:
        StoreUnavailable: the database does not answer.
    """

    async def rows(self, statement: Statement, values: Values) -> Sequence[Row]:
        """All rows of one question."""

    async def snapshot(self, statements: Sequence[Statement]) -> Sequence[Sequence[Row]]:
        """All rows of several questions about one moment."""

    async def close(self) -> None:
        """Close what is open."""


class SqlReads:
    """Implements ports.Reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def subscriber(self, msisdn: Msisdn) -> Subscriber | None:
        """The row, or None for a number that never texted."""
        rows = await self._reader.rows(FIND, {"msisdn": msisdn})
        return subscriber_of(rows[0]) if rows else None

    async def payment(self, number: int) -> Payment | None:
        """By the number that people see."""
        rows = await self._reader.rows(BY_NUMBER, {"number": number})
        return payment_of(rows[0]) if rows else None

    async def payments(self, msisdn: Msisdn | None, limit: int) -> Sequence[Payment]:
        """The latest payments, newest first; of one subscriber or of all."""
        statement = LATEST if msisdn is None else RECENT
        return [payment_of(row) for row in await self._reader.rows(statement, {"msisdn": msisdn, "limit": limit})]

    async def call(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """One provider call."""
        rows = await self._reader.rows(CALL, {"payment_id": payment_id, "kind": kind.value})
        return call_of(rows[0]) if rows else None

    async def texts(self, payment_id: int) -> Sequence[OutboundSms]:
        """What was texted about a payment, oldest first; texts are kept for 30 days."""
        values = {"payment_id": payment_id, "limit": OF_PAYMENT_MAX}
        return [sms_of(row) for row in await self._reader.rows(OF_PAYMENT, values)]

    async def accounts(self) -> Sequence[Account]:
        """All accounts, one row each (the rows of several writers added up)."""
        return accounts_of(await self._reader.rows(ACCOUNTS, NO_VALUES))

    async def unbalanced(self) -> Sequence[str]:
        """What the books have wrong, in words; empty = they are proved."""
        return findings(await self._reader.snapshot(QUESTIONS))

    async def counts(self) -> Mapping[str, int]:
        """How many payments, calls and texts have still to end, by state (`COUNTED`)."""
        found: dict[str, int] = dict(await self._reader.rows(COUNTS, NO_VALUES))
        return {name: found.get(name, 0) for name in COUNTED}
