"""Provider calls in a transaction: leased, claimed and fenced by epoch, one provider at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.changes import replace
from smsgw.store.lease import birth_lease
from smsgw.store.rows import call_of, changes_of_call, row_of_call
from smsgw.store.sql import ONE, ZERO, Statement, constant, given, number, words
from smsgw.store.tables import UNFINISHED_CALL, UNRESOLVED_CALL, provider_calls
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
        _C.provider == words("provider"),
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
    .values(epoch=_C.epoch + ONE, failures=_C.failures + ONE, lease_until_us=number("until_us"))
    .returning(*_C)
)
SEIZE: Final = Statement(
    update(provider_calls)
    .where(
        *_KEY,
        text(UNFINISHED_CALL),
        or_(_C.state == constant(CallState.PARKED), _C.lease_until_us <= number("now_us")),
    )
    .values(epoch=_C.epoch + ONE, lease_until_us=ZERO)
    .returning(*_C)
)

# From name to name: in an outage a million calls of one provider may be unfinished, and DISTINCT would read them all.
_named = select(func.min(_C.provider).label("provider")).where(text(UNFINISHED_CALL)).cte("named", recursive=True)
_next = select(func.min(_C.provider)).where(text(UNFINISHED_CALL), _C.provider > _named.c.provider)
_named = _named.union_all(select(_next.scalar_subquery()).where(_named.c.provider.is_not(None)))
PROVIDERS: Final = Statement(select(_named.c.provider).where(_named.c.provider.is_not(None)))


def _oldest_unresolved(*conditions: ColumnElement[bool]) -> Statement:
    """Payments at a provider that have not ended."""
    return Statement(
        select(provider_calls)
        .where(text(UNRESOLVED_CALL), _C.created_at_us < number("before_us"), *conditions)
        .order_by(_C.created_at_us, _C.payment_id)
        .limit(number("limit"))
        .offset(ZERO)
    )


SLOW: Final = _oldest_unresolved(_C.told == number("told"))
UNRESOLVED: Final = _oldest_unresolved(_C.provider == words("provider"))
PARKED: Final = Statement(
    select(_C.provider, func.count())
    .where(text(UNFINISHED_CALL), _C.state == constant(CallState.PARKED))
    .group_by(_C.provider)
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

    def claim(self, lease_until_us: int, rooms: Mapping[str, int]) -> Sequence[ProviderCall]:
        """Take due calls whose lease is over, of each provider as many as it has room for, the longest due first."""
        claimed: list[ProviderCall] = []
        for provider, room in rooms.items():
            assert room >= 0, "SQLite takes a limit below nothing for none"
            values = {"now_us": self._unit.now_us, "until_us": lease_until_us, "provider": provider, "limit": room}
            claimed += map(call_of, self._unit.rows(CLAIM, values))
        return sorted(claimed, key=lambda call: call.due_at_us)

    def providers(self) -> Sequence[str]:
        """The names of providers that have unfinished calls, in the order of the alphabet."""
        return [provider for (provider,) in self._unit.rows(PROVIDERS)]

    def slow(self, told: int, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished payments from before then whose payer has been told so often that it takes longer."""
        values = {"told": told, "before_us": before_us, "limit": limit}
        return [call_of(row) for row in self._unit.rows(SLOW, values)]

    def unresolved(self, provider: str, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished payments of a provider from before then, oldest first."""
        values = {"provider": provider, "before_us": before_us, "limit": limit}
        return [call_of(row) for row in self._unit.rows(UNRESOLVED, values)]

    def seize(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """Take an unfinished call out of whatever hands hold it: the next epoch, no lease.

        None = there is none, or it is due and leased: somebody is talking to the provider right now.
        """
        row = self._unit.row(SEIZE, {"payment_id": payment_id, "kind": kind.value, "now_us": self._unit.now_us})
        return None if row is None else call_of(row)
