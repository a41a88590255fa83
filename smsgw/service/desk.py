"""How one text is taken inside its transaction.

The order of judgement is fixed here: a repeat of the same delivery, a stranger, a flood, then the text itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smsgw.domain.payment import Payment, State
from smsgw.domain.secret import Secret
from smsgw.domain.sms import InboundPart
from smsgw.parser.intents import (
    Balance,
    Cancel,
    Confirm,
    Forwarded,
    Help,
    Intent,
    List,
    Pay,
    Reason,
    Resend,
    Status,
    Unclear,
    Yes,
)
from smsgw.parser.normalise import comparable
from smsgw.ports import Clock, Wording
from smsgw.service import inform
from smsgw.service.confirm import cancel, code_of, confirm
from smsgw.service.conversation import Conversation, Delivered
from smsgw.service.parties import Parties
from smsgw.service.passwords import Judged
from smsgw.service.pay import STALE_US, Fresh, Step, judge_sender, request_payment, resend_code
from smsgw.service.rules import SAME_DELIVERY_S, US, Rules
from smsgw.service.values import payment_values, time_values
from smsgw.sessions.answers import tell_stranger
from smsgw.transaction import Tx


class Taken(StrEnum):
    """What came of a unit that is no verdict: nothing was written, and of a repeat only the parts are dropped."""

    REPEAT = "repeat"
    JUDGE_AGAIN = "judge_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One text, judged as far as it can be before the transaction.

    `received_s` is the monotonic time at which the link read it: a code counts by when it came, not by how long the
    writer was busy. `judged` and `fresh` come with Pay only.
    """

    delivered: Delivered
    intent: Intent
    text: str
    received_s: float
    sent_at_us: int | None = None
    last_part: InboundPart | None = None
    judged: Judged | None = None
    fresh: Fresh | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes texts: the rules, the other parties and the words in one place."""

    rules: Rules
    parties: Parties
    wording: Wording
    clock: Clock

    def take(self, tx: Tx, request: Request) -> str:
        """Do everything that a text asks for, in one transaction; return its verdict, or a `Taken`."""
        waited_us = int((self.clock.monotonic_s() - request.received_s) * US)
        talk = Conversation(tx, self.rules, request.delivered, tx.now_us - waited_us)
        delivered = request.delivered
        repeated = self._repeated(tx, request)
        if not repeated and self._admit(talk, request.intent) and self._answer(talk, request) is Step.JUDGE_AGAIN:
            return Taken.JUDGE_AGAIN
        if request.last_part is not None:
            tx.messages.drop_parts(delivered.msisdn, request.last_part)
        return Taken.REPEAT if repeated else talk.close()

    def _repeated(self, tx: Tx, request: Request) -> bool:
        """True for the same delivery again: the last text that was taken, within a minute.

        After another text the same words mean something anew: a payment after its cancellation. A stop and a wish for
        the code are never repeats: two stops harm nothing, and resends have a gap and a count of their own.
        """
        if isinstance(request.intent, Cancel | Resend):
            return False
        msisdn, link, digest = request.delivered
        return tx.messages.latest(msisdn, link, tx.now_us - SAME_DELIVERY_S * US) == digest

    def _admit(self, talk: Conversation, intent: Intent) -> bool:
        """Strangers hear once a day that they are strangers; floods end in one notice, then silence."""
        if not talk.subscriber.registered:
            _tell_stranger(talk, intent)
            return False
        stops_or_confirms = isinstance(intent, Confirm | Cancel)
        if stops_or_confirms and talk.tx.payments.open(talk.delivered.msisdn) is not None:
            return True
        return talk.within_answers()

    def _answer(self, talk: Conversation, request: Request) -> Step:
        """Act on the text. Only Pay can ask for another judgement of its password."""
        match request.intent:
            case Pay() as wanted:
                return self._pay(talk, wanted, request)
            case Confirm(code):
                confirm(talk, code, self.parties)
            case Forwarded():
                self._forwarded(talk, request.text)
            case Cancel():
                cancel(talk)
            case Resend():
                _resend(talk)
            case Yes():
                _yes(talk)
            case Unclear(Reason.UNKNOWN):
                inform.not_understood(talk)
            case Unclear() as unclear:
                talk.answer(unclear.reason.value, unclear.values)
            case Help() | List() | Status() | Balance() as question:
                _inform(talk, question)
        return Step.ANSWERED

    def _pay(self, talk: Conversation, wanted: Pay, request: Request) -> Step:
        assert request.judged is not None, "a payment without a judged password"
        assert request.fresh is not None, "a payment without fresh randomness"
        if request.sent_at_us is not None and talk.received_us - request.sent_at_us > STALE_US:
            talk.answer("stale", time_values(request.sent_at_us, talk.rules))
            return Step.ANSWERED
        step = judge_sender(talk, request.judged)
        if step is Step.GO_ON:
            request_payment(talk, wanted, request.fresh, self.parties)
        return step

    def _forwarded(self, talk: Conversation, text: str) -> None:
        """Our own code SMS, forwarded whole, is its code; any other text with digits is no attempt at it."""
        payment = talk.tx.payments.open(talk.delivered.msisdn)
        if payment is not None and payment.state is State.AWAITING_CODE:
            code = code_of(payment, talk.rules)
            if comparable(text) in self._sent_texts(payment, code):
                confirm(talk, Secret(code), self.parties)
            else:
                _remind(talk, payment)
        else:
            inform.not_understood(talk)

    def _sent_texts(self, payment: Payment, code: str) -> set[str]:
        """Every form in which the payment's code can have been texted: the minutes differ."""
        values = payment_values(payment, self.rules) | {"code": code}
        life = range(1, self.rules.code.ttl_s // 60 + 2)
        return {
            comparable(self.wording.render(event, values | {"m": str(m)}, payment.language))
            for event in ("code", "resent")
            for m in life
        }


def _tell_stranger(talk: Conversation, intent: Intent) -> None:
    talk.subscriber, told = tell_stranger(talk.subscriber, talk.now_us)
    if told:
        talk.answer("help" if isinstance(intent, Help) else "not_registered")
    else:
        talk.note("stranger_silence")


def _resend(talk: Conversation) -> None:
    payment = talk.tx.payments.open(talk.delivered.msisdn)
    if payment is None:
        talk.answer("nothing_pending")
    elif payment.state is State.CHECKING:
        talk.answer_about(payment, "checking")
    else:
        resend_code(talk, payment)


def _yes(talk: Conversation) -> None:
    payment = talk.tx.payments.open(talk.delivered.msisdn)
    if payment is None:
        talk.answer("nothing_pending")
    elif payment.state is State.CHECKING:
        talk.answer_about(payment, "checking")
    else:
        _remind(talk, payment)


def _remind(talk: Conversation, payment: Payment) -> None:
    """Only the code pays; after its deadline, to which the sweep has not come yet, nothing does."""
    talk.answer_about(payment, "code_expired" if talk.now_us > payment.code_deadline_us else "need_code")


def _inform(talk: Conversation, question: Help | List | Status | Balance) -> None:
    match question:
        case Help():
            inform.help_about(talk, question)
        case List():
            inform.list_providers(talk, question)
        case Status():
            inform.status_of(talk, question)
        case Balance():
            inform.balance_of(talk)
