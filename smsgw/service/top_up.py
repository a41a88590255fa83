"""Top-up: an agent took cash, a kiosk took notes, and the wallet gets it. Idempotent by the agent's own key."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from smsgw.domain.money import Money
from smsgw.domain.phones import Msisdn
from smsgw.ledger.accounts import wallet_of
from smsgw.ledger.rules import top_up
from smsgw.ledger.transfers import Outcome, Transfer
from smsgw.log import get_logger
from smsgw.ports import Store
from smsgw.transaction import Tx

log = get_logger(__name__)


class TopUp(StrEnum):
    """What came of a top-up."""

    DONE = "done"
    REPEATED = "repeated"
    OTHER_UNDER_KEY = "other_under_key"
    NOT_REGISTERED = "not_registered"


async def top_up_wallet(store: Store, msisdn: Msisdn, agent: str, amount: Money, key: str) -> tuple[TopUp, Money]:
    """Move *amount* from the agent's cash account into the wallet; return the outcome and what the wallet has now.

    The same key with the same values answers REPEATED and moves nothing; with other values it is refused.

    Raises:
        ValueError: the key or the agent's name cannot be used.
    """
    transfer = top_up(key, msisdn, agent, amount)
    outcome, available = await store.write(msisdn, partial(_top_up, msisdn, transfer))
    log.info("wallet.topped_up", agent=agent, amount_minor=amount.minor, outcome=outcome.value)
    return outcome, available


def _top_up(msisdn: Msisdn, transfer: Transfer, tx: Tx) -> tuple[TopUp, Money]:
    wallet, currency = wallet_of(msisdn), transfer.amount.currency
    if not tx.subscribers.lock(msisdn).registered:
        return TopUp.NOT_REGISTERED, tx.ledger.account(wallet, currency).available
    match tx.ledger.apply(transfer):
        case Outcome.POSTED:
            result = TopUp.DONE
        case Outcome.EXISTS:
            result = TopUp.REPEATED
        case Outcome.EXISTS_DIFFERENT:
            result = TopUp.OTHER_UNDER_KEY
        case refused:
            raise AssertionError(f"a top-up cannot end in {refused}")
    return result, tx.ledger.account(wallet, currency).available
