"""What people do about money, in a transaction. What an action is never changes; `save` writes what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.money import CURRENCIES, Money
from smsgw.store.rows import foreign
from smsgw.store.sql import ZERO, Row, Statement, constant, given, number, words
from smsgw.store.tables import OPEN_ACTION, PAYMENT_ACTION, actions
from smsgw.store.unit import Part

_A = actions.c
_CHANGING: Final = frozenset({"state", "decided_by", "decided_at_us", "note"})

ADD: Final = Statement(insert(actions).values(given(actions)).on_conflict_do_nothing(index_elements=["id"]))
SAVE: Final = Statement(
    update(actions)
    .where(_A.id == words("id"), text(OPEN_ACTION))
    .values(given(actions, without=set(_A.keys()) - _CHANGING))
)
FIND: Final = Statement(select(actions).where(_A.id == words("id")))
LOCK: Final = Statement(select(actions).where(_A.id == words("id")).with_for_update())
OF_PAYMENT: Final = Statement(
    select(actions).where(text(PAYMENT_ACTION), _A.payment_id == number("payment_id")).order_by(_A.asked_at_us, _A.id)
)

_latest = select(actions).order_by(_A.asked_at_us.desc(), _A.id.desc()).limit(number("limit")).offset(ZERO)
LATEST: Final = Statement(_latest)
# A statement for each: only for a word of its own can SQLite use the index of open actions.
LATEST_IN_STATE: Final = {state: Statement(_latest.where(_A.state == constant(state))) for state in ActionState}


class SqlActions(Part):
    """Implements ports.Actions."""

    __slots__ = ()

    def add(self, action: Action) -> bool:
        """Write a new action; False = its id is taken, and nothing changed."""
        return self._unit.run(ADD, row_of_action(action)) == 1

    def get(self, action_id: str) -> Action | None:
        """By id, locked: two people may decide at once, on two nodes."""
        row = self._unit.row(LOCK, {"id": action_id})
        return None if row is None else action_of(row)

    def save(self, action: Action) -> None:
        """Write back what came of an action that has not ended yet."""
        assert self._unit.run(SAVE, row_of_action(action)) == 1, "an action that has ended stays as it ended"

    def for_payment(self, payment_id: int) -> Sequence[Action]:
        """All that was asked about a payment, oldest first."""
        return [action_of(row) for row in self._unit.rows(OF_PAYMENT, {"payment_id": payment_id})]


def row_of_action(action: Action) -> dict[str, Any]:
    """The columns of an action."""
    return {
        "id": action.id,
        "kind": action.kind.value,
        "subject": action.subject,
        "currency": action.amount.currency.code,
        "amount_minor": action.amount.minor,
        "reason": action.reason,
        "asked_by": action.asked_by,
        "asked_at_us": action.asked_at_us,
        "state": action.state.value,
        "payment_id": action.payment_id,
        "decided_by": action.decided_by,
        "decided_at_us": action.decided_at_us,
        "note": foreign(action.note),
    }


def action_of(row: Row) -> Action:
    """An action from a whole row."""
    return Action(
        id=row[0],
        kind=ActionKind(row[1]),
        subject=row[2],
        amount=Money(row[4], CURRENCIES[row[3]]),
        reason=row[5],
        asked_by=row[6],
        asked_at_us=row[7],
        state=ActionState(row[8]),
        payment_id=row[9],
        decided_by=row[10],
        decided_at_us=row[11],
        note=row[12],
    )
