"""Charts put values where they belong, with few round numbers beside them."""

from __future__ import annotations

import re

import pytest

from simulator.load.charts import BARS_MAX, SIDE, TICKS_MAX, Line, Linear, Log, bars_chart, lines_chart, number


@pytest.mark.parametrize(
    ("top", "ticks"),
    [
        (0, [0]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (7, [0, 2, 4, 6, 8]),
        (310, [0, 100, 200, 300, 400]),
        (100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]),
    ],
)
def test_a_linear_scale_ends_on_a_round_number_above(top: float, ticks: list[float]) -> None:
    scale = Linear(top)
    assert [round(tick, 9) for tick in scale.ticks()][: len(ticks)] == pytest.approx(ticks)
    assert [scale.place(0), scale.place(scale.ticks()[-1])] == pytest.approx([0.0, 1.0])
    assert scale.place(top) <= 1


@pytest.mark.parametrize("top", [0.001, 1, 3, 9.99, 1234, 5e6])
def test_no_axis_has_more_numbers_than_fit(top: float) -> None:
    assert 2 <= len(Linear(top).ticks()) <= TICKS_MAX
    assert 1 <= len(Log(top / 1000, top).ticks()) <= TICKS_MAX
    assert 1 <= len(Log(top / 10, top).ticks()) <= TICKS_MAX


def test_a_logarithmic_scale_gives_each_doubling_the_same_width() -> None:
    scale = Log(1, 100)
    assert [scale.place(value) for value in (0, 1, 10, 100, 1000)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert scale.ticks() == [1, 3, 10, 30, 100]


def path_of(values: list[float | None]) -> str:
    chart = lines_chart("label", [Line("p50", "one", values)], Linear(10), ends_s=float(len(values)))
    found = re.search(r'class="line one" d="([^"]*)"', chart)
    assert found
    return found[1]


def test_a_line_goes_through_the_middle_of_each_stretch_and_breaks_where_nothing_was() -> None:
    assert path_of([0, 5, None, 10]) == f"M125.0 {SIDE}h0L375.0 {SIDE // 2}M875.0 0h0"


def test_a_point_alone_is_a_dot() -> None:
    assert path_of([5]) == "M500.0 500h0"


def test_what_is_read_stands_in_the_page_and_is_escaped() -> None:
    chart = lines_chart('a "label"', [Line("<p50>", "one", [1.0])], Linear(1), ends_s=1.0, shaded_s=0.5)
    assert 'aria-label="a &quot;label&quot;"' in chart
    assert "&lt;p50&gt;" in chart
    assert f'<rect class="shade" width="{SIDE // 2}"' in chart
    assert "<text" not in chart, "stretched shapes must hold no words"


@pytest.mark.parametrize("buckets", [[(5.0, 1)], [(1.02**power, power + 1) for power in range(500)]])
def test_a_distribution_has_at_most_so_many_bars_inside_its_frame(buckets: list[tuple[float, int]]) -> None:
    bars = re.findall(
        r'class="bar" x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="(\d+)"', bars_chart("label", buckets)
    )
    assert 1 <= len(bars) <= BARS_MAX
    for x, y, width, height in bars:
        assert 0 <= float(x) <= float(x) + float(width) <= SIDE + 3
        assert int(y) + int(height) == SIDE


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.123, "0.12"), (4.567, "4.57"), (45.67, "45.7"), (456.7, "457"), (45678, "45\u202f678")],
)
def test_numbers_have_the_digits_that_count(value: float, shown: str) -> None:
    assert number(value) == shown
