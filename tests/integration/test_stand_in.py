"""Two operators: when the link that a text is owed by is down, another may stand in for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from smsgw.domain.sms import NotSubmitted, SubmitOutcome, Submitted, SubmitUnknown
from smsgw.smpp.constants import Command
from smsgw.smpp.link import Link
from smsgw.wiring import Links
from tests.integration.raw_smsc import WAIT_S, RawSmsc, raw_smsc
from tests.integration.running_link import ANNA, SESSION, Heard, attempt, settings, taken, until


async def send(links: Links, link: str = "home") -> SubmitOutcome:
    return await asyncio.wait_for(links.submit(link, ANNA, "hello", attempt()), WAIT_S)


@asynccontextmanager
async def two_links(home: RawSmsc, twin: RawSmsc, *prefixes: str) -> AsyncIterator[Links]:
    """`home`, and `twin` with prefixes; both run until the end of the test."""
    both = {
        "home": Link(settings(home.port, name="home"), Heard(), lambda: 0.0),
        "twin": Link(settings(twin.port, name="twin", prefixes=prefixes), Heard(), lambda: 0.0),
    }
    links, stop = Links(both), asyncio.Event()
    running = asyncio.create_task(links.run(stop))
    try:
        yield links
    finally:
        stop.set()
        home.close()
        twin.close()
        await asyncio.wait_for(running, WAIT_S)


async def test_a_text_leaves_by_its_own_link_and_by_another_while_that_is_down() -> None:
    async with raw_smsc() as home, raw_smsc() as twin, two_links(home, twin, "+99890") as links:
        at_home, at_twin = await home.bound(), await twin.bound()
        await until(lambda: all(link.submits for link in links._links.values()))
        sent = asyncio.create_task(send(links))
        await taken(at_home, b"H1")
        assert await sent == Submitted("H1")
        at_home.drop()
        await until(lambda: not links._links["home"].submits)
        sent = asyncio.create_task(send(links))
        await taken(at_twin, b"T1")
        assert await sent == Submitted("T1", link="twin"), "its receipt comes by that link"
        sent = asyncio.create_task(send(links, "taken out of the configuration"))
        await taken(at_twin, b"T2")
        assert await sent == Submitted("T2", link="twin")


async def test_a_link_without_the_prefix_stands_in_for_nobody() -> None:
    async with raw_smsc() as home, raw_smsc() as twin, two_links(home, twin, "+99893") as links:
        at_twin = await twin.bound()
        await until(lambda: links._links["twin"].submits)
        assert await send(links) == NotSubmitted()
        assert not at_twin.has_unread
        await (await home.peer()).expect(Command.BIND_TRANSCEIVER)


@pytest.mark.proves("F29")
async def test_a_late_answer_names_the_link_that_stood_in() -> None:
    """The receipt comes by that one, whenever the answer came."""
    hasty, late = replace(SESSION, response_s=0.05), list[SubmitOutcome]()
    async with raw_smsc() as twin:
        link = Link(settings(twin.port, name="twin", prefixes=("+99890",), session=hasty), Heard(), lambda: 0.0)
        links, stop = Links({"twin": link}), asyncio.Event()
        running = asyncio.create_task(links.run(stop))
        peer = await twin.bound()
        await until(lambda: link.submits)
        assert await links.submit("home", ANNA, "hello", attempt(late)) == SubmitUnknown()
        await taken(peer, b"T1")
        await until(lambda: late)
        stop.set()
        twin.close()
        await asyncio.wait_for(running, WAIT_S)
    assert late == [Submitted("T1", link="twin")]
