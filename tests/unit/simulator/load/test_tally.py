"""The tally keeps what a report needs, and no secret."""

from __future__ import annotations

import pytest

from simulator.load.series import Series
from simulator.load.tally import AS_WANTED, TEXT_CHARACTERS_MAX, TEXTS_MAX, Ending, Tally


def tally() -> Tally:
    return Tally(Series(start_s=0.0))


def test_an_unexpected_text_is_kept_without_its_digits() -> None:
    one = tally()
    one.surprise("Code 483920 is wrong")
    one.surprise("Code 111111 is wrong")
    one.surprise("x" * 200)
    assert one.unexpected == {"Code 000000 is wrong": 2, "x" * TEXT_CHARACTERS_MAX: 1}


def test_only_so_many_different_ones_are_told_apart() -> None:
    one = tally()
    for number in range(TEXTS_MAX + 5):
        one.surprise("x" * (number + 1))
    one.surprise("x")
    assert (len(one.unexpected), one.unexpected["x"]) == (TEXTS_MAX, 2)


def test_the_report_has_all_endings_and_the_rate_of_the_good_one() -> None:
    one = tally()
    for place in range(10):
        one.begin(0.0)
        if place < 9:
            one.end(Ending.DONE if place < 8 else Ending.REFUSED, "beeline", 1.0)
    report = one.report(missed=0, took_s=4.0)
    assert (report["endings"]["done"], report["endings"]["no_receipt"]) == (8, 0)
    assert (report["open"], report["failed"], report["done_per_s"]) == (1, 1, 2.0)
    assert (report["operators"]["beeline"]["done"], report["operators"]["beeline"]["failed"]) == (8, 1)


@pytest.mark.parametrize("ending", Ending)
def test_an_end_counts_as_a_failure_unless_the_subscriber_meant_it(ending: Ending) -> None:
    one = tally()
    one.end(ending, "beeline", 0.0)
    assert one.failed == one.operators["beeline"].failed == (ending not in AS_WANTED)


def test_a_run_that_took_no_time_has_no_rate() -> None:
    assert tally().report(missed=0, took_s=0.0)["done_per_s"] == 0.0
