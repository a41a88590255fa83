"""A subscriber's row says whether paying is paused, and a registered one can always be asked for a password."""

from __future__ import annotations

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.subscriber import FOR_GOOD_US, Subscriber

NUMBER = Msisdn("+998901234567")


@pytest.mark.parametrize(
    ("paused_until_us", "now_us", "paused"),
    [(0, 0, False), (0, 1, False), (10, 9, True), (10, 10, False), (10, 11, False), (FOR_GOOD_US, 2**61, True)],
)
def test_a_pause_lasts_until_its_end_and_not_beyond(paused_until_us: int, now_us: int, *, paused: bool) -> None:
    assert paused is Subscriber(msisdn=NUMBER, paused_until_us=paused_until_us).paused(now_us)


def test_a_pause_for_good_fits_its_column_and_outlives_every_clock() -> None:
    year_3000_us = 32_503_680_000 * 1_000_000

    assert year_3000_us < FOR_GOOD_US < 2**63


def test_a_registered_subscriber_has_a_verifier() -> None:
    with pytest.raises(AssertionError, match="verifier"):
        Subscriber(msisdn=NUMBER, registered=True)


def test_a_stranger_is_neither_registered_nor_blocked_nor_paused() -> None:
    stranger = Subscriber(msisdn=NUMBER)

    assert not any((stranger.registered, stranger.blocked, stranger.paused(1)))
