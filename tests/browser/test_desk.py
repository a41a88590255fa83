"""The levers: sessions, faults, providers; and a simulator that comes back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from simulator.app import Simulator
from simulator.billing.book import Asked
from simulator.billing.faults import FaultKind
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Text
from tests.browser.conftest import Open
from tests.integration.scripted_gateway import gateway, scripted
from tests.integration.test_simulator_conformance import BIND, SUBMIT, UNBIND, say
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SETTINGS = SimulatorSettings(providers=(BillingSetup(name="sarkor", protocol="sarkor"),))


@pytest_asyncio.fixture(loop_scope="session")
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SETTINGS) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, simulator: Simulator) -> Page:
    return await open_page(simulator.http_url)


async def test_a_session_is_shown_and_dropped(page: Page, simulator: Simulator) -> None:
    await expect(page.get_by_role("tabpanel", name="Sessions")).to_contain_text("No gateway is connected")
    async with gateway(simulator.smpp_port, scripted()):
        session = page.locator(".session")
        await expect(session).to_contain_text("bound_trx")
        await expect(session).to_contain_text("window 50 free")
        await expect(session).to_contain_text(re.compile(r"received\s*bind_transceiver\s*ESME_ROK\s*1"))
        await page.get_by_role("button", name="drop session 1").click()
        await expect(page.locator(".session")).to_have_count(0)
        await expect(page.get_by_role("banner").get_by_role("status")).to_have_text("No gateway ready")


async def test_a_session_that_is_stalled_lights_no_lamp(page: Page, simulator: Simulator) -> None:
    """At once, and the same when the page is drawn anew; its phone has no bars."""
    async with gateway(simulator.smpp_port, scripted()):
        await expect(page.locator(".phone.served")).to_have_count(1)
        await page.get_by_role("button", name="stall session 1").click()
        for _ in range(2):
            await expect(page.locator(".session.stalled")).to_contain_text("bound_trx, stalled")
            await expect(page.locator(".phone.served, .operator.up, #link.up")).to_have_count(0)
            await expect(page.get_by_role("banner").get_by_role("status")).to_have_text("No gateway ready")
            await page.reload()
        await page.get_by_role("button", name="drop session 1").click()


async def test_a_fault_is_one_click_away_and_so_is_health(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("tab", name="Faults").click()
    await page.get_by_role("button", name="Throttle for 10 s").click()
    await expect(page.locator("#waiting")).to_have_text("submit_sm for_s 10, status ESME_RTHROTTLED")
    async with gateway(simulator.smpp_port, scripted("PAID")):
        simulator.send_mo(Text("+998901234567", "1400", "HELP"))
        refused = page.locator("#pdus .failed", has_text="submit_sm_resp")
        await expect(refused).to_contain_text("ESME_RTHROTTLED")
    await page.get_by_role("button", name="Healthy again").click()
    await expect(page.locator("#waiting")).to_have_text("Nothing: all is healthy.")
    assert simulator.smsc.faults.waiting() == {}


async def test_every_quick_fault_is_one_that_the_simulator_takes(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("tab", name="Faults").click()
    buttons = page.locator("#quick button")
    for each in await buttons.all():
        await each.click()
    await expect(page.locator("#waiting li")).to_have_count(await buttons.count())
    await expect(page.locator("#faults-error")).to_be_hidden()
    assert sum(map(len, simulator.smsc.faults.waiting().values())) == await buttons.count()


async def test_a_providers_book_fills_as_it_is_paid(page: Page, simulator: Simulator) -> None:
    """The newest first, what each account has, and in all."""
    await page.get_by_role("tab", name="Providers").click()
    book = simulator.billings["sarkor"].book
    card = page.get_by_role("region", name="sarkor")
    await expect(card).to_contain_text("Nothing credited yet.")
    for reference, account, amount_minor in ((1, "n25656", 50_000_00), (2, "n1234", 1_500_50), (3, "n25656", 700_00)):
        book.judge(Asked("pay", reference, account, amount_minor), 1.8e9)
    await expect(card.locator(".totals")).to_have_text("3 credited, 52\u202f200.50 in all")
    assert await card.locator(".book b").all_inner_texts() == ["700.00", "1\u202f500.50", "50\u202f000.00"]
    assert await card.locator(".accounts li").all_inner_texts() == ["n25656 50\u202f700.00 ×2", "n1234 1\u202f500.50"]


async def test_a_provider_is_told_to_fail_and_to_stop_it(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("tab", name="Providers").click()
    await page.get_by_label("Fault of sarkor", exact=True).select_option("refused")
    await page.get_by_label("Which requests of sarkor", exact=True).select_option("check")
    await page.get_by_label("How many requests of sarkor", exact=True).fill("3")
    await page.get_by_role("button", name="Add fault of sarkor").click()
    await expect(page.get_by_role("list", name="Faults of sarkor")).to_have_text("refuse check, 3 times")
    waiting = [(fault.kind, fault.command, fault.count) for fault in simulator.billings["sarkor"].faults.waiting()]
    assert waiting == [("refuse", "check", 3)]
    await page.get_by_role("button", name="Clear faults of sarkor").click()
    await expect(page.get_by_role("list", name="Faults of sarkor").locator("li")).to_have_count(0)


async def test_every_kind_of_a_providers_fault_can_be_chosen(page: Page) -> None:
    await page.get_by_role("tab", name="Providers").click()
    options = page.get_by_label("Fault of sarkor", exact=True).locator("option")
    kinds = [await option.get_attribute("value") for option in await options.all()]
    assert sorted(kind or "" for kind in kinds) == sorted(FaultKind)


async def test_the_panes_are_tabs(page: Page) -> None:
    """Arrows go from one to the next, and only one panel is seen."""
    await page.get_by_role("tab", name="Sessions").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Faults")).to_be_focused()
    await expect(page.get_by_role("tab", name="Faults")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("tabpanel")).to_have_count(1)


async def test_the_page_finds_a_simulator_that_has_begun_anew(open_page: Open) -> None:
    """It says that nobody answers, then shows what the new one has, and nothing of before; the draft stays."""
    here = replace(SETTINGS, http_port=free_port())
    async with Simulator(here) as first:
        page = await open_page(first.http_url)
        first.send_mo(Text("+998901234567", "1400", "before"))
        await expect(page.get_by_role("log")).to_contain_text("before")
        await page.get_by_label("Text", exact=True).fill("a draft")
    await expect(page.get_by_role("banner").get_by_role("status")).to_have_text("The simulator does not answer")
    async with Simulator(here) as second:
        second.send_mo(Text("+998901234567", "1400", "after"))
        await expect(page.locator(".mine p")).to_have_text(["I: after"])
        await expect(page.get_by_role("banner").get_by_role("status")).to_have_text("No gateway ready")
        await expect(page.get_by_label("Text", exact=True)).to_have_value("a draft")


async def test_a_tab_out_of_sight_holds_no_line_and_catches_up(
    page: Page, simulator: Simulator, open_page: Open
) -> None:
    """A browser opens six lines to one place, so that a seventh tab would else see nothing."""
    seen = await open_page(simulator.http_url)
    text = page.get_by_role("log").locator("p")
    await page.evaluate(HIDE, True)
    simulator.send_mo(Text("+998901234567", "1400", "meanwhile"))
    simulator.send_mo(Text("+998901234567", "1400", "and more"))
    await expect(seen.get_by_role("log").locator("p")).to_have_count(2)
    assert await text.count() == 0
    await page.evaluate(HIDE, False)
    await expect(text).to_have_text(["I: meanwhile", "I: and more"])


HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_a_breach_of_smpp_is_shown_with_its_clause_and_its_pdu(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("tab", name="Conformance").click()
    await expect(page.locator("#verdict")).to_have_text("Nothing to judge yet.")
    async with gateway(simulator.smpp_port, scripted()):
        await expect(page.locator("#verdict")).to_have_text("Conformant so far.")
    await say(simulator.smpp_port, BIND, SUBMIT, UNBIND)
    await expect(page.locator("#verdict")).to_have_text("Not conformant.")
    breach = page.locator(".violation.must")
    await expect(breach).to_contain_text("SMPP 3.4, 2.3, table 2-1")
    await expect(breach).to_contain_text("submit_sm while bound_rx")
    await breach.get_by_role("button", name="Show the PDU").click()
    await expect(page.locator("#pdus summary:focus")).to_contain_text("submit_sm")


async def test_a_scenario_is_played_and_ended(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("tab", name="Faults").click()
    await page.get_by_label("Scenario").select_option("throttling")
    await page.get_by_label("Seed").fill("7")
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator("#played")).to_contain_text("Throttling · seed 7 · 0 times so far")
    await page.get_by_role("button", name="Healthy again").click()
    await expect(page.locator("#played li")).to_have_count(0)


async def test_a_receipt_is_written_by_hand(page: Page, simulator: Simulator) -> None:
    await needs(simulator, "/operators")
    await page.get_by_role("tab", name="Faults").click()
    await page.get_by_label("Receipts by hand").check()
    async with gateway(simulator.smpp_port, scripted("PAID"), receipts=True):
        simulator.send_mo(Text("+998901234567", "1400", "HELP"))
        await page.get_by_role("group", name="Receipt").get_by_role("button", name="undeliverable").click()
        await expect(page.locator(".theirs small")).to_contain_text("✕ receipt: undeliverable")
        await expect(page.get_by_role("group", name="Receipt")).to_have_count(0)


async def needs(simulator: Simulator, path: str) -> None:
    """Skip the test of a part that this simulator does not have; the page does not show it then."""
    async with aiohttp.ClientSession(simulator.http_url) as http:
        if path not in (await (await http.get("/health")).json())["paths"]:
            pytest.skip(f"this simulator has no {path}")


async def test_parts_that_the_simulator_does_not_have_are_not_offered(page: Page, simulator: Simulator) -> None:
    async with aiohttp.ClientSession(simulator.http_url) as http:
        paths = (await (await http.get("/health")).json())["paths"]
    await page.get_by_role("tab", name="Faults").click()
    await expect(page.locator("#by-hand input")).to_have_count(1 if "/operators" in paths else 0)
