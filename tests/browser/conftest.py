"""A browser for the tests of the page, and pages that fail their test when the browser complains of anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from simulator.app import Simulator

Open = Callable[..., Awaitable[Page]]
BLANK: Final = "about:blank"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all: starting it costs more than any of the tests."""
    async with async_playwright() as playwright:
        # Containers run as root, where Chromium's own sandbox cannot start; only our page is opened.
        running = await playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[Open]:
    """Open an address in a browser that knows nothing of before."""
    opened: list[Page] = []
    complaints: list[str] = []

    async def open_one(url: str, width: int = 1280, **options: Any) -> Page:
        page = await browser.new_page(viewport={"width": width, "height": 740}, **options)
        opened.append(page)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        if options.get("java_script_enabled", True) and url != BLANK:
            # The last thing that the script does: from now on it hears every click.
            await expect(page.get_by_label("Text", exact=True).first).to_be_focused()
        return page

    yield open_one
    for page in opened:
        await page.close()
    # A refused request and a simulator that is gone are said on the page; that the console lists both is no fault.
    expected = "400 (Bad Request)", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING"
    assert [words for words in complaints if not any(each in words for each in expected)] == []


@pytest_asyncio.fixture(loop_scope="session")
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator with one operator and nobody's billing."""
    async with Simulator() as running:
        yield running
