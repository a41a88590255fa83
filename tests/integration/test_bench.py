"""The benchmarks run: a piece of each that needs no gateway, as short as it can be. Nothing here judges a figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import codec, disk, machine, report, texts


def test_the_pieces_run_and_make_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "PLACE", tmp_path)
    sections = [codec.measure(1), texts.measure(1), disk.measure(1, 0.01)]

    text = report.markdown(machine.facts(), sections)
    assert text.count("### ") == 3
    assert "smpplib: " in text


def test_the_figures_go_between_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}old\n{report.END}after\n", encoding="utf-8")
    monkeypatch.setattr(report, "DOCUMENT", page)
    report.write("new")

    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "new" in written
    assert "old" not in written
