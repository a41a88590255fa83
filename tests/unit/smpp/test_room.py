"""When the next text may leave a link."""

import pytest

from smsgw.smpp.room import Pace


def test_without_a_rate_the_next_may_leave_at_once() -> None:
    pace = Pace(0)
    pace.took(10.0)

    assert pace.open_at_s() <= 10.0


def test_a_rate_spreads_texts_evenly_and_saves_no_tokens_up() -> None:
    pace = Pace(5)
    pace.took(10.0)
    pace.took(10.0)
    assert pace.open_at_s() == pytest.approx(10.4)
    pace.took(20.0)

    assert pace.open_at_s() == pytest.approx(20.2)


def test_a_pause_holds_all_and_a_shorter_one_does_not_end_it() -> None:
    pace = Pace(0)
    pace.pause(15.0)
    pace.pause(12.0)

    assert pace.open_at_s() == 15.0
