"""Pay: a payment is asked for. Nothing is charged here; at most the provider is asked about the account."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from smsgw.domain.calls import CallState, Kind, Order, ProviderCall
from smsgw.domain.catalogue import Provider as Payee
from smsgw.domain.changes import replace
from smsgw.domain.money import Money
from smsgw.domain.payment import Event, Payment, State, advance, new_reference
from smsgw.domain.subscriber import FOR_GOOD_US
from smsgw.parser.intents import Pay
from smsgw.ports import Provider, Tx
from smsgw.service.conversation import Conversation
from smsgw.service.passwords import Judged, PasswordVerdict
from smsgw.service.rules import Rules
from smsgw.service.texts import put_code
from smsgw.service.values import minutes
from smsgw.sessions import duplicates
from smsgw.sessions.codes import ResendVerdict, after_send, may_resend
from smsgw.sessions.duplicates import Meaning
from smsgw.sessions.lockout import after_right_password, after_wrong_password, passwords_left

# The guard looks at payments of the last minutes; nobody makes more than this in them.
RECENT_MAX = 20
# An SMS that the network kept for longer is not acted upon: the sender has forgotten it, or paid elsewhere.
STALE_US = 15 * 60 * 1_000_000


class Fresh(NamedTuple):
    """Randomness for a new payment, drawn before the transaction so that a second run of it makes the same payment."""

    reference_bits: int
    nonce: bytes


class Step(Enum):
    """How far the judgement of the sender has come."""

    GO_ON = auto()
    ANSWERED = auto()
    JUDGE_AGAIN = auto()


def judge_sender(talk: Conversation, judged: Judged) -> Step:
    """Refuse the blocked and the paused first, then a wrong password; count it.

    JUDGE_AGAIN: the password was judged against other credentials than the row has now.
    """
    subscriber = talk.subscriber
    if subscriber.blocked:
        talk.answer("is_blocked")
        return Step.ANSWERED
    if subscriber.paused(talk.now_us):
        _answer_paused(talk)
        return Step.ANSWERED
    if judged.verdict is PasswordVerdict.NOT_JUDGED or judged.credential_version != subscriber.credential_version:
        return Step.JUDGE_AGAIN
    if judged.verdict is PasswordVerdict.WRONG:
        talk.subscriber = after_wrong_password(subscriber, talk.now_us)
        if talk.subscriber.paused(talk.now_us):
            _answer_paused(talk)
        else:
            talk.answer("wrong_password", {"n": str(passwords_left(talk.subscriber))})
        return Step.ANSWERED
    talk.subscriber = after_right_password(subscriber)
    return Step.GO_ON


def request_payment(talk: Conversation, pay: Pay, fresh: Fresh, providers: Mapping[str, Provider]) -> None:
    """Open a payment, or answer with what the same request has already led to."""
    payments = talk.tx.payments
    recent = payments.recent(talk.delivered.msisdn, RECENT_MAX)
    request = duplicates.Request(pay.provider, pay.account, pay.amount)
    earlier = duplicates.judge(request, payments.open(talk.delivered.msisdn), recent, talk.now_us)
    match earlier.meaning, earlier.payment:
        case Meaning.RESEND_CODE, Payment() as payment:
            resend_code(talk, payment)
        case Meaning.STILL_CHECKING, Payment() as payment:
            talk.answer_about(payment, "checking")
        case Meaning.PROCESSING, Payment() as payment:
            talk.answer_about(payment, "processing")
        case Meaning.DUPLICATE, Payment() as payment:
            talk.answer_about(payment, "duplicate", {"m": str(earlier.minutes)})
        case Meaning.REPLACES, Payment() as payment:
            _replace(talk, payment)
            _open(talk, pay, fresh, providers[pay.provider])
        case _:
            _open(talk, pay, fresh, providers[pay.provider])


def resend_code(talk: Conversation, payment: Payment) -> None:
    """Text the same code again, if the rule for it allows."""
    rule = may_resend(payment, talk.now_us, talk.rules.code)
    left = {"m": minutes(payment.code_deadline_us - talk.now_us)}
    if rule.verdict is ResendVerdict.EXPIRED:
        talk.answer_about(payment, "code_expired")
    elif rule.verdict is ResendVerdict.NO_MORE:
        talk.answer_about(payment, "no_more_resend", left)
    elif rule.verdict is ResendVerdict.WAIT:
        talk.answer_about(payment, "resend_wait", left | {"s": str(rule.wait_s)})
    else:
        again = after_send(payment, talk.now_us)
        talk.tx.payments.save(again)
        talk.note("resent", again)
        put_code(talk.tx, again, talk.rules, "resent")


def close_check(tx: Tx, payment: Payment) -> None:
    """Nobody needs the answer to this payment's check any more."""
    call = tx.calls.get(payment.id, Kind.CHECK)
    if call is not None and call.state is CallState.DUE:
        tx.calls.save(ended(call))


def ended(call: ProviderCall) -> ProviderCall:
    """The call, done with."""
    return replace(call, state=CallState.DONE, lease_until_us=0)


def _answer_paused(talk: Conversation) -> None:
    until_us = talk.subscriber.paused_until_us
    if until_us == FOR_GOOD_US:
        talk.answer("locked_long")
    else:
        talk.answer("locked", {"m": minutes(until_us - talk.now_us)})


def _replace(talk: Conversation, payment: Payment) -> None:
    """The newer request wins. A code that was sent gets its own farewell; a check nobody has seen ends silently."""
    talk.tx.payments.save(advance(payment, Event.REPLACED, talk.now_us))
    if payment.state is State.AWAITING_CODE:
        talk.answer_about(payment, "replaced")
    else:
        close_check(talk.tx, payment)


def _open(talk: Conversation, pay: Pay, fresh: Fresh, provider: Provider) -> None:
    payee = talk.rules.provider(pay.provider)
    payment = _new_payment(talk, pay, fresh, payee)
    order = Order(payment.id, payment.account, payment.amount, payment.created_at_us)
    parameters = provider.parameters(Kind.CHECK, order)
    if parameters is None:
        whole = Money(payee.currency.scale, payee.currency).text()
        talk.answer("amount_step", amount_values(payee, pay.amount) | {"step": whole})
        return
    talk.tx.payments.add(payment)
    talk.tx.calls.add(new_call(payment, Kind.CHECK, parameters, talk.now_us))
    talk.note("checking", payment)


def _new_payment(talk: Conversation, pay: Pay, fresh: Fresh, payee: Payee) -> Payment:
    rules: Rules = talk.rules
    return Payment(
        id=new_reference(talk.now_us, fresh.reference_bits),
        number=talk.tx.payments.next_number(),
        msisdn=talk.delivered.msisdn,
        link=talk.delivered.link,
        provider=payee.name,
        account=pay.account,
        amount=pay.amount,
        fee=payee.fee.of(pay.amount),
        state=State.CHECKING,
        nonce=fresh.nonce,
        key_id=rules.keyring.current,
        language=talk.language,
        created_at_us=talk.now_us,
    )


def new_call(payment: Payment, kind: Kind, parameters: Mapping[str, str], now_us: int) -> ProviderCall:
    """A call that is due at once."""
    return ProviderCall(
        payment_id=payment.id,
        kind=kind,
        msisdn=payment.msisdn,
        provider=payment.provider,
        parameters=parameters,
        created_at_us=now_us,
        due_at_us=now_us,
    )


def amount_values(payee: Payee, amount: Money) -> dict[str, str]:
    """The values of the texts about a wrong amount."""
    rule = payee.amount
    return {
        "prov": payee.title,
        "amt": amount.text(),
        "min": rule.minimum.text(),
        "max": rule.maximum.text(),
        "step": Money(rule.step_minor, payee.currency).text(),
        "cur": payee.currency.code,
    }
