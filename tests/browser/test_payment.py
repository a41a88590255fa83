"""A payment through the page: a phone, the real gateway, and the provider's book."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from simulator.page.samples import SAMPLES, Samples
from tests.browser.conftest import Open
from tests.integration.gateway import BORIS, PASSWORD, Gateway, running_gateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path) as running:
        yield running


async def test_sarkor_is_paid_in_russian_by_clicking_and_typing(open_page: Open, gateway: Gateway) -> None:
    """The receipt on the phone, the ticks, the PDUs without what they say, and the credit in the provider's book."""
    await gateway.enrol(BORIS, "ru")
    page = await open_page(f"{gateway.simulator.http_url}/?from=%2B{BORIS[1:]}&to=1400")
    phone, wire = page.get_by_role("article"), page.locator("#wire")
    await page.get_by_role("tab", name="Providers").click()
    await phone.get_by_label("Language of the examples").select_option("ru")
    await phone.get_by_role("button", name="САРКОР*n25656*50000*parol1").click()
    await phone.get_by_role("button", name="Send").click()
    await expect(phone.locator(".theirs p")).to_contain_text(re.compile("Код [0-9]{6} - SARKOR n25656, 50000"))
    await expect(phone.locator(".mine small")).to_contain_text("✓✓ delivered")
    await phone.get_by_role("button", name="Answer").click()
    await page.keyboard.press("Enter")
    await expect(phone.locator(".theirs p").last).to_contain_text("ОПЛАЧЕН")
    await expect(phone.locator(".theirs small")).to_have_text([re.compile("✓✓ receipt: delivered")] * 2)
    sarkor = page.get_by_role("region", name="sarkor")
    await expect(sarkor.locator(".totals")).to_have_text("1 credited, 50\u202f000.00 in all")
    await expect(sarkor.locator(".book")).to_contain_text("n25656")
    await expect(wire.locator("#pdus .submit b")).to_have_count(4)
    await expect(wire.locator("#pdus .receipt b")).to_have_count(2)
    assert PASSWORD not in await wire.inner_text()
    assert BORIS[1:] not in await wire.inner_text()


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda samples: samples.code)
async def test_the_gateway_understands_every_sample(gateway: Gateway, samples: Samples) -> None:
    """The balance, help, nothing to cancel, and a code: Anna is answered in English, whatever language she writes."""
    answers = [(await gateway.ask(text)).text for text in samples.texts]
    stand_for = "BALANCE ", "HELP. ", "Nothing is waiting to be cancelled", "Code "
    assert [a.startswith(b) for a, b in zip(answers, stand_for, strict=True)] == [True] * 4, answers
