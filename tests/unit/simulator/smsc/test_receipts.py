"""Receipts go to who asked for them, and say what became of the message."""

from __future__ import annotations

import pytest

from simulator.smsc.receipts import Receipt
from smsgw.smpp.constants import Command, MessageState
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import is_receipt, parse_receipt

DELIVERED, LOST = MessageState.DELIVERED, MessageState.UNDELIVERABLE


def receipt(registered_delivery: int, state: MessageState) -> Receipt:
    fields: dict[str, FieldValue] = {
        "source_addr_ton": 0,
        "source_addr_npi": 1,
        "source_addr": b"1400",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": b"998901234567",
        "registered_delivery": registered_delivery,
    }
    return Receipt("0000002A", "gateway", Pdu(Command.SUBMIT_SM, 0, 1, fields), 1.8e9, state, lambda *_: None)


@pytest.mark.parametrize(
    ("registered_delivery", "state", "wanted"),
    [
        (0, DELIVERED, False),
        (0, LOST, False),
        (1, DELIVERED, True),
        (1, LOST, True),
        (2, DELIVERED, False),
        (2, LOST, True),
        (0x11, DELIVERED, True),
        (0x10, DELIVERED, False),
    ],
)
def test_a_receipt_is_sent_if_it_was_asked_for(
    registered_delivery: int,
    state: MessageState,
    wanted: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert receipt(registered_delivery, state).wanted is wanted


def test_the_gateway_reads_what_became_of_its_message() -> None:
    delivery = receipt(1, LOST).delivery(1.8e9 + 60)
    text, esm_class = delivery.fields["short_message"], delivery.fields["esm_class"]
    assert isinstance(text, bytes)
    assert isinstance(esm_class, int)
    for tlvs in (delivery.tlvs, ()):  # a gateway of version 3.3 gets no TLVs, and learns the same
        read = parse_receipt(text.decode(), tlvs)
        assert read is not None
        assert (read.message_id, read.state) == ("0000002A", LOST)
    assert is_receipt(esm_class)
    assert (delivery.fields["source_addr"], delivery.fields["destination_addr"]) == (b"998901234567", b"1400")
    assert delivery.system_id == "gateway"
