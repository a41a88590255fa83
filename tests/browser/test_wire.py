"""The wire: every PDU as it passes, masked until somebody asks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from simulator.app import Simulator
from simulator.smsc.mo import Text
from tests.browser.conftest import Open
from tests.integration.scripted_gateway import gateway, scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECRET = "SARKOR*n25656*50000*parol1"


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, simulator: Simulator) -> AsyncIterator[Page]:
    """A gateway has bound, taken a text with a password, and answered it."""
    async with gateway(simulator.smpp_port, scripted("44742441 PAID")):
        opened = await open_page(simulator.http_url)
        await opened.keyboard.type(f"{SECRET}\n")
        await expect(opened.locator(".theirs")).to_contain_text("PAID")
        await expect(opened.locator("#pdus-note")).to_have_text("6 of 6 PDUs")
        yield opened


async def test_each_pdu_is_a_row_with_its_facts(page: Page) -> None:
    rows = [re.sub(r"\s+", " ", words) for words in await page.locator("#pdus li").all_inner_texts()]
    assert [row.split()[2] for row in rows[:2]] == ["bind_transceiver", "bind_transceiver_resp"]
    commands = {row.split()[2] for row in rows[2:]}
    assert commands == {"deliver_sm", "deliver_sm_resp", "submit_sm", "submit_sm_resp"}
    submitted = next(row for row in rows if "submit_sm from" in row)
    assert "1400 → +998*******67 · (13 octets)" in submitted
    assert re.search(r"id 00000001 · after [0-9.]+ ms", next(row for row in rows if "submit_sm_resp" in row))


async def test_nothing_that_was_said_is_on_the_wire_until_it_is_asked_for(page: Page) -> None:
    """Texts, numbers and octets: by one switch, which masks them again."""
    wire = page.locator("#wire")
    await expect(wire).not_to_contain_text("parol1")
    await expect(wire).not_to_contain_text("998901234567")
    await page.get_by_label("Show contents").check()
    await expect(wire).to_contain_text(f"998901234567 → 1400 · “{SECRET}”")
    await page.get_by_label("Show contents").uncheck()
    await expect(page.locator("#pdus-note")).to_have_text("6 of 6 PDUs")
    await expect(wire).not_to_contain_text("parol1")


async def test_a_row_opens_into_fields_and_octets(page: Page) -> None:
    await page.locator("#pdus summary", has_text="deliver_sm").first.click()
    await expect(page.locator(".fields")).to_contain_text("Texts, passwords and numbers are masked")
    await page.get_by_label("Show contents").check()
    await expect(page.locator(".fields")).to_contain_text("source_addr_ton")
    await page.get_by_role("button", name="Octets").click()
    # The head of a deliver_sm: its command_id, a status of 0.
    await expect(page.locator("pre")).to_contain_text(re.compile(r"^0000  00 00 00 \w\w 00 00 00 05 00 00 00 00"))
    await expect(page.locator("pre")).to_contain_text("SARKOR")


FILTERS = (
    ("Command", "submit_sm", 2),
    ("Command", "!", 0),
    ("Command", "", 6),
    ("Session", "1", 6),
    ("Filter", "+998", 2),
    ("Filter", "x", 0),
    ("Filter", "", 6),
)


async def test_rows_are_filtered(page: Page) -> None:
    for control, choice, count in FILTERS:
        field = page.get_by_label(control, exact=True)
        await (field.fill(choice) if control == "Filter" else field.select_option(choice))
        await expect(page.locator("#pdus-note")).to_have_text(f"{count} of 6 PDUs")
        await expect(page.locator("#pdus li:visible")).to_have_count(count)


async def test_it_pauses_and_is_cleared(page: Page) -> None:
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_label("Text", exact=True).fill("HELP")
    await page.keyboard.press("Enter")
    await expect(page.locator("#pdus-note")).to_have_text("6 of 6 PDUs · paused, 2 more")
    await page.get_by_role("button", name="Resume").click()
    await expect(page.locator("#pdus li")).to_have_count(8)
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator("#pdus li")).to_have_count(0)


async def test_request_and_answer_are_shown_together(page: Page) -> None:
    await page.locator("#pdus summary", has_text="submit_sm_resp").hover()
    await expect(page.locator("#pdus .tied b")).to_have_text(
        [re.compile("^submit_sm "), re.compile("^submit_sm_resp ")]
    )


async def test_the_wire_is_walked_by_keyboard(page: Page) -> None:
    """One stop for Tab, arrows inside, Enter opens; single keys work outside of fields only."""
    await page.keyboard.type("w")
    await expect(page.get_by_label("Text", exact=True)).to_have_value("w")
    await page.keyboard.press("Escape")
    await page.keyboard.press("w")
    await page.keyboard.press("Home")
    await expect(page.locator("#pdus summary").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#pdus li").nth(1).locator("details")).to_have_attribute("open", "")
    assert await page.locator("#pdus summary[tabindex='0']").count() == 1
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.get_by_label("Single keys").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("p")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()


async def test_whoever_shows_contents_by_keyboard_keeps_the_place(page: Page) -> None:
    """The row is told anew: open as it was, with the focus, shown and masked again."""
    await page.keyboard.press("Escape")
    await page.keyboard.press("w")
    for key in ("Home", "ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    row = page.locator("#pdus li").nth(2)
    for said in ("“SARKOR", "Texts, passwords and numbers are masked"):
        await page.keyboard.press("x")
        await expect(page.locator("#pdus-note")).to_have_text("6 of 6 PDUs")
        await expect(row).to_contain_text(said)
        await expect(row.locator("details")).to_have_attribute("open", "")
        await expect(row.locator("summary")).to_be_focused()
        assert await page.locator("#pdus details[open]").count() == 1


async def test_whoever_has_gone_on_is_not_called_back_to_the_wire(page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.keyboard.press("w")
    await page.keyboard.press("x")
    await page.keyboard.press("t")
    await expect(page.locator("#wire")).to_contain_text("parol1")
    await expect(page.get_by_label("Text", exact=True)).to_be_focused()


async def test_a_flood_does_not_make_the_page_grow(page: Page, simulator: Simulator) -> None:
    """Rows are bounded, and what was left out is counted."""
    for _ in range(400):
        simulator.send_mo(Text("+998901234568", "1400", "HELP"))
    await expect(page.locator("#pdus-note")).to_contain_text(re.compile(r"250 of 250 PDUs · \d+ passed too quickly"))
