"""How a link leaves: in order where there is something to end, at once where there is not."""

from __future__ import annotations

import asyncio

import pytest

from smsgw.domain.sms import Ack, NotSubmitted, Submitted
from smsgw.smpp import link
from smsgw.smpp.connection import Connection
from smsgw.smpp.constants import Command
from smsgw.smpp.link import Link
from tests.integration.raw_smsc import WAIT_S, RawSmsc, full_listener
from tests.integration.running_link import Heard, bound_peer, running, settings, taken, until
from tests.ports import free_port

LONG = "To'lov " * 40


@pytest.mark.proves("F56")
async def test_leaving_waits_for_the_answers_both_ways_and_then_unbinds(smsc: RawSmsc) -> None:
    gate = asyncio.Event()
    heard = Heard()

    async def wait(_: str) -> Ack:
        await gate.wait()
        return Ack.DONE

    heard.handle = wait
    async with running(settings(smsc.port), heard) as gateway:
        peer = await bound_peer(smsc, gateway)
        peer.deliver(b"BALANCE")
        await until(lambda: heard.texts)
        submit = gateway.submits(1)[0]
        in_flight = await peer.expect(Command.SUBMIT_SM)
        gateway.stop.set()
        await until(lambda: gateway.link.bound == 0)
        assert await gateway.submit() == NotSubmitted(), "whoever leaves begins nothing new"
        gate.set()
        await peer.expect(Command.DELIVER_SM_RESP)
        assert not peer.has_unread
        peer.answer(in_flight, fields={"message_id": b"A1"})
        peer.answer(await peer.expect(Command.UNBIND))
        assert await submit == Submitted("A1")
        await asyncio.wait_for(gateway.ended, WAIT_S)


async def test_leaving_before_the_bind_is_answered_just_closes(smsc: RawSmsc) -> None:
    async with running(settings(smsc.port)) as gateway:
        peer = await smsc.peer()
        await peer.expect(Command.BIND_TRANSCEIVER)
        await gateway.leave()
    assert gateway.ended.exception() is None


async def test_leaving_does_not_wait_for_a_connection_that_nobody_answers() -> None:
    with full_listener() as port:
        async with running(settings(port)) as gateway:
            await asyncio.sleep(0)
            began_s = asyncio.get_running_loop().time()
            await gateway.leave()
            assert asyncio.get_running_loop().time() - began_s < settings(port).connect_s / 2


async def test_leaving_does_not_wait_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "wait_s", lambda *_: 3600.0)
    async with running(settings(free_port())) as gateway:
        await asyncio.sleep(0.05)
        await gateway.leave()


async def test_a_closed_link_has_no_timer_left(smsc: RawSmsc) -> None:
    loop = asyncio.get_running_loop()
    async with running(settings(smsc.port)) as gateway:
        peer = await bound_peer(smsc, gateway)
        submit = gateway.submits(1)[0]
        await taken(peer)
        await submit
    timers = [handle for handle in loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    owners = [getattr(handle._callback, "__self__", None) for handle in timers]
    assert not [owner for owner in owners if isinstance(owner, Link | Connection)]
