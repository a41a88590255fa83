"""One phone of the page in a real browser: what a person sees, types and hears."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from simulator.app import Simulator
from simulator.smsc.mo import Text
from smsgw.smpp.constants import Status
from smsgw.smpp.text import length
from tests.browser.conftest import Open
from tests.integration.scripted_gateway import gateway, scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SUBSCRIBER = "+998901234567"
CODE = "Code 483920 - 50000 UZS to SARKOR n25656, fee 0. If all is right, send the code to 1400 within 5 min. Cancel: 0"


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, simulator: Simulator) -> Page:
    """The page on a phone's width."""
    return await open_page(simulator.http_url, width=375)


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
    await expect(page.locator(".counter")).to_have_text("7 of 160 · GSM · 1 SMS")


COUNTED = {
    "one_digit": "0",
    "two_of_the_extension_table": "{code}",
    "exactly_one_sms": "€" * 80,
    "one_too_many": "x" * 161,
    "an_escape_pair_at_the_cut": "x" * 152 + "€" + "x" * 160,
    "cyrillic": "Код 483920",
    "one_too_many_in_unicode": "ў" * 71,
    "a_surrogate_pair_at_the_cut": "y" * 66 + "👍" * 40,
}


async def test_the_counter_counts_as_the_network_does(page: Page) -> None:
    """The page and the gateway's own text module agree on alphabet, units and segments."""
    for text in COUNTED.values():
        measured = length(text)
        of = f" of {measured.units_max}" if measured.segments == 1 else ""
        alphabet = {"gsm0338": "GSM", "ucs2": "Unicode"}[measured.alphabet]
        said = f"{measured.units}{of} · {alphabet} · {measured.segments} SMS"
        await page.get_by_label("Text", exact=True).fill(text)
        await expect(page.locator(".counter")).to_have_text(said)


async def test_it_says_whether_a_gateway_is_there(page: Page, simulator: Simulator) -> None:
    await expect(page.get_by_role("status")).to_have_text("No gateway ready")
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


async def test_new_messages_are_announced(page: Page) -> None:
    await expect(page.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "polite")


async def test_a_refusal_is_said_in_words(page: Page, simulator: Simulator) -> None:
    """The status by its name, what it means, and that nothing more will come of the text."""
    async with gateway(simulator.smpp_port, scripted(), status=Status.ESME_RX_P_APPN):
        await page.keyboard.type("HELP\n")
        await expect(page.locator(".mine small")).to_contain_text("✕ refused · ESME_RX_P_APPN")
        await expect(page.locator(".mine .why")).to_contain_text("Permanent App Error")


async def test_a_text_shows_its_parts_and_what_its_receipt_said(page: Page, simulator: Simulator) -> None:
    long = "Оплатите счёт. " * 9
    async with gateway(simulator.smpp_port, lambda _text: long, receipts=True):
        await page.keyboard.type("HELP\n")
        await expect(page.locator(".theirs p")).to_contain_text(long.strip())
        await expect(page.locator(".theirs small")).to_contain_text("✓✓ receipt: delivered")


async def test_the_keypad_types_what_a_plain_phone_can(page: Page) -> None:
    """Digits, star and hash, at the place of the cursor; a zero that is held is a plus."""
    await page.get_by_role("button", name="Keypad").click()
    for key in "*100#4":
        await page.get_by_role("group", name="Keypad").get_by_role("button", name=key, exact=True).click()
    await page.get_by_role("button", name="Delete the last character").click()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("*100#")
    await expect(page.locator(".counter")).to_have_text("5 of 160 · GSM · 1 SMS")
    await page.get_by_role("button", name="0", exact=True).last.click(delay=600)
    await expect(page.get_by_label("Text", exact=True)).to_have_value("*100#+")


async def test_without_a_script_the_page_is_still_a_phone(open_page: Open, simulator: Simulator) -> None:
    """What was said is there, a text can be sent, and a mistake is named without losing it."""
    simulator.send_mo(Text(SUBSCRIBER, "1400", "BALANCE"))
    page = await open_page(simulator.http_url, width=375, java_script_enabled=False)
    await expect(page.get_by_role("log")).to_contain_text("BALANCE")
    await page.get_by_label("Text", exact=True).fill("HELP <b>")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".mine").last).to_contain_text("HELP <b>")
    await page.get_by_label("Short code").fill("счёт")
    await page.get_by_label("Text", exact=True).fill("0")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("to: 1 to 20 ASCII characters")
    await expect(page.get_by_label("Text", exact=True)).to_have_value("0")
