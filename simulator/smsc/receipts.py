"""Delivery receipts: who asked for one, and the deliver_sm that carries it (SMPP 3.4, Appendix B)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from simulator.faults.fault import Form
from simulator.smsc.deliveries import Delivery, Outcome
from smsgw.smpp.constants import EsmClass, MessageState, RegisteredDelivery
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.receipts import DeliveryReceipt, format_receipt, receipt_tlvs

_ASKED: Final = 0x03
"""The bits of registered_delivery that ask for an SMSC delivery receipt (SMPP 3.4, 5.2.17)."""


def is_wanted(registered_delivery: int, state: MessageState) -> bool:
    """Whether whoever said *registered_delivery* wants to hear that a message came to *state*."""
    asked = registered_delivery & _ASKED
    delivered = state is MessageState.DELIVERED
    return asked == RegisteredDelivery.SUCCESS_OR_FAILURE or (asked == RegisteredDelivery.FAILURE and not delivered)


class Receipt(NamedTuple):
    """What became of one submit_sm that was taken under `message_id`; times are Unix time."""

    message_id: str
    system_id: str
    submit: Pdu
    submitted_at_s: float
    state: MessageState
    answered: Callable[[Delivery, Outcome, int | None], None]
    form: Form = Form.BOTH
    intermediate: bool = False

    @property
    def wanted(self) -> bool:
        """Whether the gateway asked for a receipt in this case."""
        return is_wanted(self.submit.integer("registered_delivery"), self.state)

    @property
    def to(self) -> str:
        """The subscriber's number."""
        return self.submit.octets("destination_addr").decode("latin-1")

    def delivery(self, now_s: float) -> Delivery:
        """Write the deliver_sm, with the addresses the other way round; the dates are UTC."""
        receipt = DeliveryReceipt(self.message_id, self.state, done_date=_moment(int(now_s)))
        text = format_receipt(receipt, _moment(int(self.submitted_at_s)))
        submit = self.submit.fields
        kind = EsmClass.INTERMEDIATE_NOTIFICATION if self.intermediate else EsmClass.SMSC_DELIVERY_RECEIPT
        fields = {
            "source_addr_ton": submit["dest_addr_ton"],
            "source_addr_npi": submit["dest_addr_npi"],
            "source_addr": submit["destination_addr"],
            "dest_addr_ton": submit["source_addr_ton"],
            "dest_addr_npi": submit["source_addr_npi"],
            "destination_addr": submit["source_addr"],
            "esm_class": int(kind),
            "short_message": b"" if self.form is Form.TLVS else text.encode("ascii"),
        }
        tlvs = () if self.form is Form.TEXT else receipt_tlvs(receipt)
        return Delivery(self.system_id, fields, tlvs, self.answered, spares_tlvs=self.form is Form.BOTH)


@lru_cache(maxsize=64)
def _moment(unix_s: int) -> datetime:
    """Give a second its date; most receipts of a second have the same two."""
    return datetime.fromtimestamp(unix_s, UTC)
