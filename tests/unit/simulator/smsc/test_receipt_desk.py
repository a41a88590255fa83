"""What becomes of messages is told: by weights, by a fault, by hand, on the way and at the end."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.faults.fault import RECEIPT, Fault
from simulator.settings import SmscSettings
from simulator.smsc.fates import Delay, FateSettings, Shape
from simulator.smsc.mt import Mt
from simulator.smsc.receipt_desk import ReceiptOrder
from smsgw.smpp.constants import EsmClass, MessageState
from tests.unit.simulator.smsc.message_house import House


def with_fates(**fates: Any) -> House:
    return House(SmscSettings(receipts=FateSettings(delay=Delay(2.0), **fates)))


def test_weights_decide_what_receipts_say() -> None:
    house = with_fates(states={"DELIVERED": 1, "UNDELIVERABLE": 1, "none": 1}, seed=3)
    ids = [house.submit(registered_delivery=1) for _ in range(40)]
    house.wait(2.0)
    counts = {state: house.states.count(state) for state in set(house.states)}
    assert set(counts) == {MessageState.DELIVERED, MessageState.UNDELIVERABLE}
    assert sum(counts.values()) < 40
    told = [house.query(one) for one in ids]
    # One whose receipt is lost has arrived all the same.
    assert told.count(MessageState.UNDELIVERABLE) == counts[MessageState.UNDELIVERABLE]
    assert told.count(MessageState.DELIVERED) == 40 - counts[MessageState.UNDELIVERABLE]


def test_fates_do_not_depend_on_the_clock_nor_on_who_asks_for_receipts() -> None:
    def told(gap_s: float) -> list[MessageState]:
        house = with_fates(states={"DELIVERED": 1, "REJECTED": 1}, seed=5)
        ids = []
        for place in range(20):
            ids.append(house.submit(registered_delivery=1 if gap_s else place % 2))
            house.wait(gap_s)
        house.wait(10.0)
        return [house.query(one) for one in ids]

    assert told(0.0) == told(1.7)
    assert set(told(0.0)) == {MessageState.DELIVERED, MessageState.REJECTED}


def test_by_hand_nothing_is_told_until_somebody_does() -> None:
    house = with_fates(manual=True)
    message_id = house.submit(registered_delivery=1)
    house.wait(60.0)
    assert (house.states, house.query(message_id)) == ([], MessageState.ENROUTE)
    (message,) = house.centre.messages.get(message_id.decode())
    house.centre.receipts.send(message, ReceiptOrder(MessageState.UNDELIVERABLE, copies=2), house.now_s)
    assert house.states == [MessageState.UNDELIVERABLE] * 2
    assert (house.query(message_id), message.receipts) == (
        MessageState.UNDELIVERABLE,
        (MessageState.UNDELIVERABLE,) * 2,
    )


def test_a_receipt_on_the_way_does_not_end_a_message() -> None:
    house = with_fates(manual=True)
    message_id = house.submit(registered_delivery=1)
    (message,) = house.centre.messages.get(message_id.decode())
    house.centre.receipts.send(message, ReceiptOrder(MessageState.ACCEPTED), house.now_s)
    assert (house.query(message_id), house.states) == (MessageState.ENROUTE, [MessageState.ACCEPTED])


@pytest.mark.parametrize(
    ("registered_delivery", "told"),
    [
        (0x01, [(MessageState.DELIVERED, EsmClass.SMSC_DELIVERY_RECEIPT)]),
        (
            0x11,
            [
                (MessageState.ENROUTE, EsmClass.INTERMEDIATE_NOTIFICATION),
                (MessageState.ACCEPTED, EsmClass.INTERMEDIATE_NOTIFICATION),
                (MessageState.DELIVERED, EsmClass.SMSC_DELIVERY_RECEIPT),
            ],
        ),
        (
            0x10,
            [
                (MessageState.ENROUTE, EsmClass.INTERMEDIATE_NOTIFICATION),
                (MessageState.ACCEPTED, EsmClass.INTERMEDIATE_NOTIFICATION),
            ],
        ),
        (0x00, []),
    ],
)
def test_states_on_the_way_are_told_to_who_asks_for_them(
    registered_delivery: int, told: list[tuple[MessageState, int]]
) -> None:
    house = with_fates(intermediate=(MessageState.ENROUTE, MessageState.ACCEPTED))
    house.submit(registered_delivery=registered_delivery)
    house.wait(0.6)
    assert house.receipts == []
    house.wait(1.4)
    assert house.receipts == told


def test_a_fault_goes_before_the_fate() -> None:
    house = with_fates(states={"DELIVERED": 1})
    house.faults.put(RECEIPT, Fault(state=MessageState.REJECTED, delay_s=1.0))
    house.submit(registered_delivery=1)
    house.wait(2.9)
    assert house.states == []
    house.wait(0.1)
    assert house.states == [MessageState.REJECTED]


def test_fates_can_be_changed_while_it_runs_and_begin_anew() -> None:
    mixed = FateSettings(states={"DELIVERED": 1, "REJECTED": 1}, delay=Delay(0.0, 1.0, Shape.UNIFORM), seed=9)
    house = with_fates()
    rows = []
    for _ in range(2):
        house.centre.receipts.decide_by(mixed)
        ids = [house.submit() for _ in range(20)]
        rows.append([house.query(one) for one in ids])
    assert rows[0] == rows[1]
    assert set(rows[0]) == {MessageState.DELIVERED, MessageState.REJECTED}


def test_the_messages_of_a_text_are_found_again() -> None:
    house = House(SmscSettings())
    house.submit()
    (mt,) = [entry.item for entry in house.journal.since(0) if isinstance(entry.item, Mt)]
    assert [one.id for one in house.centre.of(mt)] == list(mt.message_ids)
    assert house.centre.of(mt._replace(to="998900000000")) == []
