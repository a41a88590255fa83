"""Our simulator with a gateway built on aiosmpplib, an asyncio client that others have written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from aiosmpplib import (
    ESME,
    AbstractHook,
    BindMode,
    DeliverSm,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.retrytimer import SimpleExponentialBackoff

from simulator.faults.fault import Fault
from simulator.smsc.mo import MoState
from smsgw.smpp.constants import Status
from smsgw.smpp.segments import Method
from smsgw.smpp.states import State
from tests.integration.peers.phone_network import ANNA, LONG_LATIN, LONG_UNICODE, PhoneNetwork, phone_network
from tests.integration.raw_smsc import WAIT_S
from tests.integration.running_link import until

T = TypeVar("T", bound=SmppMessage)


class Heard(AbstractHook):  # type: ignore[misc]
    """Keeps what the client hears."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[SmppMessage] = asyncio.Queue()

    async def sending(self, *sent: object) -> None:
        pass

    async def received(self, message: SmppMessage | None, *_: object) -> None:
        self._heard.put_nowait(message)

    async def send_error(self, _: SmppMessage, error: Exception, *__: object) -> None:
        raise AssertionError from error

    async def next(self, kind: type[T]) -> T:
        """The next message of this kind; parts that are not whole yet, and other answers, are passed over."""
        async with asyncio.timeout(WAIT_S):
            while not isinstance(message := await self._heard.get(), kind):
                pass
        return message


class Client(ESME):  # type: ignore[misc]
    """The library's client, which leaves its writers open; they are closed for it."""

    def __init__(self, port: int, **changes: Any) -> None:
        self.heard = Heard()
        self._writers: list[asyncio.StreamWriter] = []
        # A hundredth of a second before it binds again.
        timer = SimpleExponentialBackoff(10)
        plain = {"system_id": "gateway", "password": "secret1", "hook": self.heard, "retry_timer": timer}
        super().__init__("127.0.0.1", port, **{**plain, "log_handler": logging.NullHandler(), **changes})

    async def connect(self) -> None:
        try:
            await super().connect()
        finally:
            self._writers.append(self._writer)

    async def close(self) -> None:
        for writer in self._writers:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def bound(network: PhoneNetwork, **changes: Any) -> AsyncIterator[Client]:
    """A client at work; at the end it leaves in order, and nobody has broken SMPP in the other's eyes.

    Leaving takes it a second, so each test asks for much.
    """
    before = len(network.sessions())
    esme = Client(network.port, **changes)
    running = asyncio.ensure_future(esme.start())
    try:
        await until(lambda: sum(session.is_bound for session in network.sessions()) > before)
        yield esme
        assert network.faults() == {}
    finally:
        await esme.stop()
        await asyncio.wait_for(running, WAIT_S)
        await esme.close()
    await until(lambda: len(network.sessions()) == before)


def submit(text: str, **fields: Any) -> SubmitSm:
    """A text from the short code to the subscriber."""
    return SubmitSm(short_message=text, source=PhoneNumber("1400"), destination=PhoneNumber(ANNA[1:]), **fields)


@pytest.fixture
async def network() -> AsyncIterator[PhoneNetwork]:
    async with phone_network() as running:
        yield running


async def test_texts_reach_it(network: PhoneNetwork) -> None:
    async with bound(network) as esme:
        for text in ("BALANCE {€} @_", "БАЛАНС 👍"):
            mo = network.text(text)
            sms = await esme.heard.next(DeliverSm)
            assert (sms.short_message, sms.source.number, sms.is_receipt()) == (text, ANNA[1:], False)
            assert (await network.answered(mo)).state is MoState.ACKED


async def test_long_texts_reach_it_whole(network: PhoneNetwork) -> None:
    """But none with a 16-bit reference, which it reads as 32 bits."""
    async with bound(network) as esme:
        for method in (Method.UDH8, Method.SAR):
            mo = network.text(LONG_UNICODE, method=method)
            assert (await esme.heard.next(DeliverSm)).short_message == LONG_UNICODE
            assert (await network.answered(mo)).state is MoState.ACKED
        network.text(LONG_LATIN, method=Method.PAYLOAD)
        assert (await esme.heard.next(DeliverSm)).message_payload == LONG_LATIN


@pytest.mark.parametrize(
    "how",
    [{"auto_message_payload": True}, {"auto_message_payload": False, "esm_class": 0x40}],
    ids=["payload", "headers"],
)
async def test_the_phone_shows_what_it_submits(network: PhoneNetwork, how: dict[str, Any]) -> None:
    async with bound(network) as esme:
        since = 0
        for text in ("Paid [50 000]", "Оплачено 👍", LONG_UNICODE):
            await esme.broker.enqueue(submit(text, **how))
            mt = await network.read(since)
            since = mt.id
            assert mt.text == text
            assert (await esme.heard.next(SubmitSmResp)).command_status is SmppCommandStatus.ESME_ROK


async def test_it_knows_which_text_a_receipt_is_for(network: PhoneNetwork) -> None:
    async with bound(network) as esme:
        await esme.broker.enqueue(submit("PAID", registered_delivery=1, log_id="payment 17"))
        message_id = (await esme.heard.next(SubmitSmResp)).message_id
        receipt = await esme.heard.next(DeliverSm)
        said = receipt.parse_receipt()
        assert (said["id"], said["stat"], said["err"]) == (message_id, "DELIVRD", 0)
        assert (receipt.is_receipt(), receipt.log_id) == (True, "payment 17")


async def test_it_reads_a_refusal(network: PhoneNetwork) -> None:
    network.simulator.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RMSGQFUL))
    async with bound(network) as esme:
        await esme.broker.enqueue(submit("PAID"))
        assert (await esme.heard.next(SubmitSmResp)).command_status is SmppCommandStatus.ESME_RMSGQFUL


async def test_a_transmitter_gets_no_texts(network: PhoneNetwork) -> None:
    """They wait for a line that receives."""
    async with bound(network, bind_mode=BindMode.TRANSMITTER):
        mo = network.text("BALANCE")
        async with bound(network, bind_mode=BindMode.RECEIVER) as receiver:
            assert (await receiver.heard.next(DeliverSm)).short_message == "BALANCE"
            assert (await network.answered(mo)).attempts == 1
            assert {session.state for session in network.sessions()} == {State.BOUND_TX, State.BOUND_RX}


async def test_it_may_ask_whether_we_live(network: PhoneNetwork) -> None:
    async with bound(network, enquire_link_interval=0.02, socket_timeout=1.0):
        (session,) = network.sessions()
        await until(lambda: session.counters.get(("sent", "enquire_link_resp", "ESME_ROK"), 0) > 1)


async def test_it_answers_our_unbind_and_binds_anew(network: PhoneNetwork) -> None:
    async with bound(network) as esme:
        (before,) = network.sessions()
        await network.unbind()
        await until(lambda: before not in network.sessions() and network.sessions())
        assert before.counters["received", "unbind_resp", "ESME_ROK"] == 1
        network.text("BALANCE")
        assert (await esme.heard.next(DeliverSm)).short_message == "BALANCE"
