"""How a link stands, from its start to its end, for whoever looks after it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from smsgw.domain.sms import Submitted
from smsgw.smpp import link
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.status import LinkEvent, LinkHealth
from tests.integration.raw_smsc import RawSmsc, raw_smsc
from tests.integration.running_link import SESSION, bound_peer, running, settings, taken, until

PATIENT = {Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 0.02)}


async def test_a_link_tells_how_it_stands_from_its_start_to_its_end(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        status = gateway.link.status
        peer = await smsc.peer()
        await until(lambda: status.state == "binding")
        assert (status.health, status.reason) == (LinkHealth.DOWN, "binding")
        await peer.bind(Status.ESME_RALYBND)
        await until(lambda: status.events[LinkEvent.BIND_REFUSED])
        assert status.cause.startswith("ESME_RALYBND: ")
        peer = await bound_peer(smsc, gateway)
        assert (status.health, status.state, status.reason) == (LinkHealth.OK, "bound", "")
        peer.drop()
        await until(lambda: status.events[LinkEvent.CONNECTION_LOST])
        peer = await bound_peer(smsc, gateway)
        gateway.stop.set()
        peer.answer(await peer.expect(Command.UNBIND))
        await asyncio.wait_for(gateway.ended, 5)
    assert status.events == {
        LinkEvent.STARTING: 1,
        LinkEvent.BINDING: 3,
        LinkEvent.BIND_REFUSED: 1,
        LinkEvent.BOUND: 2,
        LinkEvent.CONNECTION_LOST: 1,
        LinkEvent.UNBINDING: 1,
        LinkEvent.UNBOUND: 1,
    }
    assert (status.health, status.state) == (LinkHealth.DOWN, "unbound")


async def test_a_bind_that_is_never_answered_and_an_smsc_that_is_not_there_have_their_own_words() -> None:
    hasty = replace(SESSION, session_init_s=0.05)
    async with raw_smsc() as mute, running(settings(mute.port, session=hasty)) as gateway:
        await until(lambda: gateway.link.status.events[LinkEvent.NOT_BOUND])
        assert gateway.link.status.cause == "session_init_timeout"
    async with running(settings(mute.port)) as gateway:
        await until(lambda: gateway.link.status.events[LinkEvent.NOT_CONNECTED])
        assert gateway.link.status.reason.startswith(("not_connected: ", "binding: "))


async def test_a_throttled_link_is_degraded_until_nothing_was_throttled_for_a_while(
    smsc: RawSmsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "CALM_S", 600.0)
    async with running(settings(smsc.port, statuses=PATIENT)) as gateway:
        peer, status = await bound_peer(smsc, gateway), gateway.link.status
        submit = gateway.submits(1)[0]
        for _ in range(2):
            peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RTHROTTLED)
        await taken(peer)
        assert await submit == Submitted("A1")
        assert status.reason.startswith("throttled: ESME_RTHROTTLED: ")
        monkeypatch.setattr(link, "CALM_S", 0.1)  # from the next pause on, which is of the same throttling
        again = gateway.submits(1)[0]
        peer.answer(await peer.expect(Command.SUBMIT_SM), Status.ESME_RTHROTTLED)
        await taken(peer, b"A2")
        assert await again == Submitted("A2")
        await until(lambda: status.health is LinkHealth.OK)
        assert (status.events[LinkEvent.THROTTLED], status.events[LinkEvent.THROTTLED_END]) == (1, 1)


async def test_a_link_knows_how_long_answers_took_both_ways(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        in_flight = await peer.expect(Command.SUBMIT_SM)
        await asyncio.sleep(0.05)
        peer.answer(in_flight, fields={"message_id": b"A1"})
        await submit
        peer.deliver(b"BALANCE")
        await peer.expect(Command.DELIVER_SM_RESP)
        submits, delivers = gateway.link.latencies
    assert (submits.counts[-1], delivers.counts[-1]) == (1, 1)
    assert submits.total_s >= 0.05 > delivers.total_s
