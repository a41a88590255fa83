"""Rates are counted for each account, and what is exactly at the limit is not above it."""

from __future__ import annotations

import pytest

from simulator.faults.rates import ACCOUNTS_MAX, Bucket, Meter, remember


@pytest.mark.parametrize(
    ("every_s", "too_much"),
    [(0.1, 0), (0.2, 0), (0.05, 490), (0.0, 990)],
    ids=["at the rate", "half of it", "twice as fast", "at once"],
)
def test_only_what_exceeds_the_rate_is_too_much(every_s: float, too_much: int) -> None:
    """1,000 PDUs against 10 a second; a second's worth may come at once."""
    bucket = Bucket(10.0)
    assert sum(bucket.exceeds("shop", 100.0 + n * every_s) for n in range(1_000)) == pytest.approx(too_much, abs=1)


@pytest.mark.parametrize("per_s", [0.1, 0.3, 1.0, 3.0, 7.0, 33.3, 1_000.0])
def test_a_stream_exactly_at_the_rate_passes_for_ever(per_s: float) -> None:
    bucket = Bucket(per_s)
    assert not any(bucket.exceeds("shop", 1_234.5 + n / per_s) for n in range(5_000))


def test_after_a_second_of_silence_a_seconds_worth_may_pass_again() -> None:
    bucket = Bucket(2.0)
    assert [bucket.exceeds("shop", 0.0) for _ in range(3)] == [False, False, True]
    assert [bucket.exceeds("shop", 0.5) for _ in range(2)] == [False, True]
    assert [bucket.exceeds("shop", 60.0) for _ in range(3)] == [False, False, True]


def test_accounts_do_not_take_each_others_places() -> None:
    bucket = Bucket(1.0)
    assert [bucket.exceeds(account, 0.0) for account in ("shop", "bank", "shop")] == [False, False, True]


def test_a_meter_says_what_comes_in_a_second() -> None:
    meter = Meter()
    steady = [meter.count("shop", n / 20) for n in range(100)]
    assert steady[-1] == pytest.approx(20, abs=1.5)
    assert meter.count("shop", 60.0) == 1.0, "after a silence it begins anew"
    assert meter.count("bank", 60.0) == 1.0


def test_the_oldest_account_is_forgotten() -> None:
    book: dict[str, int] = {}
    for number in range(ACCOUNTS_MAX + 5):
        remember(book, f"account {number}", number)
    assert (len(book), next(iter(book))) == (ACCOUNTS_MAX, "account 5")
