"""Putting a text into the outbox: the event and its values, never the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import OutboundSms, Priority, Reply
from smsgw.replies.events import EVENTS
from smsgw.service.rules import ANSWER_LIFE_S, RECEIPT_LIFE_S, US, Rules
from smsgw.service.values import minutes, payment_values, time_values
from smsgw.sessions.codes import CodeBinding, binding_of
from smsgw.transaction import Tx

# The value under which a code's text carries what the code is derived from. It is no secret without the key.
BINDING: Final = "binding"
KEY_ID: Final = "key_id"
# Made only when the text is sent, and kept nowhere.
LATE_VALUES: Final = frozenset({"code"})


class Recipient(NamedTuple):
    """Who gets a text, through which link, in which language."""

    msisdn: Msisdn
    link: str
    language: str


def recipient_of(payment: Payment) -> Recipient:
    """The subscriber of a payment, on the link where the payment was asked for."""
    return Recipient(payment.msisdn, payment.link, payment.language)


def put(tx: Tx, to: Recipient, reply: Reply, expires_at_us: int, payment_id: int | None = None) -> None:
    """Write *reply* into the outbox."""
    missing = EVENTS[reply.event].values - reply.values.keys() - LATE_VALUES
    assert not missing, f"the text {reply.event} lacks {sorted(missing)}"
    tx.outbox.add(
        OutboundSms(
            id=0,
            msisdn=to.msisdn,
            link=to.link,
            event=reply.event,
            values=reply.values,
            language=to.language,
            payment_id=payment_id,
            priority=reply.priority,
            created_at_us=tx.now_us,
            expires_at_us=expires_at_us,
            due_at_us=tx.now_us,
        )
    )


def put_code(tx: Tx, payment: Payment, rules: Rules, event: str = "code") -> None:
    """Text the payment's code (`code`, or `resent` for the same code once more). It is of no use after the deadline."""
    values = payment_values(payment, rules) | {
        "m": minutes(payment.code_deadline_us - tx.now_us),
        BINDING: json.dumps(binding_of(payment)._asdict() | {"nonce": payment.nonce.hex()}, separators=(",", ":")),
        KEY_ID: payment.key_id,
    }
    reply = Reply(event, values, Priority.CODE)
    put(tx, recipient_of(payment), reply, payment.code_deadline_us, payment.id)


def put_result(tx: Tx, payment: Payment, rules: Rules, event: str, more: Mapping[str, str] | None = None) -> None:
    """Text how a payment went on: it stays worth knowing for days."""
    values = {**payment_values(payment, rules), **time_values(tx.now_us, rules), **(more or {})}
    reply = Reply(event, values, Priority.RECEIPT)
    put(tx, recipient_of(payment), reply, tx.now_us + RECEIPT_LIFE_S * US, payment.id)


def put_answer(tx: Tx, to: Recipient, event: str, values: Mapping[str, str], payment_id: int | None = None) -> None:
    """Text a direct answer to a text."""
    put(tx, to, Reply(event, values), tx.now_us + ANSWER_LIFE_S * US, payment_id)


def stored_binding(values: Mapping[str, str]) -> CodeBinding:
    """Read the binding that `put_code` wrote."""
    fields = json.loads(values[BINDING])
    return CodeBinding(**fields | {"nonce": bytes.fromhex(fields["nonce"]), "account": tuple(fields["account"])})
