"""Turnover in a transaction: what a subscriber has spent in a day or a month."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.phones import Msisdn
from smsgw.store.sql import Statement, given, number, words
from smsgw.store.tables import turnover
from smsgw.store.unit import Part

_KEY = (turnover.c.msisdn == words("msisdn"), turnover.c.period == words("period"))

OF: Final = Statement(select(turnover.c.amount_minor).where(*_KEY))
ADD: Final = Statement(
    update(turnover).where(*_KEY).values(amount_minor=turnover.c.amount_minor + number("amount_minor"))
)
BEGIN: Final = Statement(insert(turnover).values(given(turnover)))


class SqlTurnover(Part):
    """Implements ports.Turnover. The rows belong to a subscriber, who is locked."""

    __slots__ = ()

    def of(self, msisdn: Msisdn, period: str) -> int:
        """Minor units."""
        row = self._unit.row(OF, {"msisdn": msisdn, "period": period})
        return 0 if row is None else int(row[0])

    def add(self, msisdn: Msisdn, period: str, amount_minor: int) -> None:
        """Add (or give back, below zero)."""
        values = {"msisdn": msisdn, "period": period, "amount_minor": amount_minor}
        if not self._unit.run(ADD, values):
            self._unit.run(BEGIN, values)
