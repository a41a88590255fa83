"""The phone page in a real browser: what a person sees, types and hears."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from simulator.app import Simulator
from simulator.smsc.mo import Text
from smsgw.smpp.text import length
from tests.integration.scripted_gateway import gateway, scripted

# One browser for all: starting it costs more than any of the tests.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SUBSCRIBER = "+998901234567"
CODE = "Code 483920 - 50000 UZS to SARKOR n25656, fee 0. If all is right, send the code to 1400 within 5 min. Cancel: 0"


@pytest_asyncio.fixture(loop_scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Containers run as root, where Chromium's own sandbox cannot start; only our page is opened.
        running = await playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, simulator: Simulator) -> AsyncIterator[Page]:
    """The page on a phone's width; it fails the test if the browser complains of anything."""
    opened = await browser.new_page(viewport={"width": 375, "height": 740})
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    await opened.goto(simulator.http_url)
    yield opened
    await opened.close()
    # A refused request is said on the page; that the console lists it too is no complaint.
    assert [words for words in complaints if "400 (Bad Request)" not in words] == []


async def test_a_dialogue_by_keyboard_alone(page: Page, simulator: Simulator) -> None:
    """Focus is in the text at once; Enter sends; the answer comes as a bubble with its code ready to be sent."""
    async with gateway(simulator.smpp_port, scripted(CODE, "44742441 PAID")):
        await page.keyboard.type("SARKOR*n25656*50000*parol1")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine").first).to_contain_text("SARKOR*n25656*50000*parol1")
        await expect(page.locator(".mine small").first).to_contain_text("delivered")
        await expect(page.locator(".theirs").first).to_contain_text(CODE)
        await page.get_by_role("button", name="Answer 483920").press("Enter")
        await expect(page.get_by_label("Text", exact=True)).to_have_value("483920")
        await page.keyboard.press("Enter")
        await expect(page.locator(".theirs").last).to_contain_text("44742441 PAID")


async def test_an_example_fills_the_text(page: Page) -> None:
    await page.get_by_role("button", name="BALANCE").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("BALANCE")
    await expect(page.locator("#counter")).to_have_text("7 of 160 · GSM · 1 SMS")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0", id="one_digit"),
        pytest.param("{code}", id="two_of_the_extension_table"),
        pytest.param("€" * 80, id="exactly_one_sms"),
        pytest.param("x" * 161, id="one_too_many"),
        pytest.param("x" * 152 + "€" + "x" * 160, id="an_escape_pair_at_the_cut"),
        pytest.param("Код 483920", id="cyrillic"),
        pytest.param("ў" * 71, id="one_too_many_in_unicode"),
        pytest.param("y" * 66 + "👍" * 40, id="a_surrogate_pair_at_the_cut"),
    ],
)
async def test_the_counter_counts_as_the_network_does(page: Page, text: str) -> None:
    """The page and the gateway's own text module agree on alphabet, units and segments."""
    measured = length(text)
    of = f" of {measured.units_max}" if measured.segments == 1 else ""
    alphabet = {"gsm0338": "GSM", "ucs2": "Unicode"}[measured.alphabet]
    await page.get_by_label("Text", exact=True).fill(text)
    await expect(page.locator("#counter")).to_have_text(f"{measured.units}{of} · {alphabet} · {measured.segments} SMS")


async def test_it_says_whether_a_gateway_is_there(page: Page, simulator: Simulator) -> None:
    await expect(page.get_by_role("status")).to_have_text("No gateway yet")
    await page.keyboard.type("HELP\n")
    await expect(page.locator(".mine small")).to_contain_text("waiting for the gateway")
    async with gateway(simulator.smpp_port, scripted()):
        await expect(page.locator(".mine small")).to_contain_text("delivered")
        await expect(page.get_by_role("status")).to_have_text("Gateway connected")


async def test_texts_sent_elsewhere_appear_and_another_number_has_its_own(page: Page, simulator: Simulator) -> None:
    simulator.send_mo(Text(SUBSCRIBER, "1400", "BALANCE"))
    simulator.send_mo(Text("+998907654321", "1400", "HELP"))
    await expect(page.get_by_role("log")).to_contain_text("BALANCE")
    await expect(page.get_by_role("log")).not_to_contain_text("HELP")
    await page.get_by_label("My number").fill("+998907654321")
    await page.get_by_label("My number").press("Tab")
    await expect(page.get_by_role("log")).to_contain_text("HELP")
    await expect(page.get_by_role("log")).not_to_contain_text("BALANCE")


async def test_a_mistake_is_said_aloud(page: Page) -> None:
    await page.get_by_label("Short code").fill("")
    await page.get_by_label("Text", exact=True).fill("HELP")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("to: 1 to 20 ASCII characters")


async def test_a_screen_reader_is_told_everything(page: Page) -> None:
    """Every control has a name, and new messages are announced."""
    await expect(page.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "polite")
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("input, textarea, button")]
            .filter((control) => !control.labels?.length && !control.textContent.trim()).length"""
    )
    assert nameless == 0


@pytest.mark.parametrize("width", [320, 375, 1280])
async def test_nothing_is_cut_off_sideways(page: Page, simulator: Simulator, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 740})
    async with gateway(simulator.smpp_port, scripted("x" * 150)):
        await page.keyboard.type("y" * 150 + "\n")
        await expect(page.locator(".theirs")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_has_enough_contrast(browser: Browser, simulator: Simulator, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.1, 1.4.3) in both colour schemes, whatever is on the page."""
    page = await browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(simulator.http_url)
    await page.keyboard.type("HELP\n")
    await expect(page.locator(".mine")).to_be_visible()
    low = await page.evaluate(CONTRASTS)
    await page.close()
    assert low == []


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
  const seen = [...document.querySelectorAll("body *")].filter((e) => hasWords(e) && e.checkVisibility());
  return seen.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    return [element.tagName, element.textContent, (a + 0.05) / (b + 0.05)];
  }).filter(([, , ratio]) => ratio < 4.5);
}"""
