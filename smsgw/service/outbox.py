"""Outbox: one text leaves, and what the SMSC says is committed.

At least once, bounded: a text is repeated only while its submit_sm has no committed answer, or the SMSC asked for
patience. A code is worth nothing after its deadline and is then not sent at all.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.phones import masked
from smsgw.domain.sms import (
    Delivery,
    NotSubmitted,
    OutboundSms,
    SubmitOutcome,
    SubmitRefused,
    Submitted,
    SubmitUnknown,
)
from smsgw.log import get_logger
from smsgw.ports import Clock, Store, Texting, Tx, Wording
from smsgw.service.rules import US, Rules
from smsgw.service.texts import BINDING, KEY_ID, stored_binding
from smsgw.sessions.codes import derive

# One claim covers three waits of 10 s each: in this node's memory, for a place in the window, for the SMSC's answer.
SUBMIT_LEASE_S: Final = 30
# What is not submitted this long after its turn came in memory could outlive its lease, and be sent by another claim.
SUBMIT_WITHIN_S: Final = 10
# A text that an SMSC keeps refusing "for now" is tried this often, about an hour with the waits below.
ATTEMPTS_MAX: Final = 12
# Waits after a temporary refusal, seconds; the last one repeats. A link that is down is no attempt.
RETRY_S: Final = (2, 5, 15, 60, 300, 600)
# Without a bound session there is nothing to do but look again soon.
NO_LINK_RETRY_S: Final = 2

log = get_logger(__name__)


class Sender:
    """Sends the rows of the outbox that this node has leased."""

    def __init__(self, rules: Rules, wording: Wording, texting: Texting, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._wording = wording
        self._texting = texting
        self._store = store
        self._clock = clock

    async def send(self, sms: OutboundSms) -> None:
        """Send one text and commit the outcome."""
        started_s = self._clock.monotonic_s()
        left_s = (sms.expires_at_us - self._clock.now_us()) // US
        if left_s <= 0:
            await self._store.write(sms.msisdn, partial(_expired, sms))
            log.warning("sms.expired", event_name=sms.event, to=masked(sms.msisdn))
            return
        outcome = await self._texting.submit(
            sms.link,
            sms.msisdn,
            self.text_of(sms),
            left_s,
            lambda: self._clock.monotonic_s() < started_s + SUBMIT_WITHIN_S,
        )
        await self._store.write(sms.msisdn, partial(_record, sms, outcome))
        log.debug("sms.submitted", event_name=sms.event, to=masked(sms.msisdn), outcome=type(outcome).__name__)

    def text_of(self, sms: OutboundSms) -> str:
        """The words, with the code derived anew where the text carries one."""
        values = dict(sms.values)
        if BINDING in values:
            key = self._rules.keyring.code_key(values[KEY_ID])
            values["code"] = derive(key, stored_binding(values), self._rules.code.digits)
        return self._wording.render(sms.event, values, sms.language)


def _expired(sms: OutboundSms, tx: Tx) -> None:
    tx.outbox.save(replace(sms, state=Delivery.EXPIRED, lease_until_us=0))


def _record(sms: OutboundSms, outcome: SubmitOutcome, tx: Tx) -> None:
    """Commit the outcome of one submit_sm, if this node still holds the row."""
    tx.outbox.save(after(sms, outcome, tx.now_us))


def after(sms: OutboundSms, outcome: SubmitOutcome, now_us: int) -> OutboundSms:
    """The row after one submit_sm.

    An unknown outcome is sent once more, and says so (`possibly_twice`); a temporary refusal waits; any other refusal
    ends the row.
    """
    attempts = sms.attempts + 1
    match outcome:
        case Submitted(message_id):
            return replace(sms, state=Delivery.SENT, message_id=message_id, attempts=attempts, lease_until_us=0)
        case NotSubmitted():
            return replace(sms, due_at_us=now_us + NO_LINK_RETRY_S * US, lease_until_us=0)
        case SubmitRefused(temporary=False):
            return replace(sms, state=Delivery.FAILED, attempts=attempts, lease_until_us=0)
        case _ if attempts >= ATTEMPTS_MAX:
            return replace(sms, state=Delivery.FAILED, attempts=attempts, lease_until_us=0)
        case SubmitRefused(retry_after_s=wait_s):
            pause_s = max(wait_s, RETRY_S[min(attempts, len(RETRY_S)) - 1])
            return replace(sms, attempts=attempts, due_at_us=now_us + int(pause_s * US), lease_until_us=0)
        case SubmitUnknown():
            return replace(sms, attempts=attempts, due_at_us=now_us, lease_until_us=0, possibly_twice=True)
    raise AssertionError(f"a submit outcome without a row: {outcome}")
