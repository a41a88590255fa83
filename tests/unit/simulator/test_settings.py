"""Settings that cannot work are refused at once."""

from __future__ import annotations

import pytest

from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings


@pytest.mark.parametrize("name", ["window", "attempts_max", "waiting_max", "response_s"])
def test_none_at_all_cannot_work(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        SmscSettings(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["redelivery_delay_s", "receipt_delay_s"])
def test_no_delay_works_and_a_negative_one_does_not(name: str) -> None:
    SmscSettings(**{name: 0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not negative"):
        SmscSettings(**{name: -1})  # type: ignore[arg-type]


def test_a_session_gets_the_window_and_the_patience_that_were_set() -> None:
    session = SmscSettings(window=7, response_s=3.0).session
    assert (session.window, session.response_s) == (7, 3.0)


@pytest.mark.parametrize("names", [(), ("beeline", "beeline")], ids=["none", "two_alike"])
def test_each_operator_has_a_name_of_its_own(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="operators: at least one, each with a name of its own"):
        SimulatorSettings(operators=tuple(OperatorSettings(name=name) for name in names))
