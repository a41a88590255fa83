"""The page says what the report says, alone in one file."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from simulator.load.page import ENDINGS, STEPS, page
from simulator.load.series import Step
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending
from simulator.load.verdict import Share, Thresholds
from tests.unit.simulator.load.reports import HOSTILE, a_report

VOID = {"meta"}
SHAPES = {"path", "rect"}


class Reader(HTMLParser):
    """Reads a page; it fails where an element is closed that was not the last one opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.values: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "data":
            self.values.append(dict(attrs)["value"] or "")

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES, tag

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def read(report: dict[str, Any]) -> Reader:
    return Reader(page(report))


def test_it_is_whole_and_needs_nothing_from_anywhere() -> None:
    text = page(a_report())
    read = Reader(text)
    assert read.open == []
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>Load failed, 2026-11-18 " in text
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<script|<link|<img| on[a-z]+=", text, re.IGNORECASE)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(read.tags)
    assert "default-src 'none'" in text


def test_its_figures_are_those_of_the_report() -> None:
    report = a_report()
    values = read(report).values
    wanted = [report["done_per_s"], report["took_s"], report["endings"]["done"], report["failed"]]
    wanted += [figure for step in Step for figure in report["latency"][step].values()]
    wanted += [point["done"] for point in report["series"]["points"]]
    wanted += [point["latency"]["whole"]["p99_ms"] for point in report["series"]["points"] if point["latency"]]
    wanted += [count for _, count in report["distribution"]["whole"]]
    assert {str(value) for value in wanted} <= set(values)


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        (Thresholds(max_failed=Share(5)), "Load passed"),
        (Thresholds(), "Load failed: too many dialogues failed"),
        (Thresholds(max_failed=Share(5), p99_ms=10.0), "Load failed: the p99 is too high"),
        (Thresholds(p99_ms=10.0), "Load failed: too many dialogues failed and the p99 is too high"),
    ],
)
def test_the_headline_is_the_verdict_and_its_reason(thresholds: Thresholds, words: str) -> None:
    said = " ".join("".join(read(a_report(thresholds=thresholds)).words).split())
    assert f"{words}2026" in said


def test_what_came_from_the_gateway_is_shown_as_text() -> None:
    text = page(a_report())
    assert HOSTILE not in text
    assert HOSTILE[:20] in "".join(Reader(text).words)


def test_each_chart_has_its_numbers_behind_it() -> None:
    text = page(a_report())
    assert text.count('role="img"') == text.count("<summary>") == 1 + 2 * len(STEPS)


def test_every_step_and_every_ending_has_words() -> None:
    assert (set(STEPS), set(ENDINGS)) == (set(Step), set(Ending))


def test_no_secret_is_in_it() -> None:
    assert "parol1" not in page(a_report())


def test_a_run_in_which_nothing_happened_has_a_page_too() -> None:
    report = a_report(LoadSettings())
    report |= {"series": {"width_s": 1.0, "points": []}, "operators": {}, "unexpected": {}, "started": 0}
    report["distribution"] = {step: [] for step in Step}
    report["latency"] = {step: {**summary, "count": 0} for step, summary in report["latency"].items()}
    assert Reader(page(report)).open == []
