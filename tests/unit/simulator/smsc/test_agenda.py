"""The agenda gives out what is due, in order."""

from __future__ import annotations

import math

from hypothesis import given, settings, strategies as st

from simulator.smsc.agenda import Agenda


def test_what_is_due_comes_out_once_and_the_rest_waits() -> None:
    agenda: Agenda[str] = Agenda()
    agenda.put(2.0, "later")
    agenda.put(1.0, "sooner")
    assert (agenda.take(0.9), agenda.next_due_s()) == ([], 1.0)
    assert agenda.take(1.0) == ["sooner"]
    assert (agenda.take(1.5), agenda.take(2.5), len(agenda)) == ([], ["later"], 0)
    assert agenda.next_due_s() == math.inf


@settings(max_examples=100)
@given(st.lists(st.integers(0, 5)))
def test_items_come_by_time_and_equals_as_they_came(dues: list[int]) -> None:
    agenda: Agenda[tuple[int, int]] = Agenda()
    for place, due in enumerate(dues):
        agenda.put(due, (due, place))
    assert agenda.take(5) == sorted((due, place) for place, due in enumerate(dues))
