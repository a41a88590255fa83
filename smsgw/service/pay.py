"""Pay: a payment is asked for. Nothing is charged here; at most the provider is asked about the account."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from smsgw.domain.calls import CallState, Kind, Order, ProviderCall
from smsgw.domain.catalogue import Division, Provider as Payee
from smsgw.domain.changes import replace
from smsgw.domain.funds import WALLET
from smsgw.domain.money import Money
from smsgw.domain.payment import Event, Payment, State, advance, new_reference
from smsgw.domain.phones import masked
from smsgw.domain.subscriber import FOR_GOOD_US
from smsgw.log import get_logger
from smsgw.parser.intents import Pay
from smsgw.service.conversation import Conversation
from smsgw.service.parties import Parties
from smsgw.service.passwords import Judged, PasswordVerdict
from smsgw.service.texts import put_code
from smsgw.service.values import minutes
from smsgw.sessions import duplicates
from smsgw.sessions.codes import ResendVerdict, after_send, may_resend
from smsgw.sessions.duplicates import Meaning
from smsgw.sessions.lockout import after_right_password, after_wrong_password, passwords_left
from smsgw.transaction import Tx

# The guard looks at payments of the last minutes; nobody makes more than this in them.
RECENT_MAX = 20
# An SMS that the network kept for longer is not acted upon: the sender has forgotten it, or paid elsewhere.
STALE_US = 15 * 60 * 1_000_000

log = get_logger(__name__)


class Fresh(NamedTuple):
    """Randomness for a new payment, drawn before the transaction so that a second run of it makes the same payment."""

    reference_bits: int
    nonce: bytes


class Wanted(NamedTuple):
    """What a text asks for, once its sum is divided: `amount` is what the payee would get."""

    payee: Payee
    account: tuple[str, ...]
    amount: Money
    fee: Money


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


def request_payment(talk: Conversation, pay: Pay, fresh: Fresh, parties: Parties) -> None:
    """Open a payment, or answer with what the same request has already led to."""
    payee = talk.rules.provider(pay.provider)
    division = payee.divide(pay.amount, WALLET)
    if not payee.amount.accepts(division.amount):
        _answer_amount(talk, payee, pay.amount, division)
        return
    wanted = Wanted(payee, pay.account, *division)
    payments = talk.tx.payments
    recent = payments.recent(talk.delivered.msisdn, RECENT_MAX)
    request = duplicates.Request(pay.provider, pay.account, wanted.amount)
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
        case _:
            _open(talk, wanted, fresh, parties, earlier.payment)


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


def _open(talk: Conversation, wanted: Wanted, fresh: Fresh, parties: Parties, replaced: Payment | None) -> None:
    """Start a payment. What is refused here disturbs no earlier one."""
    _warn_of_level(talk)
    over = over_one_payment(talk, wanted.amount)
    if over is not None:
        talk.answer("over_limit_payment", over)
        return
    provider, payment = parties.providers[wanted.payee.name], _new_payment(talk, wanted, fresh)
    order = Order(payment.id, payment.account, payment.amount, payment.created_at_us)
    parameters = provider.parameters(Kind.CHECK, order)
    if parameters is None:
        whole = Money(wanted.payee.currency.scale, wanted.payee.currency).text()
        talk.answer("amount_step", amount_values(wanted.payee, wanted.amount) | {"step": whole})
        return
    if replaced is not None:
        _replace(talk, replaced)
    talk.tx.payments.add(payment)
    talk.tx.calls.add(new_call(payment, Kind.CHECK, parameters, talk.now_us))
    talk.note("checking", payment)


def _warn_of_level(talk: Conversation) -> None:
    level = talk.subscriber.level
    if not talk.rules.limits.known(level):
        log.warning("subscriber.level_unknown", number=masked(talk.delivered.msisdn), level=level)


def over_one_payment(talk: Conversation, amount: Money) -> Mapping[str, str] | None:
    """The values of the text `over_limit_payment`; None where *amount* may be paid at once. Exactly the limit may."""
    limit = talk.allowance.payment
    if limit is None or amount.minor <= limit.minor:
        return None
    return {"lim": limit.text(), "amt": amount.text(), "cur": amount.currency.code}


def _answer_amount(talk: Conversation, payee: Payee, texted: Money, division: Division) -> None:
    """Refuse a sum whose part for the payee is too small, too large, or no whole number of steps."""
    if payee.amount.minimum <= division.amount <= payee.amount.maximum:
        talk.answer("amount_step", amount_values(payee, texted))
        return
    values = amount_values(payee, max(division.amount, Money(0, payee.currency)))
    talk.answer("amount_range", values if division.amount == texted else values | {"total": texted.text()})


def _new_payment(talk: Conversation, wanted: Wanted, fresh: Fresh) -> Payment:
    return Payment(
        id=new_reference(talk.now_us, fresh.reference_bits),
        number=talk.tx.payments.next_number(),
        msisdn=talk.delivered.msisdn,
        link=talk.delivered.link,
        provider=wanted.payee.name,
        account=wanted.account,
        amount=wanted.amount,
        fee=wanted.fee,
        source=WALLET,
        state=State.CHECKING,
        nonce=fresh.nonce,
        key_id=talk.rules.keyring.current,
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
