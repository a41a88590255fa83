"""A day in the life of a gateway, the same for everybody's: ours, Kannel, smpplib, aiosmpplib.

It binds, hears short and long texts in two alphabets, answers them, is told what became of its answers, and leaves. The
judge of conformance looks on, and finds nothing that SMPP forbids.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
from aiosmpplib import DeliverSm

from simulator.conformance.rules import Level
from simulator.faults.fault import Fault
from simulator.smsc.mo import MoState
from smsgw.domain.sms import Delivery, InboundPart, Submitted
from smsgw.smpp.constants import EsmClass, MessageState
from smsgw.smpp.reassembly import StoredPart, complete
from smsgw.smpp.receipts import is_receipt
from smsgw.smpp.text import Alphabet, decode, encode, length
from tests.integration.peers import test_aiosmpplib, test_smpplib
from tests.integration.peers.kannel import Kannel, kannel_beside
from tests.integration.peers.phone_network import LONG_LATIN, LONG_UNICODE, PhoneNetwork, phone_network
from tests.integration.peers.processes import program
from tests.integration.running_link import Running, running, settings, until

TEXTS: Final = ("BALANCE {€} @_", "БАЛАНС 👍", LONG_LATIN.strip(), LONG_UNICODE.strip())
KANNEL_DELIVERED, KANNEL_FAILED = "1", "2"


class Gateway(Protocol):
    """What a day asks of a gateway."""

    async def text(self) -> str:
        """The next text of the subscriber, whole."""
        ...

    async def send(self, text: str) -> bool:
        """Send a text to the subscriber; whether its receipt says that it came."""
        ...


class OfKannel:
    """Its reports: 8 = taken by the SMSC, then one of these two."""

    def __init__(self, kannel: Kannel) -> None:
        self._kannel = kannel

    async def text(self) -> str:
        return (await self._kannel.text())["text"]

    async def send(self, text: str) -> bool:
        await self._kannel.send(text)
        reports = await self._kannel.reports(2)
        assert reports in ({"8", KANNEL_DELIVERED}, {"8", KANNEL_FAILED})
        return KANNEL_DELIVERED in reports


class OfAiosmpplib:
    def __init__(self, esme: test_aiosmpplib.Client) -> None:
        self._esme = esme

    async def text(self) -> str:
        return str((await self._esme.heard.next(DeliverSm)).short_message)

    async def send(self, text: str) -> bool:
        await self._esme.broker.enqueue(test_aiosmpplib.submit(text, registered_delivery=1, auto_message_payload=True))
        receipt = await self._esme.heard.next(DeliverSm)
        return bool(receipt.parse_receipt()["stat"] == "DELIVRD")


class OfSmpplib:
    """It joins no parts, and leaves it to whoever uses it to read."""

    def __init__(self, client: test_smpplib.Client) -> None:
        self._client = client
        self._read = 0

    async def text(self) -> str:
        return await asyncio.to_thread(self._text)

    async def send(self, text: str) -> bool:
        return await asyncio.to_thread(self._send, text)

    def _text(self) -> str:
        first = self._next()
        data = first.short_message
        if first.esm_class & EsmClass.UDHI:
            parts = data[4]
            data = b"".join([data[6:], *(self._next().short_message[6:] for _ in range(parts - 1))])
        return decode(data, first.data_coding)

    def _send(self, text: str) -> bool:
        data, data_coding = encode(text)
        octets = {"short_message": b"", "message_payload": data}
        assert self._client.submit(**octets, data_coding=data_coding, registered_delivery=1).status == 0
        receipt = self._next()
        assert is_receipt(receipt.esm_class)
        return b"stat:DELIVRD" in receipt.short_message

    def _next(self) -> Any:
        self._read += 1
        return self._client.read_texts(self._read)[-1]


class OfOurs:
    """A link hands parts on as they come; joining them is the business of whoever keeps them."""

    def __init__(self, link: Running) -> None:
        self._link = link
        self._texts = self._receipts = 0

    async def text(self) -> str:
        heard = self._link.heard
        await until(lambda: len(heard.texts) > self._texts or _joined(heard.parts) is not None)
        if len(heard.texts) > self._texts:
            self._texts += 1
            return heard.texts[-1].text
        whole = _joined(heard.parts)
        heard.parts.clear()
        assert isinstance(whole, str)
        return whole

    async def send(self, text: str) -> bool:
        outcome = await self._link.submit(text)
        assert isinstance(outcome, Submitted)
        heard, segments = self._link.heard, length(text).segments
        await until(lambda: len(heard.receipts) >= self._receipts + segments)
        news = heard.receipts[self._receipts :]
        self._receipts = len(heard.receipts)
        return {delivery for _, delivery in news} == {Delivery.DELIVERED}


def _joined(parts: list[InboundPart]) -> object:
    kept = [StoredPart(part.total, part.number, part.data_coding, part.payload) for part in parts]
    return complete(kept, Alphabet.GSM0338)


@asynccontextmanager
async def kannel(network: PhoneNetwork, folder: Path) -> AsyncIterator[Gateway]:
    async with kannel_beside(network, folder) as beside:
        await network.bound()
        yield OfKannel(beside)


@asynccontextmanager
async def aiosmpplib(network: PhoneNetwork, _folder: Path) -> AsyncIterator[Gateway]:
    async with test_aiosmpplib.bound(network) as esme:
        yield OfAiosmpplib(esme)


@asynccontextmanager
async def smpplib(network: PhoneNetwork, _folder: Path) -> AsyncIterator[Gateway]:
    client = await asyncio.to_thread(test_smpplib.Client, network.port)
    try:
        await asyncio.to_thread(client.smpp.bind_transceiver, **test_smpplib.CREDENTIALS)
        yield OfSmpplib(client)
        await asyncio.to_thread(client.smpp.unbind)
    finally:
        client.smpp.disconnect()


@asynccontextmanager
async def ours(network: PhoneNetwork, _folder: Path) -> AsyncIterator[Gateway]:
    async with running(settings(network.port, system_id="gateway")) as link:
        await link.bound()
        yield OfOurs(link)


NO_KANNEL: Final = pytest.mark.skipif(
    program("bearerbox") is None or program("smsbox") is None,
    reason="no Kannel on this machine (Debian: apt-get install --no-install-recommends kannel)",
)


@pytest.mark.parametrize(
    "peer",
    [
        pytest.param(ours, id="ours"),
        pytest.param(kannel, id="kannel", marks=NO_KANNEL),
        pytest.param(smpplib, id="smpplib"),
        pytest.param(aiosmpplib, id="aiosmpplib"),
    ],
)
async def test_a_day_in_the_life(
    peer: Callable[[PhoneNetwork, Path], AbstractAsyncContextManager[Gateway]], tmp_path: Path
) -> None:
    async with phone_network() as network:
        async with peer(network, tmp_path) as gateway:
            for text in TEXTS:
                mo = network.text(text)
                assert await gateway.text() == text
                assert (await network.answered(mo)).state is MoState.ACKED
                assert await gateway.send(text)
                assert (await network.read(since=mo.id)).text == text
            network.simulator.smsc.faults.put("receipt", Fault(state=MessageState.UNDELIVERABLE))
            assert not await gateway.send("PAID")
        await until(lambda: not network.sessions())
        assert network.broken(Level.MUST) == set()
