"""The pictures of the documents: `python -m tests.browser.pictures`. A real gateway, a real browser, and a good day."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.conftest import find_browser
from tests.integration.gateway import ANNA, BORIS, Gateway, running_gateway

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
DILNOZA: Final = "+998901234569"
BYTES_MAX: Final = 250_000
"""A page of documents with all of them should open at once."""


async def main() -> None:
    """Play a day, and take the pictures as it goes."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        async with running_gateway(Path(folder)) as gateway, browser() as chromium:
            await gateway.enrol(BORIS, "ru")
            await bench(chromium, gateway)
            await providers(chromium, gateway)
            await wire(chromium, gateway)
            await faults(chromium, gateway)
            await small(chromium, gateway)
    for path in sorted(FOLDER.glob("*.png")):
        assert path.stat().st_size <= BYTES_MAX, f"{path.name} has {path.stat().st_size} bytes"
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as the tests start it."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield running
        await running.close()


async def opened(chromium: Browser, gateway: Gateway, *numbers: str, scheme: str = "light", width: int = 1280) -> Page:
    """The page with these phones; whatever moves has ended."""
    page = await chromium.new_page(
        viewport={"width": width, "height": 760},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    asked = "&".join(f"from=%2B{number[1:]}" for number in numbers)
    await page.goto(f"{gateway.simulator.http_url}/?{asked}&to=1400")
    await expect(page.locator(".session table").or_(page.locator("[role=tab].narrow:visible")).first).to_be_visible()
    return page


def phone(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Phone {number}")


async def say(page: Page, number: str, text: str) -> None:
    """Text something, and wait for the answer and its receipt."""
    answers = phone(page, number).locator(".theirs.delivered")
    before = await answers.count()
    await phone(page, number).get_by_label("Text", exact=True).fill(text)
    await page.keyboard.press("Enter")
    await expect(answers).to_have_count(before + 1)


async def pay(page: Page, number: str, text: str) -> None:
    """Order a payment, and answer its code."""
    await say(page, number, text)
    code = (await phone(page, number).locator(".code").last.inner_text()).split()[-1]
    await say(page, number, code)


async def taken(page: Page, name: str) -> None:
    """Take the picture once the line has told everything."""
    await page.wait_for_timeout(700)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await page.close()


async def bench(chromium: Browser, gateway: Gateway) -> None:
    page = await opened(chromium, gateway, ANNA, BORIS, DILNOZA)
    await say(page, ANNA, "BALANCE")
    await phone(page, BORIS).get_by_label("Language of the examples").select_option("ru")
    await pay(page, BORIS, "САРКОР*n25656*50000*parol1")
    await phone(page, DILNOZA).get_by_role("button", name="Keypad").click()
    await say(page, DILNOZA, "HELP")
    await phone(page, DILNOZA).get_by_label("Text", exact=True).fill("0")
    await page.locator("#pdus summary", has_text="submit_sm from").last.hover()
    await taken(page, "bench")


async def providers(chromium: Browser, gateway: Gateway) -> None:
    page = await opened(chromium, gateway, ANNA, BORIS, scheme="dark", width=1440)
    await pay(page, ANNA, "COMNET*ali77*10000*parol1")
    await pay(page, ANNA, "SARKOR*n4411*25000*parol1")
    await page.get_by_role("tab", name="Providers").click()
    await page.get_by_label("Fault of comnet", exact=True).select_option("slow")
    await page.get_by_role("button", name="Add fault of comnet").click()
    await taken(page, "providers")
    gateway.simulator.billings["comnet"].faults.clear()


async def wire(chromium: Browser, gateway: Gateway) -> None:
    page = await opened(chromium, gateway, ANNA, width=1440)
    await page.get_by_label("Show contents").check()
    await page.get_by_label("Command", exact=True).select_option("submit_sm")
    opened_row = page.locator("#pdus li:visible", has_text="submit_sm from").last
    await opened_row.locator("summary").click()
    await opened_row.get_by_role("button", name="Octets").click()
    await expect(opened_row.locator("pre")).to_contain_text("0010")
    # The pane of the wire as high as on a larger screen, so that a whole PDU is on the picture.
    await page.evaluate("document.querySelector('main').style.gridTemplateRows = 'minmax(0, 6fr) auto minmax(0, 1fr)'")
    await page.evaluate("document.querySelector('#pdus').scrollTo(0, 1e6)")
    await taken(page, "wire")


async def faults(chromium: Browser, gateway: Gateway) -> None:
    page = await opened(chromium, gateway, BORIS, scheme="dark", width=1280)
    await page.get_by_role("tab", name="Faults").click()
    await page.get_by_role("button", name="Next receipt undeliverable").click()
    await phone(page, BORIS).get_by_label("Text", exact=True).fill("БАЛАНС")
    await page.keyboard.press("Enter")
    await expect(phone(page, BORIS).locator(".undeliverable")).to_be_visible()
    await page.get_by_role("button", name="Refuse the next submit").click()
    await page.get_by_role("button", name="Receipts 5 s late, next ten").click()
    await taken(page, "faults")
    gateway.simulator.smsc.faults.clear()


async def small(chromium: Browser, gateway: Gateway) -> None:
    page = await opened(chromium, gateway, ANNA, width=375)
    await taken(page, "small")


if __name__ == "__main__":
    asyncio.run(main())
