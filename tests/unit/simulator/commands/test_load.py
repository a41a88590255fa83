"""What is typed for a load becomes a run; what cannot be read is named with its option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.commands.load import LoadOptions
from simulator.load.settings import Behaviour, LoadSettings
from simulator.load.verdict import Share, Thresholds
from simulator.settings import OperatorSettings

ONE = (OperatorSettings(),)


def run(operators: tuple[OperatorSettings, ...] = ONE, **typed: Any) -> LoadSettings:
    return LoadOptions(**typed).load(operators)


@pytest.mark.parametrize(
    ("typed", "ramp_s", "steps"),
    [
        ({"rate": 10}, 0.0, ()),
        ({"rate": 10, "ramp": "10s"}, 10.0, ()),
        ({"rate": 10, "ramp": "1.5s"}, 1.5, ()),
        ({"ramp": "100:30"}, 0.0, ((100.0, 30.0),)),
        ({"ramp": "100:30s,300.5:60"}, 0.0, ((100.0, 30.0), (300.5, 60.0))),
    ],
)
def test_a_ramp_is_seconds_or_stages(
    typed: dict[str, Any], ramp_s: float, steps: tuple[tuple[float, float], ...]
) -> None:
    assert (run(**typed).ramp_s, run(**typed).steps) == (ramp_s, steps)


@pytest.mark.parametrize("ramp", ["10", "s", "fast", "100", "100:", "100:30:60", "100:30,", "1.2.3s"])
def test_what_is_no_ramp_is_named(ramp: str) -> None:
    with pytest.raises(ValueError, match=r"--ramp: .* 10s \(with the s\), .* 100:30,300:60"):
        run(rate=10, ramp=ramp)


def test_shares_are_pairs() -> None:
    assert run(share=["cancel=0.05", "silent=0.1"]).shares == {Behaviour.CANCEL: 0.05, Behaviour.SILENT: 0.1}


@pytest.mark.parametrize("share", ["cancel", "cancel=", "cancel=many", "sulk=0.1", "=0.1"])
def test_what_is_no_share_is_named(share: str) -> None:
    with pytest.raises(ValueError, match="--share: "):
        run(share=[share])


def test_how_another_gateway_words_it_is_typed() -> None:
    words = {"code": r"PIN (\d+)", "receipt": "Thanks", "pending": "Wait", "cancel": "NO"}
    settings = run(ONE, **words)
    assert {name: getattr(settings, name) for name in words} == words


def test_thresholds_are_read_and_named() -> None:
    assert LoadOptions().thresholds() == Thresholds(max_failed=Share(0), p99_ms=None)
    assert LoadOptions(max_failed="0.5%", p99_ms=20).thresholds() == Thresholds(max_failed=Share(0.5, True), p99_ms=20)
    for wrong in ("few", "200%"):
        with pytest.raises(ValueError, match=f"--max-failed: '{wrong}'"):
            LoadOptions(max_failed=wrong).thresholds()


def test_a_behaviour_has_one_share() -> None:
    with pytest.raises(ValueError, match="--share: cancel is there twice"):
        run(share=["cancel=0.1", "cancel=0.2"])


@pytest.mark.parametrize("wait_s", [float("nan"), float("inf"), -1.0])
def test_a_gateway_is_waited_for_as_long_as_a_number_says(wait_s: float) -> None:
    with pytest.raises(ValueError, match="--bind-timeout: 0 to 86400"):
        run(bind_timeout=wait_s)


@pytest.mark.parametrize(
    ("operators", "prefixes"),
    [
        ((OperatorSettings(prefixes=("99893",)),), ()),
        (
            (OperatorSettings(name="a"), OperatorSettings(name="b", prefixes=("99893", "99894"))),
            ("99890", "99893", "99894"),
        ),
        (
            (OperatorSettings(name="a", prefixes=("99891",)), OperatorSettings(name="b", prefixes=("99893",))),
            ("99891", "99893"),
        ),
    ],
)
def test_subscribers_are_spread_over_the_operators_there_are(
    operators: tuple[OperatorSettings, ...], prefixes: tuple[str, ...]
) -> None:
    """The first one, which takes whoever is nobody else's, has the first number's prefix if it has none of its own."""
    assert run(operators).prefixes == prefixes


def test_a_page_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    assert LoadOptions(html=tmp_path / "report.html").file() == tmp_path / "report.html"
    assert not (tmp_path / "report.html").exists()
    for wrong in (tmp_path, tmp_path / "no" / "report.html"):
        with pytest.raises(ValueError, match="--html"):
            LoadOptions(html=wrong).file()


def test_a_page_that_may_not_be_written_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "loop.html").symlink_to("loop.html")
    with pytest.raises(ValueError, match=r"--html: .*loop.html: Too many levels"):
        LoadOptions(html=tmp_path / "loop.html").file()
