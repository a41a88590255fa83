"""An SMSC that wants fewer texts: the link rests, keeps the order, and loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from smsgw.domain.sms import SubmitRefused, Submitted
from smsgw.smpp import link
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.tlv import Tag
from tests.integration.raw_smsc import RawSmsc
from tests.integration.running_link import bound_peer, running, settings, taken


def throttled(pause_s: float) -> dict[int, Reaction]:
    """How long a throttled link rests."""
    return {Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, pause_s)}


# Being bound.


@pytest.mark.proves("F28")
async def test_a_throttled_link_pauses_as_a_whole_and_its_texts_keep_their_order(smsc: RawSmsc) -> None:
    """Nothing leaves during the pause; what was throttled leaves first, and what came later follows it."""
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port, statuses=throttled(0.2))) as gateway:
        peer = await bound_peer(smsc, gateway)
        submits = gateway.submits(4)
        for submit in [await peer.expect(Command.SUBMIT_SM) for _ in range(2)]:
            peer.answer(submit, Status.ESME_RTHROTTLED)
        throttled_s = loop.time()
        sent = [(await taken(peer)).octets("short_message")]
        assert loop.time() - throttled_s >= 0.15
        sent += [(await taken(peer)).octets("short_message") for _ in range(3)]
        assert await asyncio.gather(*submits) == [Submitted("A1")] * 4
    assert sent == [b"text 0", b"text 1", b"text 2", b"text 3"]


async def test_a_text_that_is_throttled_again_and_again_goes_back_to_the_outbox(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port, statuses=throttled(0.01))) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        for _ in range(link.THROTTLED_TRIES):
            peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RTHROTTLED)
        assert await submit == SubmitRefused(Status.ESME_RTHROTTLED, temporary=True, retry_after_s=0.01)
        assert not peer.has_unread


@pytest.mark.proves("F28")
async def test_a_text_that_finds_a_full_queue_waits_alone(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        refused = gateway.submits(1)[0]
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RMSGQFUL)
        assert await refused == SubmitRefused(Status.ESME_RMSGQFUL, temporary=True, retry_after_s=5.0)
        other = gateway.submits(1)[0]
        await taken(peer)
        assert await other == Submitted("A1"), "the others need not wait for it"


async def test_a_status_that_this_smsc_throttles_with_pauses_the_link(smsc: RawSmsc) -> None:
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port, statuses={0x4A1: Reaction(Then.PAUSE, 0.2)})) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        peer.answer(await peer.expect(Command.SUBMIT_SM), 0x4A1)
        refused_s = loop.time()
        await taken(peer)
        assert loop.time() - refused_s >= 0.15
        assert await submit == Submitted("A1")


@pytest.mark.proves("F28")
async def test_a_pause_survives_the_connection(smsc: RawSmsc) -> None:
    """Whoever reconnects to be rid of a throttling is throttled for longer; the text that was throttled still waits."""
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port, statuses=throttled(0.3))) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RTHROTTLED)
        throttled_s = loop.time()
        await peer.writer.drain()
        await asyncio.sleep(0.05)
        peer.drop()
        again = await smsc.bound()
        await taken(again)
        assert loop.time() - throttled_s >= 0.25
        assert await submit == Submitted("A1")


async def test_a_congested_smsc_gets_fewer_texts(smsc: RawSmsc) -> None:
    """SMPP 5.0, 4.8.4.18: congestion_state 92 asks for a rest, in an answer that takes the text."""
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        first = gateway.submits(1)[0]
        congested = ((Tag.CONGESTION_STATE, bytes([92])),)
        peer.answer(await peer.expect(Command.SUBMIT_SM), fields={"message_id": b"A1"}, tlvs=congested)
        assert await first == Submitted("A1")
        answered_s = loop.time()
        second = gateway.submits(1)[0]
        await taken(peer)
        assert await second == Submitted("A1")
        assert loop.time() - answered_s >= 0.12
