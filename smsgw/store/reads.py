"""The read side: questions that change nothing and need no lock.

How a question reaches the database is the reader's business: inline, by aiosqlite, or by psycopg's async side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from sqlalchemy import Select, Table, func, literal_column, select, text, union_all

from smsgw.domain.actions import Action, ActionState
from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.payment import OPEN, REFERENCE_BITS, Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation, Registry
from smsgw.domain.sms import Delivery, OutboundSms
from smsgw.domain.statement import Period
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.transfers import Transfer
from smsgw.store.actions import FIND as ACTION, LATEST as ACTIONS, LATEST_IN_STATE as ACTIONS_IN_STATE, action_of
from smsgw.store.calls import GET as CALL, PARKED, UNRESOLVED
from smsgw.store.day_hashes import FIRST_TRANSFER, LATEST as LATEST_DAYS, TRANSFERS, day_hash_of
from smsgw.store.outbox import OF_PAYMENT, OF_PAYMENT_MAX
from smsgw.store.payments import BY_NUMBER, CONFIRMED, GET as REFERENCE, LATEST, RECENT, REFERENCES, REFERENCES_MAX
from smsgw.store.proof import ACCOUNTS, QUESTIONS, accounts_of, findings
from smsgw.store.reconciliations import (
    GET as RECONCILIATION,
    LATEST as RECONCILIATIONS,
    LATEST_OF_PROVIDER as RECONCILIATIONS_OF_PROVIDER,
    REGISTRIES,
    reconciliation_of,
    registry_of,
)
from smsgw.store.rows import call_of, payment_of, sms_of, subscriber_of, transfer_of
from smsgw.store.sql import NO_VALUES, Row, Statement, Values
from smsgw.store.subscribers import FIND
from smsgw.store.tables import (
    ACTIVE_PAYMENT,
    OPEN_ACTION,
    QUEUED_TEXT,
    UNFINISHED_CALL,
    actions,
    outbox,
    payments,
    provider_calls,
)

COUNTED: Final = (
    *(f"payments_{state}" for state in sorted(OPEN | {State.PROCESSING})),
    f"calls_{CallState.DUE}",
    f"calls_{CallState.PARKED}",
    f"texts_{Delivery.QUEUED}",
    f"actions_{ActionState.PROPOSED}",
    f"actions_{ActionState.SENT}",
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
        _unfinished("actions", actions, OPEN_ACTION),
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

    async def reference(self, payment_id: int) -> Payment | None:
        """By the reference that the provider knows."""
        rows = await self._reader.rows(REFERENCE, {"id": payment_id})
        return payment_of(rows[0]) if rows else None

    async def references(self, ids: Sequence[int]) -> Sequence[Payment]:
        """Those of these payments that there are, in any order."""
        # Providers name payments of others too, by numbers that no column of ours may hold.
        possible = sorted({each for each in ids if 0 < each < 1 << REFERENCE_BITS})
        found: list[Payment] = []
        for start in range(0, len(possible), REFERENCES_MAX):
            values = {f"id{place}": 0 for place in range(REFERENCES_MAX)}
            values |= {f"id{place}": each for place, each in enumerate(possible[start : start + REFERENCES_MAX])}
            found += map(payment_of, await self._reader.rows(REFERENCES, values))
        return found

    async def confirmed(self, provider: str, period: Period, after: tuple[int, int], limit: int) -> Sequence[Payment]:
        """A provider's payments by the time of their confirmation and by id, from the first that follows *after*."""
        # A single lower bound: of two SQLite would take the wrong one to begin its search at.
        after_us, after_id = max(after, (period.since_us, 0))
        values = {"provider": provider, "after_us": after_us, "after_id": after_id, "until_us": period.until_us}
        return [payment_of(row) for row in await self._reader.rows(CONFIRMED, values | {"limit": limit})]

    async def call(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """One provider call."""
        rows = await self._reader.rows(CALL, {"payment_id": payment_id, "kind": kind.value})
        return call_of(rows[0]) if rows else None

    async def unresolved(self, provider: str, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished payments of a provider from before then, oldest first."""
        values = {"provider": provider, "before_us": before_us, "limit": limit}
        return [call_of(row) for row in await self._reader.rows(UNRESOLVED, values)]

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

    async def day_hashes(self, limit: int) -> Sequence[DayHash]:
        """The closed days, the newest first."""
        return [day_hash_of(row) for row in await self._reader.rows(LATEST_DAYS, {"limit": limit})]

    async def first_transfer_us(self) -> int | None:
        """When the first transfer was written; None = there is none."""
        ((first_us,),) = await self._reader.rows(FIRST_TRANSFER, NO_VALUES)
        return None if first_us is None else int(first_us)

    async def transfers(self, after: tuple[int, str], until_us: int, limit: int) -> Sequence[Transfer]:
        """Transfers by (`created_at_us`, octets of `id`), those that follow *after*, written before *until_us*."""
        after_us, after_id = after
        values = {"after_us": after_us, "after_id": after_id, "until_us": until_us, "limit": limit}
        return [transfer_of(row) for row in await self._reader.rows(TRANSFERS, values)]

    async def action(self, action_id: str) -> Action | None:
        """By id."""
        rows = await self._reader.rows(ACTION, {"id": action_id})
        return action_of(rows[0]) if rows else None

    async def actions(self, state: ActionState | None, limit: int) -> Sequence[Action]:
        """What people asked for, newest first; in one state or in all."""
        statement = ACTIONS if state is None else ACTIONS_IN_STATE[state]
        return [action_of(row) for row in await self._reader.rows(statement, {"limit": limit})]

    async def reconciliation(self, provider: str, day: str) -> Reconciliation | None:
        """What came of the latest run for a day."""
        rows = await self._reader.rows(RECONCILIATION, {"provider": provider, "day": day})
        return reconciliation_of(rows[0]) if rows else None

    async def reconciliations(self, provider: str | None, limit: int) -> Sequence[Reconciliation]:
        """What came of the latest runs, the newest day first; of one provider or of all."""
        statement = RECONCILIATIONS if provider is None else RECONCILIATIONS_OF_PROVIDER
        rows = await self._reader.rows(statement, {"provider": provider, "limit": limit})
        return [reconciliation_of(row) for row in rows]

    async def registries(self, provider: str, day: str) -> Sequence[Registry]:
        """The files made for a provider's day, in the order of their making."""
        rows = await self._reader.rows(REGISTRIES, {"provider": provider, "day": day})
        return [registry_of(row) for row in rows]

    async def counts(self) -> Mapping[str, int]:
        """How many payments, calls, texts and actions have still to end, by state (`COUNTED`)."""
        found: dict[str, int] = dict(await self._reader.rows(COUNTS, NO_VALUES))
        return {name: found.get(name, 0) for name in COUNTED}

    async def parked(self) -> Mapping[str, int]:
        """How many calls of each provider are parked; a provider without one is not named."""
        return dict(await self._reader.rows(PARKED, NO_VALUES))
