"""Committed rows reach whoever has subscribed."""

from __future__ import annotations

from typing import Any

from smsgw.store.batch import Job
from smsgw.store.handover import Handover


def job(calls: list[Any], texts: list[Any]) -> Job:
    made = Job("key", lambda tx: tx.now_us)
    made.calls, made.texts = calls, texts
    return made


def test_calls_and_texts_go_to_their_takers_in_order() -> None:
    taken: list[tuple[str, object]] = []
    handover = Handover()
    handover.subscribe(lambda call: taken.append(("call", call)), lambda sms: taken.append(("sms", sms)))
    handover.give(job([1, 2], [3]))
    assert taken == [("call", 1), ("call", 2), ("sms", 3)]


def test_without_a_taker_rows_wait_to_be_claimed() -> None:
    Handover().give(job([1], [2]))


def test_the_latest_taker_gets_them() -> None:
    first: list[object] = []
    second: list[object] = []
    handover = Handover()
    handover.subscribe(first.append, first.append)
    handover.subscribe(second.append, second.append)
    handover.give(job([1], []))
    assert (first, second) == ([], [1])
