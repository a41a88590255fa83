"""The wallet: a source of money that stands in our own books and answers at once.

Rule: a wallet's books and its payment's row change in one unit, so the row says what the books hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from smsgw.domain.funds import WALLET, Funds
from smsgw.domain.payment import Payment, State
from smsgw.ledger.accounts import wallet_of
from smsgw.ledger.rules import hold, post, void
from smsgw.ledger.transfers import Transfer
from smsgw.transaction import Tx

# In every other state nothing is held, or nothing is any more.
FUNDS: Final = {State.PROCESSING: Funds.HELD, State.EXECUTED: Funds.CAPTURED}


class Wallet:
    """Implements `ports.Source`. What the books refuse after the payment's row allowed it is a bug and asserts."""

    name: Final = WALLET

    def hold(self, tx: Tx, payment: Payment) -> Funds:
        """Set amount and fee aside, both or neither. Asked again once they are, it moves nothing."""
        if payment.state in FUNDS:
            return FUNDS[payment.state]
        assert payment.state is State.AWAITING_CODE, f"hold for payment {payment.number}, which is {payment.state}"
        wallet = tx.ledger.account(wallet_of(payment.msisdn), payment.total.currency)
        if wallet.available < payment.total:
            return Funds.SHORT
        apply_all(tx, hold(payment))
        return Funds.HELD

    def capture(self, tx: Tx, payment: Payment) -> Funds:
        """What is held goes to the provider, and the fee to us."""
        apply_all(tx, post(payment))
        return Funds.CAPTURED

    def void(self, tx: Tx, payment: Payment) -> Funds:
        """What is held is the subscriber's again."""
        apply_all(tx, void(payment))
        return Funds.FREE

    def status(self, tx: Tx, payment: Payment) -> Funds:  # noqa: ARG002 -- other sources have rows of their own
        """Held from the confirmation to the provider's answer."""
        return FUNDS.get(payment.state, Funds.FREE)


def apply_all(tx: Tx, transfers: Iterable[Transfer]) -> None:
    """Apply transfers that must all stand: anything else is a bug, and the whole unit is rolled back."""
    for transfer in transfers:
        outcome = tx.ledger.apply(transfer)
        assert outcome.done, f"transfer {transfer.id}: {outcome}"
