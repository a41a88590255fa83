"""Expire: codes whose deadline has passed. Each payment is looked at again under its subscriber's lock."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from smsgw.domain.payment import Event, State, advance
from smsgw.domain.phones import Msisdn, masked
from smsgw.log import get_logger
from smsgw.ports import Store, StoreUnavailable, WorkFailed
from smsgw.service.rules import Rules
from smsgw.sessions.codes import expired_before_us
from smsgw.transaction import Tx

# One round of the second; a backlog after a long stop is worked off in a few of them.
BATCH_MAX: Final = 200

log = get_logger(__name__)


async def expire(store: Store, rules: Rules) -> int:
    """End one batch of payments whose code did not come; return how many.

    A code counts by the time at which it was received, so expiry waits a grace beyond the deadline for those that are
    still on their way to the writer.
    """
    past = await store.write(
        "", lambda tx: tx.payments.past_deadline(expired_before_us(tx.now_us, rules.code), BATCH_MAX)
    )
    # Side by side: they share a commit, and one that fails does not stop those behind it.
    ended = sum(await asyncio.gather(*(_ended(store, rules, msisdn, payment_id) for msisdn, payment_id in past)))
    if ended:
        log.info("payments.expired", count=ended)
    return ended


async def _ended(store: Store, rules: Rules, msisdn: Msisdn, payment_id: int) -> bool:
    try:
        await store.write(msisdn, partial(_expire_one, msisdn, payment_id, rules))
    except (StoreUnavailable, WorkFailed) as reason:
        log.error("payment.not_expired", number=masked(msisdn), reason=repr(reason))
        return False
    return True


def _expire_one(msisdn: Msisdn, payment_id: int, rules: Rules, tx: Tx) -> None:
    tx.subscribers.lock(msisdn)
    payment = tx.payments.get(payment_id)
    assert payment is not None, "payments are never deleted"
    if payment.state is State.AWAITING_CODE and payment.code_deadline_us < expired_before_us(tx.now_us, rules.code):
        tx.payments.save(advance(payment, Event.DEADLINE_PASSED, tx.now_us))
