"""The rules, looked at after every transaction, in SQL and arithmetic of their own.

Nothing here is the gateway's: an error in its sums would not be found by its own sums.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tests.simulation.billing import DistantProvider

BALANCES: Final = """
WITH sides AS (
    SELECT debit AS name, 1 AS debits, kind, amount_minor AS minor FROM transfers
    UNION ALL SELECT credit, 0, kind, amount_minor FROM transfers)
SELECT name,
    sum(CASE WHEN NOT debits THEN 0 WHEN kind = 'hold' THEN minor WHEN kind IN ('post', 'void') THEN -minor ELSE 0 END),
    sum(CASE WHEN debits AND kind IN ('post', 'direct') THEN minor ELSE 0 END),
    sum(CASE WHEN debits THEN 0 WHEN kind = 'hold' THEN minor WHEN kind IN ('post', 'void') THEN -minor ELSE 0 END),
    sum(CASE WHEN NOT debits AND kind IN ('post', 'direct') THEN minor ELSE 0 END)
FROM sides GROUP BY name ORDER BY name"""
COUNTERS: Final = (
    "SELECT name, sum(debits_pending), sum(debits_posted), sum(credits_pending), sum(credits_posted)"
    " FROM accounts GROUP BY name ORDER BY name"
)
PAYMENTS: Final = (
    "SELECT id, number, msisdn, provider, account, amount_minor, fee_minor, state, confirmed_at_us FROM payments"
)
MOVED: Final = """
SELECT payment_id,
    sum(CASE WHEN kind = 'hold' THEN amount_minor ELSE 0 END),
    sum(CASE WHEN kind = 'post' THEN amount_minor ELSE 0 END),
    sum(CASE WHEN kind = 'void' THEN amount_minor ELSE 0 END)
FROM transfers WHERE payment_id IS NOT NULL GROUP BY payment_id"""
# After these nothing happens to a payment by itself.
ENDED: Final = frozenset({"executed", "not_executed", "cancelled", "expired", "replaced", "code_spent", "returned"})
UNPAID: Final = ENDED - {"executed", "returned"}
# What follows the end of a payment.
AFTER_THE_END: Final = {("executed", "returned")}


class Row(NamedTuple):
    """A payment as it stands in the database."""

    id: int
    number: int
    msisdn: str
    provider: str
    account: str
    amount_minor: int
    fee_minor: int
    state: str
    confirmed_at_us: int

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.fee_minor


class Auditor:
    """Looks at the database after every transaction; *broken* is told which rule is broken, and how."""

    def __init__(
        self,
        database: sqlite3.Connection,
        providers: Mapping[str, DistantProvider],
        broken: Callable[[str, str], None],
    ) -> None:
        self._database = database
        self._providers = providers
        self._broken = broken
        self._states: dict[int, str] = {}
        self._changes = 0

    def look(self) -> None:
        """I1, I2, I4, I5, I6: after every transaction."""
        changes = self._database.total_changes
        if changes == self._changes:
            return
        self._changes = changes
        self._balances()
        moved = {payment: sums for payment, *sums in self._database.execute(MOVED)}
        for row in self.payments():
            self._money(row, *moved.get(row.id, (0, 0, 0)))
            self._step(row)

    def payments(self) -> list[Row]:
        """All payments."""
        return [Row(*row) for row in self._database.execute(PAYMENTS)]

    def _balances(self) -> None:
        counted = self._database.execute(COUNTERS).fetchall()
        added = self._database.execute(BALANCES).fetchall()
        if [row for row in counted if any(row[1:])] != [row for row in added if any(row[1:])]:
            self._broken("I1", f"accounts {counted} are not the sums of their transfers {added}")
        for side in (1, 2):
            if sum(row[side] for row in counted) != sum(row[side + 2] for row in counted):
                self._broken("I1", "debits are not credits")
        for name, debits_pending, debits_posted, _, credits_posted in counted:
            if name.startswith("wallet:") and credits_posted < debits_posted + debits_pending:
                self._broken("I2", f"{name} is overdrawn")

    def _money(self, row: Row, held: int, posted: int, voided: int) -> None:
        """I4, I5: what has moved is what the state says."""
        total = row.total_minor
        wanted = {
            "processing": (total, 0, 0),
            "executed": (total, total, 0),
            "returned": (total, total, 0),
        }.get(row.state, (0, 0, 0))
        if row.state == "not_executed" and held:
            wanted = (total, 0, total)
        if (held, posted, voided) != wanted:
            moved = f"held {held}, posted {posted}, voided {voided}"
            self._broken("I4", f"{row.number} is {row.state} over {total}: {moved}")

    def _step(self, row: Row) -> None:
        before = self._states.get(row.id)
        if before == row.state:
            return
        self._states[row.id] = row.state
        if before in ENDED and (before, row.state) not in AFTER_THE_END:
            self._broken("I5", f"{row.number} went from {before} to {row.state}")
        provider = self._providers[row.provider]
        if row.state == "executed" and not provider.has(row.id):
            self._broken("I5", f"{row.number} is executed, and the provider has not credited it")
        if row.state in UNPAID and provider.has(row.id):
            self._broken("I6", f"{row.number} is {row.state}, and the provider has credited it")

    def agree(self) -> None:
        """I5, I6, I8: in the end, payment by payment, our books and the provider's are one."""
        rows = self.payments()
        for row in rows:
            line = self._providers[row.provider].credited(row.id)
            paid = [(each.account, each.amount_minor) for each in line]
            wanted = [(*json.loads(row.account), row.amount_minor)] if row.state == "executed" else []
            if row.state in ENDED and paid != wanted:
                self._broken("I5", f"{row.number} is {row.state}, and the provider has {paid}")
        known = {row.id for row in rows}
        for name, provider in self._providers.items():
            strange = [line.reference for line in provider.lines() if line.reference not in known]
            if strange:
                self._broken("I9", f"{name} has credited {strange}, which we do not know")
