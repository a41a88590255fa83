"""The page of a load in a real browser: whole without a network, on a phone, in the dark, and for a keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from simulator.load.page import page as written
from tests.unit.simulator.load.reports import a_report

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CHARTS = 9
"""One of rates, then latencies over time and a distribution for each of four steps."""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    """The file, opened as people open it; it fails the test if it asks for anything or the browser complains."""
    file = tmp_path / "report.html"
    file.write_text(written(a_report()), encoding="utf-8")
    opened = await browser.new_page(viewport={"width": 320, "height": 640})
    complaints: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    await opened.goto(file.as_uri())
    yield opened
    await opened.close()
    assert (complaints, asked) == ([], [file.as_uri()])


async def test_on_the_narrowest_phone_nothing_runs_over_the_edge(page: Page) -> None:
    for summary in await page.locator("summary").all():
        await summary.click()
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


async def test_every_chart_has_lines_or_bars_to_see(page: Page) -> None:
    charts = page.get_by_role("img")
    await expect(charts).to_have_count(CHARTS)
    for chart in await charts.all():
        shape = chart.locator("path.line, rect.bar").first
        box = await shape.bounding_box()
        assert box is not None
        assert max(box["width"], box["height"]) > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground_by_day_and_by_night(page: Page, scheme: str) -> None:
    """WCAG 2.1, 1.4.3: a contrast of 4.5 to 1, of quiet words too."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ratios = await page.evaluate(
        """() => {
          const parts = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
          const light = colour => {
            const linear = c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            const [r, g, b] = parts(colour).map(c => linear(c / 255));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const paper = getComputedStyle(document.querySelector("figure")).backgroundColor;
          const words = "h1, h1 strong, figcaption small, .legend li, .chart .y span, summary, li.bad";
          return [...document.querySelectorAll(words)]
            .map(e => [light(getComputedStyle(e).color), light(paper)].sort((a, b) => b - a))
            .map(([a, b]) => (a + 0.05) / (b + 0.05));
        }"""
    )
    assert min(ratios) >= 4.5


async def test_a_keyboard_opens_the_numbers_behind_a_chart(page: Page) -> None:
    first = page.locator("details").first
    await first.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(first.get_by_role("table")).to_be_visible()
