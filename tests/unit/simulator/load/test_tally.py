"""The tally keeps what a report needs, and no secret."""

from __future__ import annotations

from simulator.load.tally import TEXT_CHARACTERS_MAX, TEXTS_MAX, Ending, Tally


def test_an_unexpected_text_is_kept_without_its_digits() -> None:
    tally = Tally()
    tally.surprise("Code 483920 is wrong")
    tally.surprise("Code 111111 is wrong")
    tally.surprise("x" * 200)
    assert tally.unexpected == {"Code 000000 is wrong": 2, "x" * TEXT_CHARACTERS_MAX: 1}


def test_only_so_many_different_ones_are_told_apart() -> None:
    tally = Tally()
    for number in range(TEXTS_MAX + 5):
        tally.surprise("x" * (number + 1))
    tally.surprise("x")
    assert (len(tally.unexpected), tally.unexpected["x"]) == (TEXTS_MAX, 2)


def test_the_report_has_all_endings_and_the_rate_of_the_good_one() -> None:
    tally = Tally()
    tally.endings[Ending.DONE] += 8
    tally.endings[Ending.REFUSED] += 1
    report = tally.report(started=10, missed=0, took_s=4.0)
    assert (report["endings"]["done"], report["endings"]["no_receipt"]) == (8, 0)
    assert (report["open"], report["done_per_s"]) == (1, 2.0)


def test_a_run_that_took_no_time_has_no_rate() -> None:
    assert Tally().report(started=0, missed=0, took_s=0.0)["done_per_s"] == 0.0
