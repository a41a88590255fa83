"""Values of the domain as JSON documents: sums are decimal text, times are UTC, long numbers are text.

Rule: whoever asks for a list sees masked telephone numbers; whoever asks for one payment or one subscriber sees whose.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from smsgw.domain.calls import CallState, ProviderCall
from smsgw.domain.money import Money
from smsgw.domain.payment import Payment
from smsgw.domain.phones import masked
from smsgw.domain.sms import Delivery, OutboundSms
from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber
from smsgw.ledger.accounts import Account
from smsgw.service.day_hashes import Compared
from smsgw.service.exchanges import ProviderVitals
from smsgw.settlement.breaker import Standing
from smsgw.web.vitals import LinkVitals

Document = dict[str, object]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNTIL_UNBLOCKED: Final = "unblocked"


def sum_document(amount: Money) -> Document:
    """A sum of money. Never a JSON number: those are floats to most programs."""
    return {"amount": amount.fixed(), "currency": amount.currency.code}


def time_text(time_us: int) -> str | None:
    """RFC 3339, whole seconds; None for "never"."""
    return (EPOCH + timedelta(microseconds=time_us)).isoformat(timespec="seconds") if time_us else None


def subscriber_document(subscriber: Subscriber, wallet: Account, now_us: int) -> Document:
    """One subscriber and the wallet. `paused_until` is a time, "unblocked" for a pause that no clock ends, or null."""
    ends = subscriber.paused_until_us < FOR_GOOD_US
    paused_until = time_text(subscriber.paused_until_us) if ends else UNTIL_UNBLOCKED
    return {
        "number": subscriber.msisdn,
        "registered": subscriber.registered,
        "blocked": subscriber.blocked,
        "paused_until": paused_until if subscriber.paused(now_us) else None,
        "language": subscriber.language,
        "level": subscriber.level,
        "wrong_passwords": subscriber.wrong_passwords,
        "wrong_codes": subscriber.wrong_codes,
        "known_since": time_text(subscriber.created_at_us),
        "balance": sum_document(wallet.balance),
        "available": sum_document(wallet.available),
    }


def payment_document(payment: Payment, *, whole_number: bool) -> Document:
    """One payment, as its row says."""
    return {
        "number": str(payment.number),
        "state": payment.state.value,
        "subscriber": payment.msisdn if whole_number else masked(payment.msisdn),
        "provider": payment.provider,
        "account": payment.account_text,
        "amount": sum_document(payment.amount),
        "fee": sum_document(payment.fee),
        "total": sum_document(payment.total),
        "created_at": time_text(payment.created_at_us),
        "confirmed_at": time_text(payment.confirmed_at_us),
        "finished_at": time_text(payment.finished_at_us),
        "refusal": payment.refusal or None,
        "reference": str(payment.id),
        "provider_reference": payment.provider_reference or None,
    }


def link_document(name: str, link: LinkVitals) -> Document:
    """How one link stands, and what has passed since the start."""
    return {
        "name": name,
        "health": link.health.value,
        "state": link.state,
        "reason": link.reason or None,
        "since": time_text(link.since_us),
        "last_cause": link.cause or None,
        "bound": link.bound,
        "configured": link.configured,
        "window": link.window,
        "sessions": [
            {"state": session.state, "in_flight": session.in_flight, "unanswered": session.unanswered}
            for session in link.sessions
        ],
        "events": dict(link.events),
        "pdus": [
            {"direction": direction, "command": command, "status": status, "count": count}
            for (direction, command, status), count in sorted(link.pdus.items())
        ],
        "faults": dict(link.faults),
    }


def provider_document(name: str, provider: ProviderVitals, parked: int) -> Document:
    """How one provider stands, and what it has answered since the start; *parked* calls wait for a person."""
    return {
        "name": name,
        "protocol": provider.protocol,
        "state": provider.standing.value,
        "paused_until": time_text(provider.paused_until_us) if provider.standing is Standing.PAUSED else None,
        "reason": provider.why or None,
        "in_flight": provider.in_flight,
        "answers": [
            {"verb": verb, "answer": word, "count": count} for (verb, word), count in sorted(provider.answers.items())
        ],
        "parked": parked,
        "alarms": provider.alarms,
        "last_alarm": {"why": provider.alarm, "at": time_text(provider.alarm_at_us)} if provider.alarms else None,
    }


def day_document(day: Compared) -> Document:
    """A closed day of the books, and whether it is as it was closed."""
    return {
        "day": day.closed.day,
        "transfers": day.closed.transfers,
        "transfers_now": day.now.transfers,
        "sha256": day.closed.sha256,
        "as_closed": day.as_closed,
    }


def text_document(sms: OutboundSms) -> Document:
    """One text about a payment: how far it has come, and whether it may have been sent twice. Its words are nowhere."""
    return {
        "event": sms.event,
        "state": sms.state.value,
        "link": sms.link,
        "created_at": time_text(sms.created_at_us),
        "attempts": sms.attempts,
        "next_try_at": time_text(sms.due_at_us) if sms.state is Delivery.QUEUED else None,
        "possibly_twice": sms.possibly_twice,
    }


def call_document(call: ProviderCall | None) -> Document | None:
    """How far the exchange with the provider has come; None = it was never asked to pay."""
    if call is None:
        return None
    return {
        "state": call.state.value,
        "attempts": call.attempts,
        "first_sent_at": time_text(call.first_sent_at_us),
        "sent_at": time_text(call.sent_at_us),
        "due_at": time_text(call.due_at_us) if call.state is CallState.DUE else None,
        "last_answer": call.last_answer or None,
    }
