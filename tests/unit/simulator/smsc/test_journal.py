"""The journal is a ring whose numbers have no gaps."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from simulator.smsc.journal import Entry, Journal, Kind, ReceiptSent
from smsgw.smpp.constants import MessageState

ITEM = ReceiptSent("1", MessageState.DELIVERED)


def journal(entries: int, entries_max: int) -> Journal:
    filled = Journal(entries_max)
    for at_s in range(entries):
        filled.add(at_s, Kind.RECEIPT, "998901234567", ITEM)
    return filled


@settings(max_examples=100)
@given(entries=st.integers(0, 20), entries_max=st.integers(1, 10), cursor=st.integers(0, 25))
def test_a_cursor_gives_what_came_after_it_and_is_still_kept(entries: int, entries_max: int, cursor: int) -> None:
    kept = range(max(1, entries - entries_max + 1), entries + 1)
    found = [entry.id for entry in journal(entries, entries_max).since(cursor)]
    assert found == [number for number in kept if number > cursor]


def test_an_entry_is_found_by_its_number_until_the_ring_has_gone_round() -> None:
    filled = journal(5, 3)
    assert filled.get(2) is None
    assert filled.get(6) is None
    third = filled.get(3)
    assert third is not None
    assert third.at_s == 2


def test_whoever_watches_hears_each_entry_at_once() -> None:
    heard: list[Entry] = []
    filled = Journal(10)
    filled.watchers.append(heard.append)
    assert filled.next_id == 1
    filled.add(5.0, Kind.RECEIPT, "1", ITEM)
    assert [(entry.id, entry.item) for entry in heard] == [(1, ITEM)]
