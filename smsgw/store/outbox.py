"""The outbox in a transaction: texts to be sent, and their delivery receipts.

Order is kept for each recipient: only the oldest queued text of a number can be claimed, on whichever node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import case, delete, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.changes import replace
from smsgw.domain.sms import Delivery, OutboundSms, Priority
from smsgw.store.lease import birth_lease
from smsgw.store.rows import changes_of_sms, foreign, row_of_sms, sms_of
from smsgw.store.sql import ONE, ZERO, Statement, constant, given, number, words
from smsgw.store.tables import ANSWERED_TEXT, PAYMENT_TEXT, QUEUED_TEXT, outbox, parked_receipts
from smsgw.store.unit import Part

# A receipt overtakes the answer to its submit_sm by milliseconds; what stays parked longer belongs to nobody.
PARKED_MAX: Final = 10_000
# These say that a text is on its way still: nothing to write down.
ENDED: Final = frozenset({Delivery.DELIVERED, Delivery.FAILED, Delivery.EXPIRED})

_O = outbox.c
_FIXED: Final = frozenset(
    {
        "id",
        "msisdn",
        "event",
        "event_values",
        "language",
        "payment_id",
        "priority",
        "created_at_us",
        "expires_at_us",
        "epoch",
    }
)
_NOT_ENDED = _O.state.in_([constant(Delivery.QUEUED), constant(Delivery.SENT)])

_waits = outbox.alias("waits")
_waiting = select(_waits.c.id).where(
    _waits.c.msisdn == words("msisdn"),
    text(QUEUED_TEXT.replace("state", "waits.state")),
    _waits.c.lease_until_us <= number("now_us"),
)
# A text behind one that waits for another try is handed to nobody: it would overtake it.
_lease = case((_waiting.exists(), ZERO), else_=number("lease_until_us"))
ADD: Final = Statement(
    insert(outbox)
    .values(given(outbox, without={"id"}) | {"lease_until_us": _lease})
    .returning(_O.id, _O.lease_until_us)
)
SAVE: Final = Statement(
    update(outbox)
    .where(_O.id == number("id"), _O.epoch == number("epoch"), _NOT_ENDED)
    .values(given(outbox, without=_FIXED))
)

_older = outbox.alias("older")
_older_queued = select(_older.c.id).where(
    _older.c.msisdn == _O.msisdn, _older.c.id < _O.id, text(QUEUED_TEXT.replace("state", "older.state"))
)
_due = (
    select(_O.id)
    .where(
        text(QUEUED_TEXT.replace("state", "outbox.state")),
        _O.priority.in_([literal_column(str(int(priority))) for priority in Priority]),
        _O.due_at_us <= number("now_us"),
        _O.lease_until_us <= number("now_us"),
        ~_older_queued.exists(),
    )
    .order_by(_O.priority, _O.due_at_us)
    .limit(number("limit"))
    .offset(ZERO)
    .with_for_update(skip_locked=True, of=outbox)
    .cte("due")
)
CLAIM: Final = Statement(
    update(outbox)
    .where(_O.id.in_(select(_due.c.id)))
    .values(epoch=_O.epoch + ONE, lease_until_us=number("until_us"))
    .returning(*_O)
)

# An SMSC may use an id again after a restart: the newest text with it is meant.
BY_MESSAGE_ID: Final = Statement(
    select(_O.id)
    .where(text(ANSWERED_TEXT), _O.message_id == words("message_id"), _O.link == words("link"))
    .order_by(_O.id.desc())
    .limit(ONE)
    .offset(ZERO)
)
END: Final = Statement(
    update(outbox).where(_O.id == number("id"), _O.state == constant(Delivery.SENT)).values(state=words("state"))
)

# A payment has a code, its repeats and a result; more than this is no timeline that anybody reads.
OF_PAYMENT_MAX: Final = 50
OF_PAYMENT: Final = Statement(
    select(outbox)
    .where(text(PAYMENT_TEXT), _O.payment_id == number("payment_id"))
    .order_by(_O.id)
    .limit(number("limit"))
    .offset(ZERO)
)

_PARKED = parked_receipts.c
PARK: Final = Statement(insert(parked_receipts).values(given(parked_receipts, without={"id"})).returning(_PARKED.id))
FORGET_PARKED: Final = Statement(delete(parked_receipts).where(_PARKED.id <= number("until_id")))
TAKE_PARKED: Final = Statement(
    delete(parked_receipts)
    .where(_PARKED.message_id == words("message_id"), _PARKED.link == words("link"))
    .returning(_PARKED.id, _PARKED.delivery)
)
# Of those that belong to nobody only the latest are kept, so all of them can be looked through.
OVERTAKEN: Final = Statement(
    select(_PARKED.link, _PARKED.message_id)
    .where(
        select(_O.id)
        .where(text(ANSWERED_TEXT), _O.message_id == _PARKED.message_id, _O.link == _PARKED.link)
        .correlate(parked_receipts)
        .exists()
    )
    .distinct()
    .limit(number("limit"))
    .offset(ZERO)
)


class SqlOutbox(Part):
    """Implements ports.Outbox."""

    __slots__ = ()

    def add(self, sms: OutboundSms) -> None:
        """Write a text under a new id.

        If it is due now, and no earlier text to this number waits, it is leased to this node and handed over after the
        commit.
        """
        now_us = self._unit.now_us
        leased = replace(sms, lease_until_us=birth_lease(sms.due_at_us, now_us))
        row = self._unit.row(ADD, row_of_sms(leased) | {"now_us": now_us})
        assert row is not None, "an INSERT returns its id"
        text_id, lease_until_us = row
        if lease_until_us:
            self._unit.texts.append(replace(leased, id=text_id))

    def claim(self, lease_until_us: int, limit: int) -> Sequence[OutboundSms]:
        """Take due texts whose lease is over: epoch + 1, leased until then; of a recipient only the oldest."""
        values = {"now_us": self._unit.now_us, "until_us": lease_until_us, "limit": limit}
        return sorted(
            map(sms_of, self._unit.rows(CLAIM, values)), key=lambda sms: (sms.priority, sms.due_at_us, sms.id)
        )

    def save(self, sms: OutboundSms) -> bool:
        """Write the row back if its epoch still holds. A receipt that came before is then found and followed."""
        if self._unit.run(SAVE, changes_of_sms(sms)) != 1:
            return False
        if sms.state is Delivery.SENT:
            self._follow_parked(sms.id, {"link": sms.link, "message_id": foreign(sms.message_id)})
        return True

    def receipt(self, link: str, message_id: str, delivery: Delivery) -> bool:
        """Follow a delivery receipt; False = no such text is known (yet), the receipt is parked."""
        key = {"link": link, "message_id": foreign(message_id)}
        row = self._unit.row(BY_MESSAGE_ID, key)
        if row is None:
            self._park(key | {"delivery": delivery.value, "received_at_us": self._unit.now_us})
            return False
        if delivery in ENDED:
            self._unit.run(END, {"id": row[0], "state": delivery.value})
        return True

    def follow_overtaken(self, limit: int) -> int:
        """Follow receipts that were parked in the moment in which their texts became known; return how many.

        Two writers commit such a pair at once, and neither sees the other's row.
        """
        found = self._unit.rows(OVERTAKEN, {"limit": limit})
        for link, message_id in found:
            key = {"link": link, "message_id": message_id}
            row = self._unit.row(BY_MESSAGE_ID, key)
            if row is not None:
                self._follow_parked(row[0], key)
        return len(found)

    def _park(self, row: dict[str, object]) -> None:
        added = self._unit.row(PARK, row)
        assert added is not None, "an INSERT returns its id"
        self._unit.run(FORGET_PARKED, {"until_id": added[0] - PARKED_MAX})

    def _follow_parked(self, text_id: int, key: dict[str, str]) -> None:
        parked = self._unit.rows(TAKE_PARKED, key)
        ends = [delivery for _, delivery in sorted(parked) if Delivery(delivery) in ENDED]
        if ends:
            self._unit.run(END, {"id": text_id, "state": ends[-1]})
