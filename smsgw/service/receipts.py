"""Delivery receipts: the SMSC says what became of a text. Acknowledged only once it is committed."""

from __future__ import annotations

from functools import partial
from typing import Final

from smsgw.domain.sms import Ack, Delivery
from smsgw.log import get_logger
from smsgw.ports import Store, StoreUnavailable, WorkFailed
from smsgw.transaction import Tx

# Such receipts are rare; of a thousand that a failure left behind these are some rounds.
CATCH_UP_MAX: Final = 100

log = get_logger(__name__)


class Receipts:
    """Takes delivery receipts from the links."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def receive(self, link: str, message_id: str, delivery: Delivery) -> Ack:
        """Follow one receipt. It may come before the answer to its submit_sm, on another session, or twice."""
        try:
            known = await self._store.write("", partial(_follow, link, message_id, delivery))
        except (StoreUnavailable, WorkFailed) as reason:
            log.error("receipt.not_stored", link=link, reason=type(reason).__name__)
            return Ack.RETRY
        log.debug("receipt.taken", link=link, delivery=delivery.value, known=known)
        return Ack.DONE

    async def catch_up(self) -> int:
        """Follow what was parked in the moment in which the answer to its submit_sm was committed; return how many."""
        return await self._store.write("", lambda tx: tx.outbox.follow_overtaken(CATCH_UP_MAX))


def _follow(link: str, message_id: str, delivery: Delivery, tx: Tx) -> bool:
    return tx.outbox.receipt(link, message_id, delivery)
