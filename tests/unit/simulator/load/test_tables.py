"""Tables hold the figures as they are, and show them as people read them."""

from __future__ import annotations

from simulator.load.tables import data, table


def test_a_figure_keeps_its_value_beside_what_is_shown() -> None:
    assert data(1234.567) == '<data value="1234.567">1\u202f235</data>'


def test_rows_have_a_head_each_and_numbers_stand_to_the_right() -> None:
    written = table(("what", "p50_ms"), [["a & b", 1.5]])
    assert '<th scope="col" class="breaks">what</th><th scope="col" class="n">p50</th>' in written
    assert '<th scope="row" class="breaks">a &amp; b</th><td class="n"><data value="1.5">1.50</data></td>' in written


def test_a_table_without_rows_is_a_head() -> None:
    assert "<tbody></tbody>" in table(("what", "count"), [])
