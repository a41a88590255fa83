"""How `serve` introduces itself."""

from __future__ import annotations

from typer.testing import CliRunner

from simulator.cli import app


def test_help_says_how_a_provider_is_written_on_a_terminal_of_80_columns() -> None:
    shown = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "80"}).output
    assert "…" not in shown
    for words in ("NAME:PROTOCOL", ":LOGIN", ":PASSWORD"):
        assert words in shown
