"""How the page looks to whoever sees little, uses no mouse, or has a small screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from simulator.app import Simulator
from simulator.billing.book import Asked
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Text
from tests.browser.conftest import BLANK, Open
from tests.integration.scripted_gateway import gateway, scripted
from tests.integration.test_simulator_conformance import BIND, SUBMIT, UNBIND, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PANES = ("phones", "wire", "sessions", "faults", "providers", "conformance")


@pytest_asyncio.fixture(loop_scope="session")
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator with something in every pane."""
    settings = SimulatorSettings(providers=(BillingSetup(name="sarkor", protocol="sarkor"),))
    answers = scripted("x" * 150, "Code 483920 - 50000 UZS")
    async with Simulator(settings) as running, gateway(running.smpp_port, answers, receipts=True):
        running.billings["sarkor"].book.judge(Asked("pay", 7, "n25656", 50_000_00), 1.8e9)
        for text in ("y" * 150, "HELP"):
            mo = running.send_mo(Text("+998901234567", "1400", text))
            await running.next_mt("+998901234567", mo.id, 10)
        await say(running.smpp_port, BIND, SUBMIT, UNBIND)
        yield running


async def shown(page: Page, pane: str) -> None:
    """Go to a pane, with everything in it."""
    tab = page.locator(f"[data-tab={pane}]")
    if await tab.is_visible():
        await tab.click()
    await expect(page.locator(f"#{pane}")).to_be_visible()


async def ready(page: Page) -> Page:
    """With texts, PDUs and a credit on it, a fault that waits, a row that is open, and a keypad."""
    await expect(page.locator(".theirs").last).to_contain_text("483920")
    await expect(page.locator("#pdus li").nth(5)).to_be_attached()
    await page.keyboard.press("Escape")
    await page.evaluate("document.querySelector('.keys').click()")
    await page.evaluate("document.querySelector('#quick button').click()")
    await page.evaluate("document.querySelector('#pdus details').open = true")
    await expect(page.locator("#waiting")).to_contain_text("submit_sm")
    await expect(page.locator(".violation").first).to_be_attached()
    return page


async def test_nothing_is_cut_off_sideways(open_page: Open, simulator: Simulator) -> None:
    """In no pane, from 320 pixels (which is also 1,280 at a zoom of four) to a wide screen."""
    page = await ready(await open_page(simulator.http_url, width=320))
    for width, pane in product((320, 375, 768, 1280, 1920), PANES):
        await page.set_viewport_size({"width": width, "height": 740})
        await shown(page, pane)
        assert await page.evaluate(SIDEWAYS) == [], (width, pane)


SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }))
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .filter((e) => ["visible", "hidden", "clip"].includes(getComputedStyle(e).overflowX))
  .filter((e) => getComputedStyle(e).textOverflow !== "ellipsis" && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName} ${e.id} ${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_has_enough_contrast(open_page: Open, simulator: Simulator, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.1, 1.4.3) in both colour schemes, whatever is on the page."""
    page = await ready(await open_page(simulator.http_url, color_scheme=scheme, reduced_motion="reduce"))
    await page.locator("#pdus summary").nth(2).hover()
    for pane in PANES:
        await shown(page, pane)
        assert await page.evaluate(CONTRASTS) == [], pane


async def test_every_control_has_a_name(open_page: Open, simulator: Simulator) -> None:
    """A label, words inside, or a name for those who hear the page."""
    page = await ready(await open_page(simulator.http_url))
    assert await page.evaluate(NAMELESS) == []


NAMELESS = """() => [...document.querySelectorAll("input, textarea, select, button, summary")]
  .filter((e) => !e.labels?.length && !e.getAttribute("aria-label") && !e.textContent.trim())
  .map((e) => e.outerHTML)"""


async def test_a_small_screen_shows_one_pane_at_a_time(open_page: Open, simulator: Simulator) -> None:
    page = await open_page(simulator.http_url, width=320)
    for pane in PANES:
        await shown(page, pane)
        assert await page.locator(".pane:visible").count() == 1


@pytest.mark.parametrize("width", [320, 360, 390])
async def test_every_tab_is_seen_on_a_small_screen(open_page: Open, simulator: Simulator, width: int) -> None:
    page = await ready(await open_page(simulator.http_url, width=width))
    for tab in await page.get_by_role("tab").all():
        box = await tab.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


async def test_at_high_zoom_everything_can_be_reached(open_page: Open, simulator: Simulator) -> None:
    """1,280 by 1,024 at a zoom of four: what does not fit is scrolled to, and not squeezed."""
    page = await ready(await open_page(simulator.http_url, width=320))
    await page.set_viewport_size({"width": 320, "height": 256})
    await page.get_by_label("Text", exact=True).fill("HELP")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".mine").last).to_contain_text("HELP")
    assert await page.locator(".log").evaluate("(log) => log.clientHeight") >= 64
    await page.get_by_role("tab", name="Providers").click()
    await page.get_by_role("button", name="Clear faults of sarkor").click()


async def test_nothing_moves_while_the_page_wakes_up(open_page: Open, simulator: Simulator) -> None:
    """What the server drew stays where it is when the script takes over."""
    page = await open_page(BLANK)
    await page.add_init_script(SHIFTS)
    await page.goto(simulator.http_url)
    await expect(page.locator(".session table")).to_be_visible()
    assert await page.evaluate("shifts.filter((each) => !each.includes('session'))") == []


SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => shifts.push(
  entry.sources.map((source) => source.node?.outerHTML?.slice(0, 80) ?? "?").join(" | "))
)).observe({ type: "layout-shift", buffered: true });"""


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parse(colour).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return parse(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const hasWords = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const seen = [...document.querySelectorAll("body *")].filter(hasWords)
    .filter((e) => e.checkVisibility({ visibilityProperty: true }));
  return seen.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    return [element.tagName, element.textContent, (a + 0.05) / (b + 0.05)];
  }).filter(([, , ratio]) => ratio < 4.5);
}"""
