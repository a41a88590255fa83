"""Subscribers, as the contact centre knows them: registered, identified, blocked, unblocked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.payment import Event, advance
from smsgw.domain.phones import Msisdn, masked
from smsgw.domain.subscriber import Subscriber
from smsgw.log import get_logger
from smsgw.ports import Store
from smsgw.service.pay import close_check
from smsgw.sessions.lockout import after_pause_lifted
from smsgw.transaction import Tx

# What a change of credentials, a block or an unblock adds to the version that every remembered password is bound to.
VERSION_STEP: Final = 1

log = get_logger(__name__)


async def register(store: Store, msisdn: Msisdn, language: str, verifier: str, pepper_id: str) -> Subscriber:
    """Register a number with its password verifier, or give a registered one a new password."""

    def change(subscriber: Subscriber) -> Subscriber:
        return replace(
            subscriber,
            registered=True,
            language=language or subscriber.language,
            verifier=verifier,
            pepper_id=pepper_id,
            wrong_passwords=0,
        )

    changed = await _change(store, msisdn, change)
    log.info("subscriber.registered", number=masked(msisdn))
    return changed


async def identify(store: Store, msisdn: Msisdn, level: str) -> Subscriber:
    """Set the level of identification, whose limits hold from the next text on; "" = none, the limits of everybody."""
    changed = await _change(store, msisdn, lambda s: replace(s, level=level))
    log.info("subscriber.identified", number=masked(msisdn), level=level)
    return changed


async def block(store: Store, msisdn: Msisdn) -> Subscriber:
    """Stop all payments of a number, the open one too, until the contact centre unblocks it."""
    changed = await _change(store, msisdn, lambda s: replace(s, blocked=True))
    log.info("subscriber.blocked", number=masked(msisdn))
    return changed


async def unblock(store: Store, msisdn: Msisdn) -> Subscriber:
    """Lift a block and every pause; passwords are counted anew, wrong codes go on."""
    changed = await _change(store, msisdn, lambda s: replace(after_pause_lifted(s), blocked=False))
    log.info("subscriber.unblocked", number=masked(msisdn))
    return changed


async def _change(store: Store, msisdn: Msisdn, change: Callable[[Subscriber], Subscriber]) -> Subscriber:
    return await store.write(msisdn, partial(_apply, msisdn, change))


def _apply(msisdn: Msisdn, change: Callable[[Subscriber], Subscriber], tx: Tx) -> Subscriber:
    before = tx.subscribers.lock(msisdn)
    after = replace(change(before), credential_version=before.credential_version + VERSION_STEP)
    tx.subscribers.save(after)
    if after.blocked:
        _stop_open(msisdn, tx)
    return after


def _stop_open(msisdn: Msisdn, tx: Tx) -> None:
    payment = tx.payments.open(msisdn)
    if payment is not None:
        tx.payments.save(advance(payment, Event.CANCELLED, tx.now_us))
        close_check(tx, payment)
