"""Several phones side by side."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from simulator.app import Simulator
from simulator.settings import OperatorSettings, SimulatorSettings
from simulator.smsc.mo import Text
from tests.browser.conftest import Open
from tests.integration.scripted_gateway import gateway, scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANNA, BORIS = "+998901234567", "+998931112233"
OPERATORS = (OperatorSettings(name="beeline", prefixes=("99890",)), OperatorSettings(name="ucell", prefixes=("99893",)))


@pytest_asyncio.fixture(loop_scope="session")
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(operators=OPERATORS)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, simulator: Simulator) -> Page:
    """Anna's phone and Boris's."""
    return await open_page(f"{simulator.http_url}/?from=%2B{ANNA[1:]}&from=%2B{BORIS[1:]}&to=1400")


def phone(page: Page, number: str) -> Locator:
    return page.get_by_role("article", name=f"Phone {number}")


async def test_each_phone_has_its_own_conversation_at_its_own_operator(page: Page, simulator: Simulator) -> None:
    async with gateway(simulator.network.ports["ucell"], scripted("44742441 PAID")):
        await phone(page, BORIS).get_by_label("Text", exact=True).fill("HELP")
        await page.keyboard.press("Enter")
        await expect(phone(page, BORIS).locator(".theirs")).to_contain_text("44742441 PAID")
        await expect(phone(page, ANNA).locator(".log li")).to_have_count(0)
        assert await page.locator(".badge").all_inner_texts() == ["beeline", "ucell"]
        await expect(phone(page, BORIS)).to_have_class("phone served")
        await expect(phone(page, ANNA)).to_have_class("phone")
        assert await page.locator(".operator.up").all_inner_texts() == [f"ucell :{simulator.network.ports['ucell']}"]


async def test_a_phone_is_added_and_taken_away_and_all_are_remembered(page: Page, simulator: Simulator) -> None:
    """The next number is offered; the address and the browser know the phones, so that they are there the next time."""
    await page.get_by_role("button", name="Add a phone").click()
    third = phone(page, "+998931112234")
    await expect(third.get_by_label("My number")).to_be_focused()
    simulator.send_mo(Text("+998931112234", "1400", "BALANCE"))
    await expect(third.get_by_role("log")).to_contain_text("BALANCE")
    await page.get_by_role("button", name=f"Take phone {ANNA} away").click()
    await expect(page.get_by_role("article")).to_have_count(2)
    await page.goto(simulator.http_url)
    await expect(page.get_by_role("article")).to_have_count(2)
    await expect(third.get_by_role("log")).to_contain_text("BALANCE")
    await expect(page).to_have_url(re.compile("from=%2B998931112233"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [(BORIS, "on another phone already"), ("", "no number that a phone can have"), ("счёт", "no number")],
)
async def test_a_number_that_cannot_be_is_said_to_be_none(page: Page, typed: str, said: str) -> None:
    await phone(page, ANNA).get_by_label("My number").fill(typed)
    await page.keyboard.press("Tab")
    await expect(phone(page, ANNA).get_by_role("alert")).to_contain_text(said)


async def test_whoever_goes_on_to_another_phone_is_not_called_back(page: Page) -> None:
    """The answer to a text that was sent leaves the cursor where it is by then, and what was typed meanwhile."""
    anna, boris = (phone(page, number).get_by_label("Text", exact=True) for number in (ANNA, BORIS))
    await page.evaluate(SLOWLY)
    await anna.fill("HELP")
    await anna.press("Enter")
    await boris.fill("BAL")
    await expect(anna).to_have_value("")
    await expect(boris).to_be_focused()
    await boris.press("Enter")
    await boris.press_sequentially("ANCE")
    await expect(phone(page, BORIS).locator(".mine")).to_contain_text("BAL")
    await expect(page.locator("body")).to_have_attribute("data-answered", "2")
    await expect(boris).to_have_value("BALANCE")


SLOWLY = """() => {
  const { fetch } = window;
  document.body.dataset.answered = 0;
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    await new Promise((resolve) => setTimeout(resolve, 200));
    document.body.dataset.answered = Number(document.body.dataset.answered) + 1;
    return answer;
  };
}"""


async def test_a_draft_survives_a_change_of_the_number(page: Page) -> None:
    await phone(page, ANNA).get_by_label("Text", exact=True).fill("SARKOR*n25656")
    await phone(page, ANNA).get_by_label("My number").fill("+998935554433")
    await page.keyboard.press("Tab")
    await expect(phone(page, "+998935554433").get_by_label("Text", exact=True)).to_have_value("SARKOR*n25656")
    await expect(phone(page, "+998935554433").locator(".badge")).to_have_text("ucell")
    await expect(phone(page, "+998935554433").get_by_label("Short code")).to_be_focused()


async def test_the_keys_of_the_keyboard_are_for_the_phone_that_somebody_was_at(page: Page) -> None:
    """Though no field of it has the focus any more, and even if it has another number by then."""
    await phone(page, BORIS).get_by_label("My number").focus()
    await page.keyboard.press("Escape")
    await page.keyboard.press("k")
    await expect(phone(page, BORIS).get_by_role("group", name="Keypad")).to_be_visible()
    await expect(phone(page, ANNA).get_by_role("group", name="Keypad")).to_be_hidden()
    await phone(page, BORIS).get_by_label("My number").fill("+998935554433")
    await page.keyboard.press("Escape")
    await expect(phone(page, "+998935554433")).to_be_visible()
    await page.keyboard.press("t")
    await expect(phone(page, "+998935554433").get_by_label("Text", exact=True)).to_be_focused()


async def test_what_is_said_meanwhile_is_said_once(page: Page, simulator: Simulator) -> None:
    """Texts that come while a phone is drawn anew are neither lost nor shown twice."""
    await phone(page, ANNA).get_by_label("My number").fill("+998901111111")
    simulator.send_mo(Text("+998901111111", "1400", "one"))
    await page.keyboard.press("Tab")
    simulator.send_mo(Text("+998901111111", "1400", "two"))
    await expect(phone(page, "+998901111111").locator(".mine p")).to_have_text(["I: one", "I: two"])
