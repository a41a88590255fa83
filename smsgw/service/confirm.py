"""Confirm and cancel: the code comes back, or the subscriber thinks better of it.

Here, and only here, money is held: the right code, the limits, the hold and the order to pay are one transaction. A
source that has not answered yet holds nothing up here: the call is ordered, and settlement asks again before it begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from smsgw.domain.calls import Kind, Order
from smsgw.domain.changes import replace
from smsgw.domain.funds import Funds
from smsgw.domain.money import Money
from smsgw.domain.payment import Event, Payment, State, advance
from smsgw.domain.secret import Secret
from smsgw.ports import Provider
from smsgw.service.conversation import Conversation
from smsgw.service.inform import answer_status
from smsgw.service.parties import Parties
from smsgw.service.pay import close_check, new_call, over_one_payment
from smsgw.service.rules import US, Rules
from smsgw.sessions.codes import CodeVerdict, after_miss, binding_of, derive, judge, matches
from smsgw.sessions.lockout import after_right_code, after_wrong_code

# How far back a code is recognised as one of ours: codes live minutes, people answer old texts within the day.
OLD_CODES_MAX: Final = 10
OLD_CODE_S: Final = 24 * 3600

# What the right code of a payment that no longer waits for it is answered with; the others get their status.
CODE_OF_ENDED: Final = {
    State.PROCESSING: "processing",
    State.EXPIRED: "code_expired",
    State.CODE_SPENT: "code_dead",
}


def confirm(talk: Conversation, code: Secret[str], parties: Parties) -> None:
    """Judge a code: of the open payment, else of an earlier one, else a wrong one."""
    payments = talk.tx.payments.recent(talk.delivered.msisdn, OLD_CODES_MAX)
    waiting = next((p for p in payments if p.state is State.AWAITING_CODE), None)
    if waiting is None or not code_matches(waiting, code, talk.rules):
        earlier = next((p for p in payments if p is not waiting and _recognised(p, code, talk)), None)
        if earlier is not None:
            _answer_earlier(talk, earlier, waiting)
            return
    if waiting is not None:
        _judge(talk, waiting, code, parties)
        return
    checking = next((p for p in payments if p.state is State.CHECKING), None)
    if checking is not None:
        talk.answer_about(checking, "checking")
    else:
        talk.answer("nothing_pending")


def cancel(talk: Conversation) -> None:
    """Stop the open payment; nothing was charged. What is being paid already cannot be stopped by a text."""
    payment = talk.tx.payments.open(talk.delivered.msisdn)
    if payment is not None:
        talk.tx.payments.save(advance(payment, Event.CANCELLED, talk.now_us))
        close_check(talk.tx, payment)
        talk.answer_about(payment, "cancelled")
        return
    latest = talk.latest_payment
    if latest is not None and latest.state is State.PROCESSING:
        talk.answer_about(latest, "too_late_to_cancel")
    else:
        talk.answer("nothing_to_cancel")


def code_of(payment: Payment, rules: Rules) -> str:
    """The payment's one-time code, derived anew; it is stored nowhere."""
    return derive(rules.keyring.code_key(payment.key_id).reveal(), binding_of(payment), rules.code.digits)


def code_matches(payment: Payment, code: Secret[str], rules: Rules) -> bool:
    """Compare in constant time."""
    return matches(payment, code.reveal(), rules.keyring.code_key(payment.key_id).reveal(), rules.code.digits)


def _recognised(payment: Payment, code: Secret[str], talk: Conversation) -> bool:
    """True for the code of a payment that was texted one, within the day."""
    recent = talk.now_us - payment.created_at_us < OLD_CODE_S * US
    return recent and payment.code_sends > 0 and code_matches(payment, code, talk.rules)


def _answer_earlier(talk: Conversation, earlier: Payment, waiting: Payment | None) -> None:
    """The right code of another payment never counts as a wrong one, and never pays."""
    if waiting is not None and earlier.state in {State.REPLACED, State.CANCELLED, State.EXPIRED}:
        talk.answer_about(waiting, "code_of_old")
    elif earlier.state in CODE_OF_ENDED:
        talk.answer_about(earlier, CODE_OF_ENDED[earlier.state])
    else:
        answer_status(talk, earlier)


def _judge(talk: Conversation, payment: Payment, code: Secret[str], parties: Parties) -> None:
    """Judge a code against the payment that waits for one; count it if it is wrong and was not tried before."""
    key = talk.rules.keyring.code_key(payment.key_id).reveal()
    judgement = judge(payment, code.reveal(), key, talk.received_us, talk.rules.code)
    left = {"n": str(judgement.left)}
    match judgement.verdict:
        case CodeVerdict.MATCHED:
            _confirm_right(talk, payment, parties)
        case CodeVerdict.EXPIRED:
            talk.answer_about(payment, "code_expired")
        case CodeVerdict.REPEATED_MISS:
            # It spends no try, so nothing else would end a phone that sends it without end.
            if talk.within_answers():
                talk.answer_about(payment, "wrong_code", left)
        case CodeVerdict.MISSED:
            _count(talk, after_miss(payment, judgement.digest), Event.CODE_MISSED)
            talk.answer_about(payment, "wrong_code", left)
        case CodeVerdict.SPENT:
            _count(talk, after_miss(payment, judgement.digest), Event.CODE_TRIES_SPENT)
            talk.answer_about(payment, "code_dead")


def _count(talk: Conversation, missed: Payment, event: Event) -> None:
    talk.subscriber = after_wrong_code(talk.subscriber, talk.now_us)
    talk.tx.payments.save(advance(missed, event, talk.now_us))


def _confirm_right(talk: Conversation, payment: Payment, parties: Parties) -> None:
    talk.subscriber = after_right_code(talk.subscriber)
    provider, source = parties.providers.get(payment.provider), parties.sources.get(payment.source)
    if provider is None or source is None:
        # Taken out of the configuration meanwhile; put back in time, it is paid with the same code.
        talk.answer_about(payment, "bank_down")
        return
    over = _over_limit(talk, payment)
    if over is not None:
        _refuse(talk, payment, Event.OVER_LIMIT, *over)
        return
    funds = source.hold(talk.tx, payment)
    if funds in {Funds.SHORT, Funds.FREE}:
        _refuse(talk, payment, Event.NO_MONEY, "no_money")
    else:
        _order(talk, payment, provider, funds)


def _over_limit(talk: Conversation, payment: Payment) -> tuple[str, Mapping[str, str]] | None:
    """The reply about the first limit that the payment would pass, and its values; or None."""
    rules, allowance = talk.rules, talk.allowance
    over = over_one_payment(talk, payment.amount)
    if over is not None:
        return "over_limit_payment", over
    for period, limit, reply in (
        (rules.month(talk.now_us), allowance.month, "over_limit"),
        (rules.day(talk.now_us), allowance.day, "over_limit_day"),
    ):
        left = limit.minor - talk.tx.turnover.of(payment.msisdn, period)
        if payment.amount.minor > left:
            return reply, {"lim": limit.text(), "left": Money(max(0, left), limit.currency).text()}
    return None


def _refuse(
    talk: Conversation, payment: Payment, event: Event, reply: str, values: Mapping[str, str] | None = None
) -> None:
    talk.tx.payments.save(replace(advance(payment, event, talk.now_us), refusal=reply))
    talk.answer_about(payment, reply, values)


def _order(talk: Conversation, payment: Payment, provider: Provider, funds: Funds) -> None:
    """Fix the periods of the turnover and order the payment. The receipt comes later."""
    tx, now_us = talk.tx, talk.now_us
    confirmed = replace(
        advance(payment, Event.CODE_MATCHED, now_us),
        confirmed_at_us=now_us,
        day=talk.rules.day(now_us),
        month=talk.rules.month(now_us),
    )
    for period in (confirmed.day, confirmed.month):
        tx.turnover.add(confirmed.msisdn, period, confirmed.amount.minor)
    tx.payments.save(confirmed)
    parameters = provider.parameters(Kind.PAY, Order(confirmed.id, confirmed.account, confirmed.amount, now_us))
    assert parameters is not None, "an amount that the check could carry and the payment cannot"
    call = new_call(confirmed, Kind.PAY, parameters, now_us)
    if funds is Funds.UNKNOWN:
        tx.calls.add(replace(call, told=1))
        talk.answer_about(confirmed, "processing")
    else:
        tx.calls.add(call)
        talk.note("confirmed", confirmed)
