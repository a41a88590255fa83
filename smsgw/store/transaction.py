"""One transaction, as the ports name its parts."""

from __future__ import annotations

from smsgw.store.actions import SqlActions
from smsgw.store.calls import SqlCalls
from smsgw.store.ledger import SqlLedger
from smsgw.store.messages import SqlMessages
from smsgw.store.outbox import SqlOutbox
from smsgw.store.payments import SqlPayments
from smsgw.store.reconciliations import SqlReconciliations
from smsgw.store.subscribers import SqlSubscribers
from smsgw.store.turnover import SqlTurnover
from smsgw.store.unit import Unit


class SqlTx:
    """Implements ports.Tx over one unit of work. Parts are made when they are asked for: most units need few."""

    __slots__ = ("_unit",)

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def now_us(self) -> int:
        """The transaction's time, UTC microseconds."""
        return self._unit.now_us

    @property
    def subscribers(self) -> SqlSubscribers:
        """The subscribers' rows."""
        return SqlSubscribers(self._unit)

    @property
    def messages(self) -> SqlMessages:
        """MO rows, parts, failures."""
        return SqlMessages(self._unit)

    @property
    def payments(self) -> SqlPayments:
        """Payments."""
        return SqlPayments(self._unit)

    @property
    def calls(self) -> SqlCalls:
        """Provider calls."""
        return SqlCalls(self._unit)

    @property
    def outbox(self) -> SqlOutbox:
        """Texts to be sent."""
        return SqlOutbox(self._unit)

    @property
    def ledger(self) -> SqlLedger:
        """The books."""
        return SqlLedger(self._unit)

    @property
    def turnover(self) -> SqlTurnover:
        """What was spent in a day or a month."""
        return SqlTurnover(self._unit)

    @property
    def actions(self) -> SqlActions:
        """What people do about money."""
        return SqlActions(self._unit)

    @property
    def reconciliations(self) -> SqlReconciliations:
        """Days compared with providers' statements, and files made for them."""
        return SqlReconciliations(self._unit)
