"""A link at work beside a test: what it receives is kept, what it answers is scripted, and nothing outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.domain.sms import Ack, Attempt, Delivery, InboundPart, InboundSms, SubmitOutcome
from smsgw.smpp.constants import Command
from smsgw.smpp.link import Link
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.session_settings import SessionSettings
from tests.integration.raw_smsc import WAIT_S, Peer, RawSmsc

LOOK_EVERY_S = 0.005
ANNA = Msisdn("+998901234567")
EXPIRES_AT_US = 1_800_000_000_000_000
# Bare sockets answer no unbind of themselves, so leaving must not wait for that.
SESSION = SessionSettings(window=2, inbound_window=5, response_s=30.0, last_answers_s=0.1, unbind_s=0.1)


def settings(port: int, **changes: Any) -> LinkSettings:
    """A link to loopback, with the changes of one test."""
    plain = {"name": "op", "host": "127.0.0.1", "port": port, "system_id": "smsgw", "password": Secret("secret1")}
    return LinkSettings(**{**plain, "source": "1400", "session": SESSION, **changes})


async def _done(_: str) -> Ack:
    return Ack.DONE


class Heard:
    """Implements `smpp.link.Receiver`: keeps everything; `handle` says what becomes of a text."""

    def __init__(self, handle: Callable[[str], Awaitable[Ack]] = _done) -> None:
        self.handle = handle
        self.texts: list[InboundSms] = []
        self.parts: list[InboundPart] = []
        self.receipts: list[tuple[str, Delivery]] = []

    async def text(self, sms: InboundSms) -> Ack:
        self.texts.append(sms)
        return await self.handle(sms.text)

    async def part(self, part: InboundPart) -> Ack:
        self.parts.append(part)
        return Ack.DONE

    async def receipt(self, link: str, message_id: str, delivery: Delivery) -> Ack:
        assert link == "op"
        self.receipts.append((message_id, delivery))
        return Ack.DONE


def attempt(late: list[SubmitOutcome] | None = None, *, may_send: bool = True) -> Attempt:
    """A text of use for a minute, whose lease never ends; *late* gets what comes late."""

    async def keep(outcome: SubmitOutcome) -> None:
        assert late is not None, f"{outcome} came late"
        late.append(outcome)

    return Attempt(left_s=60, expires_at_us=EXPIRES_AT_US, may_send=lambda: may_send, late=keep)


class Running:
    """A link and its end."""

    def __init__(self, link: Link, heard: Heard) -> None:
        self.link = link
        self.heard = heard
        self.late: list[SubmitOutcome] = []
        self.stop = asyncio.Event()
        self.ended: asyncio.Task[None] = asyncio.get_running_loop().create_task(link.run(self.stop), name="link")

    async def bound(self, sessions: int = 1) -> None:
        """Wait until so many sessions are bound."""
        await until(lambda: self.link.bound == sessions)

    async def submit(self, text: str = "hello", to: Msisdn = ANNA) -> SubmitOutcome:
        """Send one text; `late` keeps what was said of it too late."""
        return await asyncio.wait_for(self.link.submit(to, text, attempt(self.late)), WAIT_S + 5)

    def submits(self, texts: int) -> list[asyncio.Task[SubmitOutcome]]:
        """Send several at once."""
        return [asyncio.get_running_loop().create_task(self.submit(f"text {number}")) for number in range(texts)]

    async def leave(self) -> None:
        """Stop, and wait for the end."""
        self.stop.set()
        await asyncio.wait_for(self.ended, WAIT_S)


async def until(look: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    """Let the loop run until *look* finds something."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + timeout_s
    while not look():
        assert loop.time() < end_s, "what the test waits for does not come"
        await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def running(link_settings: LinkSettings, heard: Heard | None = None) -> AsyncIterator[Running]:
    """A link that runs until the end of the test, and leaves no task behind."""
    before = asyncio.all_tasks()
    heard = heard or Heard()
    it = Running(Link(link_settings, heard, lambda: 0.0), heard)
    try:
        yield it
        if not it.ended.done():
            await it.leave()
    finally:
        it.ended.cancel()
        await asyncio.wait([it.ended])
    # A fixture ends in a task of its own, which is not the link's.
    mine = {task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if "Peer" not in repr(task)}
    if mine:
        await asyncio.wait(mine, timeout=1)
    assert not {task for task in mine if not task.done()}, "the link left tasks behind"


async def bound_peer(smsc: RawSmsc, gateway: Running) -> Peer:
    peer = await smsc.bound()
    await gateway.bound()
    return peer


async def taken(peer: Peer, message_id: bytes = b"A1") -> Pdu:
    """Take the next submit_sm under this id."""
    submit = await peer.expect(Command.SUBMIT_SM)
    peer.answer(submit, fields={"message_id": message_id})
    return submit
