"""One text of one subscriber, inside one transaction: who it is, what was answered, what is written at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import Subscriber
from smsgw.service.rules import Allowance, Rules
from smsgw.service.texts import Recipient, put_answer
from smsgw.service.values import payment_values
from smsgw.sessions.answers import AnswerVerdict, count_answer, minutes_until_answers
from smsgw.transaction import Tx


class Delivered(NamedTuple):
    """What the link says of a text: the subscriber, the link, the keyed digest of this delivery."""

    msisdn: Msisdn
    link: str
    digest: bytes


class Conversation:
    """Collects what a text changes. `close` writes the subscriber and the MO row, once, at the end of the unit."""

    def __init__(self, tx: Tx, rules: Rules, delivered: Delivered, received_us: int) -> None:
        self.received_us = received_us
        self.tx = tx
        self.rules = rules
        self.delivered = delivered
        self.subscriber: Subscriber = tx.subscribers.lock(delivered.msisdn)
        self._loaded = self.subscriber
        self.verdict = ""
        self.payment_id: int | None = None

    @property
    def now_us(self) -> int:
        """The transaction's time."""
        return self.tx.now_us

    @property
    def language(self) -> str:
        """The language of the answers: the subscriber's own, else the house's."""
        return self.subscriber.language or self.rules.language

    @property
    def allowance(self) -> Allowance:
        """The most that this subscriber may pay."""
        return self.rules.limits.of(self.subscriber.level)

    @property
    def latest_payment(self) -> Payment | None:
        """The last one that this subscriber asked for, however it ended."""
        return next(iter(self.tx.payments.recent(self.delivered.msisdn, 1)), None)

    @property
    def recipient(self) -> Recipient:
        """Where the answers go."""
        return Recipient(self.delivered.msisdn, self.delivered.link, self.language)

    def answer(self, event: str, values: Mapping[str, str] | None = None) -> None:
        """Answer with a text that is about no payment."""
        self.verdict = event
        put_answer(self.tx, self.recipient, event, values or {})

    def answer_about(self, payment: Payment, event: str, more: Mapping[str, str] | None = None) -> None:
        """Answer with a text about *payment*."""
        self.note(event, payment)
        put_answer(self.tx, self.recipient, event, {**payment_values(payment, self.rules), **(more or {})}, payment.id)

    def within_answers(self) -> bool:
        """Count one more answer; False = beyond what an hour allows: the limit is told once, then there is silence."""
        limit = self.rules.limits.answers_per_hour
        self.subscriber, verdict = count_answer(self.subscriber, self.now_us, limit)
        if verdict is AnswerVerdict.FLOOD_NOTICE:
            self.answer("flood", {"m": str(minutes_until_answers(self.subscriber, self.now_us))})
        elif verdict is AnswerVerdict.SILENT:
            self.note("flood_silence")
        return verdict is AnswerVerdict.ANSWER

    def note(self, verdict: str, payment: Payment | None = None) -> None:
        """Record what became of the text where the answer comes later, or not at all."""
        self.verdict = verdict
        if payment is not None:
            self.payment_id = payment.id

    def close(self) -> str:
        """Write the subscriber (if changed) and the MO row; return the verdict."""
        assert self.verdict, "every text has a verdict"
        if self.subscriber != self._loaded:
            self.tx.subscribers.save(self.subscriber)
        delivered = self.delivered
        self.tx.messages.add(delivered.msisdn, delivered.link, delivered.digest, self.verdict, self.payment_id)
        return self.verdict
