"""Provider calls in a transaction: leased, claimed and fenced by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.changes import replace
from smsgw.store.lease import birth_lease
from smsgw.store.rows import call_of, changes_of_call, row_of_call
from smsgw.store.sql import ONE, ZERO, Statement, constant, given, number, words
from smsgw.store.tables import UNFINISHED_CALL, provider_calls
from smsgw.store.unit import Part

_C = provider_calls.c
_KEY = (_C.payment_id == number("payment_id"), _C.kind == words("kind"))
_FIXED: Final = frozenset({"payment_id", "kind", "msisdn", "provider", "parameters", "created_at_us", "epoch"})

ADD: Final = Statement(insert(provider_calls).values(given(provider_calls)))
GET: Final = Statement(select(provider_calls).where(*_KEY))
SAVE: Final = Statement(
    update(provider_calls)
    .where(*_KEY, _C.epoch == number("epoch"), text(UNFINISHED_CALL))
    .values(given(provider_calls, without=_FIXED))
)

_due = (
    select(_C.payment_id, _C.kind)
    .where(
        text(UNFINISHED_CALL),
        _C.state == constant(CallState.DUE),
        _C.due_at_us <= number("now_us"),
        _C.lease_until_us <= number("now_us"),
    )
    .order_by(_C.due_at_us)
    .limit(number("limit"))
    .offset(ZERO)
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM: Final = Statement(
    update(provider_calls)
    .where(tuple_(_C.payment_id, _C.kind).in_(select(_due.c.payment_id, _due.c.kind)))
    .values(epoch=_C.epoch + ONE, lease_until_us=number("until_us"))
    .returning(*_C)
)


class SqlCalls(Part):
    """Implements ports.Calls."""

    __slots__ = ()

    def add(self, call: ProviderCall) -> None:
        """Write a call. If it is due now, it is leased to this node and handed over after the commit."""
        now_us = self._unit.now_us
        leased = replace(call, lease_until_us=birth_lease(call.due_at_us, now_us))
        self._unit.run(ADD, row_of_call(leased))
        if leased.lease_until_us:
            self._unit.calls.append(leased)

    def get(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """One call."""
        row = self._unit.row(GET, {"payment_id": payment_id, "kind": kind.value})
        return None if row is None else call_of(row)

    def save(self, call: ProviderCall) -> bool:
        """Write the call back if its epoch still holds; False = another has it or it has ended, and nothing changed."""
        return self._unit.run(SAVE, changes_of_call(call)) == 1

    def claim(self, lease_until_us: int, limit: int) -> Sequence[ProviderCall]:
        """Take due calls whose lease is over: epoch + 1, leased until then."""
        values = {"now_us": self._unit.now_us, "until_us": lease_until_us, "limit": limit}
        return sorted(map(call_of, self._unit.rows(CLAIM, values)), key=lambda call: call.due_at_us)
