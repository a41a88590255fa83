"""Outbox: one text leaves, and what the SMSC says is committed.

At least once, bounded: a text is repeated only while its submit_sm has no committed answer, or the SMSC asked for
patience. An answer that comes after its time-out still counts, unless the next try has begun. A code is worth nothing
after its deadline and is then not sent at all.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.payment import State
from smsgw.domain.phones import masked
from smsgw.domain.sms import (
    Attempt,
    Delivery,
    NotSubmitted,
    OutboundSms,
    SubmitOutcome,
    SubmitRefused,
    Submitted,
    SubmitUnknown,
)
from smsgw.log import get_logger
from smsgw.ports import Clock, Store, StoreUnavailable, Texting, Wording, WorkFailed
from smsgw.service.rules import US, Rules
from smsgw.service.texts import BINDING, KEY_ID, put_answer, recipient_of, stored_binding
from smsgw.service.values import payment_values
from smsgw.sessions.codes import derive
from smsgw.transaction import Tx

# One claim covers three waits of 10 s each: in this node's memory, for a place in the window, for the SMSC's answer.
SUBMIT_LEASE_S: Final = 30
# What is not submitted this long after its turn came in memory could outlive its lease, and be sent by another claim.
SUBMIT_WITHIN_S: Final = 10
# A text that an SMSC keeps refusing "for now" is tried this often, about an hour with the waits below.
ATTEMPTS_MAX: Final = 12
# Waits after a temporary refusal, or for an answer that is late already, seconds; the last one repeats. A link that is
# down is no attempt.
RETRY_S: Final = (2.0, 5.0, 15.0, 60.0, 300.0, 600.0)
# Without a bound session there is nothing to do but look again soon.
NO_LINK_RETRY_S: Final = 2

# How soon to look again whether a payment has ended whose code did not leave: its grace is ten seconds.
ENDED_RETRY_S: Final = 2
CODES: Final = frozenset({"code", "resent"})
"""Texts that carry a code."""

log = get_logger(__name__)


class Sender:
    """Sends the rows of the outbox that this node has leased."""

    def __init__(self, rules: Rules, wording: Wording, texting: Texting, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._wording = wording
        self._texting = texting
        self._store = store
        self._clock = clock

    async def send(self, sms: OutboundSms) -> bool:
        """Send one text and commit the outcome; False = it is still to be sent, and later ones must not overtake it."""
        # By the clock that all nodes share: when the row was leased, it had so long to live.
        left_s = (sms.expires_at_us - sms.lease_until_us) // US + SUBMIT_LEASE_S
        if left_s <= 0:
            ended = await self._store.write(sms.msisdn, partial(_expired, sms, self._rules))
            if ended:
                log.warning("sms.expired", event_name=sms.event, to=masked(sms.msisdn))
            return ended
        try:
            text = self.text_of(sms)
        except (LookupError, ValueError):
            # Its event or its key was taken out of the configuration: it must not hold up what comes after it.
            log.exception("sms.failed", event_name=sms.event, to=masked(sms.msisdn), outcome="NoWords")
            await self._store.write(sms.msisdn, partial(_ended, sms, Delivery.FAILED))
            return True
        return await self._submit(sms, text, left_s)

    async def put_back(self, sms: OutboundSms) -> None:
        """Give up the lease of a text whose turn has not come: whoever claims it next may send it."""
        await self._store.write(sms.msisdn, partial(_saved, replace(sms, lease_until_us=0)))

    async def _submit(self, sms: OutboundSms, text: str, left_s: int) -> bool:
        last_s = self._clock.monotonic_s() + SUBMIT_WITHIN_S
        attempt = Attempt(
            left_s=left_s,
            expires_at_us=sms.expires_at_us,
            may_send=lambda: self._clock.monotonic_s() < last_s,
            late=partial(self._late, sms),
        )
        outcome = await self._texting.submit(sms.link, sms.msisdn, text, attempt)
        return await self._commit(sms, outcome) is not Delivery.QUEUED

    async def _late(self, sms: OutboundSms, outcome: SubmitOutcome) -> None:
        """Commit what became of a text, as if it had been known in time; nothing, once the row is in hand again."""
        log.info("sms.answered_late", event_name=sms.event, to=masked(sms.msisdn), outcome=type(outcome).__name__)
        try:
            await self._commit(sms, outcome)
        except (StoreUnavailable, WorkFailed) as reason:
            # As if it had never come: the text goes out again.
            log.error("sms.late_not_stored", event_name=sms.event, to=masked(sms.msisdn), reason=type(reason).__name__)

    async def _commit(self, sms: OutboundSms, outcome: SubmitOutcome) -> Delivery:
        """Commit the outcome of one submit_sm, if nobody has taken the row in hand since; return how it stands."""
        state = await self._store.write(sms.msisdn, partial(_record, sms, outcome))
        log.debug("sms.submitted", event_name=sms.event, to=masked(sms.msisdn), outcome=type(outcome).__name__)
        if state is Delivery.FAILED:
            log.warning("sms.failed", event_name=sms.event, to=masked(sms.msisdn), outcome=type(outcome).__name__)
        return state

    def text_of(self, sms: OutboundSms) -> str:
        """The words, with the code derived anew where the text carries one."""
        values = dict(sms.values)
        if BINDING in values:
            key = self._rules.keyring.code_key(values[KEY_ID]).reveal()
            values["code"] = derive(key, stored_binding(values), self._rules.code.digits)
        return self._wording.render(sms.event, values, sms.language)


def _record(sms: OutboundSms, outcome: SubmitOutcome, tx: Tx) -> Delivery:
    """Write the outcome of one submit_sm, if the epoch of the row still holds; return how the row stands."""
    later = after(sms, outcome, tx.now_us)
    return later.state if _saved(later, tx) else Delivery.QUEUED


def _saved(sms: OutboundSms, tx: Tx) -> bool:
    return tx.outbox.save(sms)


def _ended(sms: OutboundSms, state: Delivery, tx: Tx) -> bool:
    return _saved(replace(sms, state=state, lease_until_us=0), tx)


def _expired(sms: OutboundSms, rules: Rules, tx: Tx) -> bool:
    """End a text whose time is over; False = not yet.

    A code that could not leave in time still owes its payer an answer, once its payment has ended for it: before, the
    code may have arrived though nobody said so, and be on its way back.
    """
    tx.subscribers.lock(sms.msisdn)
    payment = tx.payments.get(sms.payment_id or 0) if sms.event in CODES else None
    if payment is not None and payment.state is State.AWAITING_CODE:
        _saved(replace(sms, lease_until_us=0, due_at_us=tx.now_us + ENDED_RETRY_S * US), tx)
        return False
    # Of a code that was sent again only the latest text is answered for.
    owed = payment is not None and payment.state is State.EXPIRED and sms.created_at_us >= payment.code_sent_at_us
    if _ended(sms, Delivery.EXPIRED, tx) and owed and payment is not None:
        put_answer(tx, recipient_of(payment), "code_expired", payment_values(payment, rules), payment.id)
    return True


def after(sms: OutboundSms, outcome: SubmitOutcome, now_us: int) -> OutboundSms:
    """The row after one submit_sm.

    An unknown outcome is sent again, and says so (`possibly_twice`), after the wait of a temporary refusal: its answer
    may come still. Any other refusal ends the row.
    """
    attempts = sms.attempts + 1
    wait_s = RETRY_S[min(attempts, len(RETRY_S)) - 1]
    match outcome:
        case Submitted(message_id, stand_in):
            # Its receipt comes by the link that it left by.
            sent = replace(sms, link=stand_in or sms.link, message_id=message_id)
            return replace(sent, state=Delivery.SENT, attempts=attempts, lease_until_us=0)
        case NotSubmitted():
            return replace(sms, due_at_us=now_us + NO_LINK_RETRY_S * US, lease_until_us=0)
        case SubmitRefused(temporary=False):
            return replace(sms, state=Delivery.FAILED, attempts=attempts, lease_until_us=0)
        case _ if attempts >= ATTEMPTS_MAX:
            return replace(sms, state=Delivery.FAILED, attempts=attempts, lease_until_us=0)
        case SubmitRefused(retry_after_s=asked_s):
            wait_s = max(wait_s, asked_s)
        case SubmitUnknown():
            sms = replace(sms, possibly_twice=True)
    return replace(sms, attempts=attempts, due_at_us=now_us + int(wait_s * US), lease_until_us=0)
