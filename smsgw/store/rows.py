"""Rows and the domain's values: what a column holds, in the order of the table.

Enums become their plain words (drivers are slow with subclasses), mappings and accounts become JSON in ASCII, and
what a stranger may have written (a provider, an SMSC) is made fit for both databases.
"""

from __future__ import annotations

import json
from typing import Any, Final

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.money import CURRENCIES, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Delivery, OutboundSms, Priority
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.transfers import Code, Transfer, TransferKind
from smsgw.store.sql import Row

# A provider's own words are for people who look into a case; more of them only fills the table.
FOREIGN_TEXT_LENGTH_MAX: Final = 500

to_json: Final = json.JSONEncoder(separators=(",", ":")).encode
from_json: Final = json.JSONDecoder().decode


def foreign(text: str) -> str:
    """Text from outside that both databases take: no NUL, no half characters, not too long."""
    if text.isascii() and "\0" not in text and len(text) <= FOREIGN_TEXT_LENGTH_MAX:
        return text
    return text[:FOREIGN_TEXT_LENGTH_MAX].replace("\0", "").encode(errors="replace").decode()


def row_of_subscriber(subscriber: Subscriber) -> dict[str, Any]:
    """The columns of a subscriber."""
    return {
        "msisdn": subscriber.msisdn,
        "registered": int(subscriber.registered),
        "blocked": int(subscriber.blocked),
        "language": subscriber.language,
        "verifier": subscriber.verifier,
        "pepper_id": subscriber.pepper_id,
        "credential_version": subscriber.credential_version,
        "wrong_passwords": subscriber.wrong_passwords,
        "wrong_codes": subscriber.wrong_codes,
        "paused_until_us": subscriber.paused_until_us,
        "pauses": " ".join(map(str, subscriber.pauses)),
        "answers_since_us": subscriber.answers_since_us,
        "answers": subscriber.answers,
        "stranger_told_at_us": subscriber.stranger_told_at_us,
        "created_at_us": subscriber.created_at_us,
        "level": subscriber.level,
    }


def subscriber_of(row: Row) -> Subscriber:
    """A subscriber from a whole row."""
    return Subscriber(
        msisdn=Msisdn(row[0]),
        registered=bool(row[1]),
        blocked=bool(row[2]),
        language=row[3],
        verifier=row[4],
        pepper_id=row[5],
        credential_version=row[6],
        wrong_passwords=row[7],
        wrong_codes=row[8],
        paused_until_us=row[9],
        pauses=tuple(map(int, row[10].split())),
        answers_since_us=row[11],
        answers=row[12],
        stranger_told_at_us=row[13],
        created_at_us=row[14],
        level=row[15],
    )


def row_of_payment(payment: Payment) -> dict[str, Any]:
    """The columns of a new payment."""
    return changes_of_payment(payment) | {
        "number": payment.number,
        "msisdn": payment.msisdn,
        "provider": payment.provider,
        "account": to_json(payment.account),
        "currency": payment.amount.currency.code,
        "amount_minor": payment.amount.minor,
        "fee_minor": payment.fee.minor,
        "nonce": payment.nonce,
        "key_id": payment.key_id,
        "created_at_us": payment.created_at_us,
        "source": payment.source,
    }


def changes_of_payment(payment: Payment) -> dict[str, Any]:
    """The columns of a payment that may change, and its id."""
    return {
        "id": payment.id,
        "link": payment.link,
        "state": payment.state.value,
        "language": payment.language,
        "code_deadline_us": payment.code_deadline_us,
        "code_sends": payment.code_sends,
        "code_sent_at_us": payment.code_sent_at_us,
        "wrong_codes": payment.wrong_codes,
        "tried": payment.tried,
        "confirmed_at_us": payment.confirmed_at_us,
        "finished_at_us": payment.finished_at_us,
        "day": payment.day,
        "month": payment.month,
        "provider_reference": foreign(payment.provider_reference),
        "refusal": foreign(payment.refusal),
    }


def payment_of(row: Row) -> Payment:
    """A payment from a whole row."""
    currency = CURRENCIES[row[6]]
    return Payment(
        id=row[0],
        number=row[1],
        msisdn=Msisdn(row[2]),
        link=row[3],
        provider=row[4],
        account=tuple(from_json(row[5])),
        amount=Money(row[7], currency),
        fee=Money(row[8], currency),
        state=State(row[9]),
        nonce=row[10],
        key_id=row[11],
        language=row[12],
        created_at_us=row[13],
        code_deadline_us=row[14],
        code_sends=row[15],
        code_sent_at_us=row[16],
        wrong_codes=row[17],
        tried=row[18],
        confirmed_at_us=row[19],
        finished_at_us=row[20],
        day=row[21],
        month=row[22],
        provider_reference=row[23],
        refusal=row[24],
        source=row[25],
    )


def row_of_call(call: ProviderCall) -> dict[str, Any]:
    """The columns of a new call."""
    return changes_of_call(call) | {
        "msisdn": call.msisdn,
        "provider": call.provider,
        "parameters": to_json(dict(call.parameters)),
        "created_at_us": call.created_at_us,
    }


def changes_of_call(call: ProviderCall) -> dict[str, Any]:
    """The columns of a call that may change, its key, and the epoch that fences them."""
    return {
        "payment_id": call.payment_id,
        "kind": call.kind.value,
        "state": call.state.value,
        "due_at_us": call.due_at_us,
        "attempts": call.attempts,
        "first_sent_at_us": call.first_sent_at_us,
        "sent_at_us": call.sent_at_us,
        "told": call.told,
        "epoch": call.epoch,
        "lease_until_us": call.lease_until_us,
        "last_answer": foreign(call.last_answer),
        "memory": to_json(dict(call.memory)),
        "withdrawn": int(call.withdrawn),
        "failures": call.failures,
        "absent_until_us": call.absent_until_us,
    }


def call_of(row: Row) -> ProviderCall:
    """A call from a whole row."""
    return ProviderCall(
        payment_id=row[0],
        kind=Kind(row[1]),
        msisdn=Msisdn(row[2]),
        provider=row[3],
        parameters=from_json(row[4]),
        created_at_us=row[5],
        state=CallState(row[6]),
        due_at_us=row[7],
        attempts=row[8],
        first_sent_at_us=row[9],
        sent_at_us=row[10],
        told=row[11],
        epoch=row[12],
        lease_until_us=row[13],
        last_answer=row[14],
        memory=from_json(row[15]),
        withdrawn=bool(row[16]),
        failures=row[17],
        absent_until_us=row[18],
    )


def row_of_sms(sms: OutboundSms) -> dict[str, Any]:
    """The columns of a new text; its id is given by the database."""
    row = changes_of_sms(sms) | {
        "msisdn": sms.msisdn,
        "link": sms.link,
        "event": sms.event,
        "event_values": to_json(dict(sms.values)),
        "language": sms.language,
        "payment_id": sms.payment_id,
        "priority": int(sms.priority),
        "created_at_us": sms.created_at_us,
        "expires_at_us": sms.expires_at_us,
    }
    del row["id"]
    return row


def changes_of_sms(sms: OutboundSms) -> dict[str, Any]:
    """The columns of a text that may change, its id, and the epoch that fences them."""
    return {
        "id": sms.id,
        "link": sms.link,
        "state": sms.state.value,
        "attempts": sms.attempts,
        "due_at_us": sms.due_at_us,
        "epoch": sms.epoch,
        "lease_until_us": sms.lease_until_us,
        "message_id": foreign(sms.message_id),
        "possibly_twice": int(sms.possibly_twice),
    }


def sms_of(row: Row) -> OutboundSms:
    """A text from a whole row."""
    return OutboundSms(
        id=row[0],
        msisdn=Msisdn(row[1]),
        link=row[2],
        event=row[3],
        values=from_json(row[4]),
        language=row[5],
        payment_id=row[6],
        priority=Priority(row[7]),
        created_at_us=row[8],
        expires_at_us=row[9],
        state=Delivery(row[10]),
        attempts=row[11],
        due_at_us=row[12],
        epoch=row[13],
        lease_until_us=row[14],
        message_id=row[15],
        possibly_twice=bool(row[16]),
    )


def row_of_transfer(transfer: Transfer) -> dict[str, Any]:
    """The columns of a transfer that are its own; the store adds when and in which row of a house account."""
    return {
        "id": transfer.id,
        "kind": transfer.kind.value,
        "debit": transfer.debit,
        "credit": transfer.credit,
        "currency": transfer.amount.currency.code,
        "amount_minor": transfer.amount.minor,
        "code": transfer.code.value,
        "payment_id": transfer.payment_id,
        "pending_id": transfer.pending_id,
    }


def transfer_of(row: Row) -> Transfer:
    """A transfer from a whole row."""
    return Transfer(
        id=row[0],
        kind=TransferKind(row[1]),
        debit=row[2],
        credit=row[3],
        amount=Money(row[5], CURRENCIES[row[4]]),
        code=Code(row[6]),
        payment_id=row[7],
        pending_id=row[8],
        created_at_us=row[10],
    )
