"""A ring numbers from 1 without gaps, and keeps the newest."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from simulator.smsc.ring import Ring


class Entry(NamedTuple):
    id: int


@pytest.fixture
def ring() -> Ring[Entry]:
    """Five entries, of which the last three are kept."""
    filled = Ring[Entry](3)
    for _ in range(5):
        filled.put(Entry(filled.next_id))
    return filled


@pytest.mark.parametrize(("cursor", "ids"), [(0, [3, 4, 5]), (2, [3, 4, 5]), (4, [5]), (5, []), (99, [])])
def test_whoever_asks_gets_what_came_after_as_far_as_it_is_kept(ring: Ring[Entry], cursor: int, ids: list[int]) -> None:
    assert [entry.id for entry in ring.since(cursor)] == ids


@pytest.mark.parametrize(("number", "found"), [(2, None), (3, Entry(3)), (5, Entry(5)), (6, None)])
def test_one_entry_is_found_by_its_number(ring: Ring[Entry], number: int, found: Entry | None) -> None:
    assert ring.get(number) == found


def test_watchers_hear_of_each_at_once(ring: Ring[Entry]) -> None:
    heard: list[int] = []
    ring.watchers.append(lambda entry: heard.append(entry.id))
    ring.put(Entry(ring.next_id))
    assert heard == [6]
