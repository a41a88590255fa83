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


@pytest.mark.parametrize(
    ("state", "gap_s"), [(0, 0.0), (89, 0.0), (90, 0.05), (92, 0.15), (99, 0.5), (100, 1.0), (255, 1.0), (65_535, 1.0)]
)
def test_a_congested_smsc_gets_its_next_text_later(state: int, gap_s: float) -> None:
    """80 to 89 is the load that it likes best; nonsense asks for no more than the end of congestion."""
    pace = Pace(0)
    pace.congested(state, 10.0)

    assert max(0.0, pace.open_at_s() - 10.0) == pytest.approx(gap_s)


def test_a_congested_smsc_gets_every_text_later_until_an_answer_says_otherwise() -> None:
    pace = Pace(0)
    pace.congested(99, 10.0)
    pace.took(20.0)
    assert pace.open_at_s() == pytest.approx(20.5)
    pace.congested(0, 21.0)
    pace.took(21.0)

    assert pace.open_at_s() <= 21.0


def test_congestion_is_no_reason_to_exceed_the_rate() -> None:
    pace = Pace(1)
    pace.congested(90, 10.0)
    pace.took(20.0)

    assert pace.open_at_s() == pytest.approx(21.0)
