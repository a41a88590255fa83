"""A reader of /events is told what passed, in order, once, and never more than a turn can hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.api.events import ENTRIES_A_TURN, LOOK_S, PDUS_A_TURN, Place, Reader, Source, Wanted
from simulator.api.pdus import Shown, pdu_body
from simulator.smsc.journal import Kind, ReceiptSent, SessionChange
from simulator.smsc.memory import Memory
from simulator.smsc.pdus import SeenPdu, Way
from smsgw.smpp.constants import MessageState
from smsgw.smpp.states import State

ENQUIRE_LINK = bytes.fromhex("00000010000000150000000000000001")
ANNA, BORIS = "998901234567", "998907654321"

BEGINNING = Place(0, 0)
Told = list[tuple[str, str, Any]]


class World:
    """A memory, a state, and a reader of both."""

    def __init__(
        self, place: Place = BEGINNING, numbers: frozenset[str] = frozenset(), journal_max: int = 5_000
    ) -> None:
        self.memory = Memory(journal_max, 5_000)
        self.faults: dict[str, int] = {}
        source = Source("boot", self.memory, lambda seen, _shown: pdu_body(seen), {"fault": lambda: self.faults})
        self.reader = Reader(source, place, Wanted(numbers, Shown()))
        self.now_s = 0.0

    def receipt(self, number: str = ANNA) -> None:
        self.memory.journal.add(0.0, Kind.RECEIPT, number, ReceiptSent("A", MessageState.DELIVERED))

    def pdu(self) -> None:
        pdus = self.memory.pdus
        pdus.put(SeenPdu(pdus.next_id, 0.0, "operator", 1, "1.2.3.4:5", Way.IN, ENQUIRE_LINK))

    def news(self) -> Told:
        self.now_s += LOOK_S
        return parsed(self.reader.news(self.now_s))


def parsed(octets: bytes) -> Told:
    """(event, id, data) of each event."""
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in octets.decode().split("\n\n") if block
    ]
    return [(block["event"], block["id"], json.loads(block["data"])) for block in blocks]


def test_the_greeting_names_the_run_and_the_place() -> None:
    hello = World(Place(3, 4)).reader.hello()
    assert hello.startswith(b"retry: ")
    assert parsed(hello.partition(b"\n")[2]) == [("hello", "boot.3.4", {"boot": "boot"})]


def test_everything_is_told_once_with_the_place_to_go_on_from() -> None:
    world = World()
    world.receipt()
    world.pdu()
    assert world.reader.waits()
    assert [(event, number) for event, number, _ in world.news()] == [
        ("entry", "boot.1.0"),
        ("pdu", "boot.1.1"),
        ("fault", "boot.1.1"),
    ]
    assert not world.reader.waits()
    assert world.news() == []


def test_a_reader_begins_where_it_asks_to() -> None:
    world = World(Place(2, 0))
    for _ in range(3):
        world.receipt()
    assert [data["id"] for event, _, data in world.news() if event == "entry"] == [3]


def test_only_the_numbers_that_were_asked_for_and_what_is_nobodys() -> None:
    world = World(numbers=frozenset({ANNA}))
    world.receipt(BORIS)
    world.receipt(ANNA)
    world.memory.journal.add(0.0, Kind.SESSION, "", SessionChange(1, "gateway", State.BOUND_TRX))
    world.receipt(BORIS)
    assert [data["number"] for event, _, data in world.news() if event == "entry"] == [ANNA, ""]
    assert world.reader.place == Place(4, 0)


def test_a_state_is_told_whole_when_it_has_changed_and_not_more_often_than_it_is_looked_at() -> None:
    world = World()
    assert world.news() == [("fault", "boot.0.0", {})]
    world.faults["submit_sm"] = 1
    assert world.reader.news(world.now_s + LOOK_S / 2) == b""
    assert world.news() == [("fault", "boot.0.0", {"submit_sm": 1})]
    assert world.news() == []


@pytest.mark.parametrize(("more", "lost"), [(0, 0), (1, 1), (700, 700)])
def test_whoever_falls_behind_is_told_how_much_is_lost_and_goes_on_with_the_newest(more: int, lost: int) -> None:
    world = World()
    for _ in range(PDUS_A_TURN + more):
        world.pdu()
    told = world.news()
    assert [data for event, _, data in told if event == "lost"] == ([{"entries": 0, "pdus": lost}] if lost else [])
    numbers = [data["id"] for event, _, data in told if event == "pdu"]
    assert numbers == list(range(1 + more, 1 + more + PDUS_A_TURN))
    assert not world.reader.waits()


def test_what_is_not_kept_any_more_is_lost_too() -> None:
    world = World(journal_max=10)
    for _ in range(ENTRIES_A_TURN):
        world.receipt()
    assert [data for event, _, data in world.news() if event == "lost"] == [{"entries": ENTRIES_A_TURN - 10, "pdus": 0}]
