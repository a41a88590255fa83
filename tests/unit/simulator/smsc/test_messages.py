"""Messages are found by who sent them, and the oldest are forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.smsc.fates import Fate
from simulator.smsc.messages import RECEIPTS_MAX, Message, Messages
from smsgw.smpp.constants import Command, MessageState
from smsgw.smpp.pdu import Pdu
from tests.unit.simulator.smsc.message_house import line_of

ARRIVES = Fate(MessageState.DELIVERED, 0.0)


def message(message_id: str, source: bytes = b"1400", to: bytes = b"99890", **changes: Any) -> Message:
    fields = {"source_addr": source, "destination_addr": to, "service_type": changes.pop("service_type", b"")}
    submit = Pdu(Command.SUBMIT_SM, 0, 1, fields)
    line = line_of(changes.pop("system_id", "one"))
    return Message(message_id, 1, line, submit, 0.0, 5.0, ARRIVES, **changes)


def kept(*messages: Message, kept_max: int = 10) -> Messages:
    store = Messages(kept_max)
    for one in messages:
        store.add(one)
    return store


@pytest.mark.parametrize(
    ("system_id", "message_id", "source", "found"),
    [
        ("one", b"A", b"1400", 1),
        ("two", b"A", b"1400", 0),
        ("one", b"B", b"1400", 0),
        ("one", b"A", b"1401", 0),
        ("one", b"A", b"", 0),
    ],
)
def test_a_message_is_only_its_senders(system_id: str, message_id: bytes, source: bytes, found: int) -> None:
    assert len(kept(message("A")).of(system_id, message_id, source)) == found


def test_one_id_has_all_destinations_of_a_submit_multi() -> None:
    store = kept(message("A", to=b"1"), message("A", to=b"2"))
    assert [one.destination for one in store.of("one", b"A", b"1400")] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("changes", "service_type", "found"),
    [
        ({}, b"", True),
        ({"waiting": False}, b"", False),
        ({"system_id": "two"}, b"", False),
        ({"source": b"1401"}, b"", False),
        ({"to": b"99891"}, b"", False),
        ({"service_type": b"WAP"}, b"WAP", True),
        ({"service_type": b"WAP"}, b"", True),
        ({"service_type": b""}, b"WAP", False),
    ],
)
def test_what_waits_between_two_numbers_is_found(changes: dict[str, Any], service_type: bytes, *, found: bool) -> None:
    store = kept(message("A", **changes))
    assert bool(store.waiting("one", b"1400", b"99890", service_type)) is found


def test_the_oldest_is_forgotten() -> None:
    store = kept(message("A"), message("B"), message("C"), kept_max=2)
    assert [bool(store.get(name)) for name in "ABC"] == [False, True, True]


def test_messages_are_counted_and_not_their_ids() -> None:
    store = kept(message("A"), message("B"), *(message("C", to=b"%d" % number) for number in range(3)), kept_max=2)
    assert [len(store.get(name)) for name in "ABC"] == [0, 0, 3], "one submit_multi is remembered or forgotten whole"
    store.add(message("D"))
    assert [len(store.get(name)) for name in "CD"] == [0, 1]


def test_a_message_is_due_or_expires_whichever_is_first() -> None:
    assert (message("A").next_s, message("A", expires_s=3.0).next_s) == (5.0, 3.0)


def test_receipts_of_a_message_are_remembered_up_to_a_limit() -> None:
    one = message("A")
    for _ in range(RECEIPTS_MAX + 1):
        one.told(MessageState.ENROUTE)
    one.told(MessageState.DELIVERED)
    assert (len(one.receipts), one.receipts[-1]) == (RECEIPTS_MAX, MessageState.DELIVERED)
