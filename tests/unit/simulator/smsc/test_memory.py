"""All operators share one memory."""

from __future__ import annotations

from simulator.smsc.memory import Memory
from simulator.smsc.pdus import Where

WHERE = Where("beeline", 1, "127.0.0.1:1")


def test_no_two_sessions_have_the_same_number() -> None:
    memory = Memory()
    assert [memory.next_line_id() for _ in range(3)] == [1, 2, 3]


def test_where_no_pdus_are_kept_nothing_is_noted() -> None:
    assert Memory(pdus_max=0).tap(WHERE, lambda: 0.0) is None
    assert Memory(pdus_max=1).tap(WHERE, lambda: 0.0) is not None
