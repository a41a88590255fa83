"""Long texts on a link: their parts stay together, and take the form that the SMSC can read."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from smsgw.domain.sms import Submitted, SubmitUnknown
from smsgw.smpp.constants import Command, EsmClass
from smsgw.smpp.segments import Method
from smsgw.smpp.tlv import Tag
from tests.integration.raw_smsc import RawSmsc
from tests.integration.running_link import SESSION, bound_peer, running, settings, taken, until

LONG = "To'lov " * 40
HASTY = replace(SESSION, response_s=0.2)


@pytest.mark.parametrize("method", [Method.SAR, Method.PAYLOAD])
async def test_an_smsc_that_announces_no_version_gets_headers_instead_of_parameters(
    smsc: RawSmsc, method: Method
) -> None:
    async with running(settings(smsc.port, long_texts=method)) as gateway:
        peer = await smsc.peer()
        peer.answer(await peer.read())
        await gateway.bound()
        submit = asyncio.ensure_future(gateway.submit(LONG))
        parts = [await taken(peer), await taken(peer)]
        assert await submit == Submitted("A1")
    assert [(part.integer("esm_class"), part.tlvs) for part in parts] == [(EsmClass.UDHI, ())] * 2


async def test_an_smsc_that_announces_its_version_gets_the_parameters_that_the_link_prefers(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, long_texts=Method.PAYLOAD)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = asyncio.ensure_future(gateway.submit(LONG))
        assert (await taken(peer)).tlv(Tag.MESSAGE_PAYLOAD) == LONG.encode()
        assert await submit == Submitted("A1")


@pytest.mark.parametrize("window", [1, 2])
async def test_no_text_that_waits_takes_the_place_of_a_long_ones_next_part(smsc: RawSmsc, window: int) -> None:
    """A text of which one part has left must not stop in the middle because the link is busy."""
    async with running(settings(smsc.port, session=replace(SESSION, window=window))) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = [asyncio.ensure_future(gateway.submit(LONG)), *gateway.submits(3)]
        for number in range(2 + 3):
            await taken(peer, b"%d" % number)
        assert all(isinstance(outcome, Submitted) for outcome in await asyncio.gather(*submits))


async def test_a_long_text_gives_its_place_back(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, session=replace(SESSION, window=1))) as gateway:
        peer = await bound_peer(smsc, gateway)
        for _ in range(3):
            submit = asyncio.ensure_future(gateway.submit(LONG))
            await taken(peer)
            await taken(peer)
            assert await submit == Submitted("A1")
        assert [connection.room for connection in gateway.link.connections] == [1]
        assert not peer.has_unread


@pytest.mark.proves("F29")
async def test_a_late_answer_to_the_last_part_settles_a_long_text(smsc: RawSmsc) -> None:
    """All others were taken before it left; the text has the id of the first."""
    async with running(settings(smsc.port, session=HASTY)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = asyncio.ensure_future(gateway.submit(LONG))
        await taken(peer, b"first")
        last = await peer.expect(Command.SUBMIT_SM)
        assert await submit == SubmitUnknown()
        peer.answer(last, fields={"message_id": b"last"})
        await until(lambda: gateway.late)
        assert gateway.late == [Submitted("first")]


@pytest.mark.proves("F29")
async def test_a_late_answer_to_another_part_settles_nothing(smsc: RawSmsc) -> None:
    """The parts after it were never sent."""
    async with running(settings(smsc.port, session=HASTY)) as gateway:
        peer = await bound_peer(smsc, gateway)
        assert await gateway.submit(LONG) == SubmitUnknown()
        await taken(peer, b"first")
        short = gateway.submits(1)[0]
        await taken(peer, b"short")
        assert await short == Submitted("short"), "what came before it has been read"
        assert gateway.late == []
