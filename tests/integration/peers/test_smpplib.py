"""Our simulator with gateways built on smpplib, beyond a plain day: lines for one way, parameters, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from simulator.faults.fault import Fault
from simulator.smsc.mo import MoState
from smsgw.smpp.constants import MessageState, Status
from smsgw.smpp.segments import Method
from smsgw.smpp.states import State
from smsgw.smpp.text import Alphabet
from tests.integration.peers.phone_network import ANNA, LONG_UNICODE, PhoneNetwork, phone_network
from tests.integration.raw_smsc import WAIT_S
from tests.integration.running_link import until

CREDENTIALS: Final = {"system_id": "gateway", "password": "secret1"}
TO_ANNA: Final = {"source_addr": "1400", "destination_addr": ANNA[1:]}


class Client:
    """smpplib's blocking client, for a thread of its own."""

    def __init__(self, port: int) -> None:
        self.texts: list[Any] = []
        self.answers: list[Any] = []
        self.smpp = smpplib.client.Client("127.0.0.1", port, timeout=WAIT_S, allow_unknown_opt_params=True)
        self.smpp.set_message_received_handler(self._take_text)
        self.smpp.set_message_sent_handler(self._take_answer)
        self.smpp.set_query_resp_handler(self._take_answer)
        self.smpp.connect()

    def read_texts(self, count: int) -> list[Any]:
        while len(self.texts) < count:
            self.smpp.read_once()
        return self.texts

    def submit(self, **fields: Any) -> Any:
        self.smpp.send_message(**TO_ANNA, **fields)
        asked = len(self.answers)
        while len(self.answers) == asked:
            self.smpp.read_once()
        return self.answers[-1]

    def _take_text(self, pdu: Any) -> None:
        self.texts.append(pdu)

    def _take_answer(self, pdu: Any) -> None:
        self.answers.append(pdu)


@contextmanager
def bound(port: int, bind: str = "bind_transceiver", **fields: Any) -> Iterator[Client]:
    client = Client(port)
    try:
        getattr(client.smpp, bind)(**CREDENTIALS, **fields)
        yield client
        client.smpp.unbind()
    finally:
        client.smpp.disconnect()


async def with_client(network: PhoneNetwork, use: Callable[[Client], Any], **how: Any) -> Any:
    """Run *use* with a bound client in a thread; it may not break SMPP in our eyes."""

    def run() -> Any:
        with bound(network.port, **how) as client:
            result = use(client)
            assert network.faults() == {}
            return result

    return await asyncio.to_thread(run)


def text_of(pdus: list[Any]) -> str:
    """The text of deliver_sm whose parts are joined by SAR parameters, or that stands in a message_payload."""
    in_order = sorted(pdus, key=lambda pdu: pdu.sar_segment_seqnum or 0)
    octets = b"".join(pdu.message_payload or pdu.short_message for pdu in in_order)
    return octets.decode("utf-16-be")


@pytest.mark.parametrize("method", [Method.SAR, Method.PAYLOAD])
async def test_a_long_text_in_parameters_reaches_it_whole(method: Method) -> None:
    async with phone_network() as network:
        mo = network.text(LONG_UNICODE, method=method)
        received = await with_client(network, lambda client: client.read_texts(mo.segments))
        assert text_of(received) == LONG_UNICODE
        assert (await network.answered(mo)).state is MoState.ACKED


async def test_the_phone_shows_a_payload() -> None:
    async with phone_network() as network:
        payload = {"short_message": b"", "message_payload": LONG_UNICODE.encode("utf-16-be"), "data_coding": 8}
        answer = await with_client(network, lambda client: client.submit(**payload))
        assert (answer.status, (await network.read()).text) == (0, LONG_UNICODE)


async def test_the_phone_shows_what_sar_parameters_join() -> None:
    async with phone_network() as network:

        def use(client: Client) -> None:
            for number in (3, 1, 2):
                place = {"sar_msg_ref_num": 0x1234, "sar_total_segments": 3, "sar_segment_seqnum": number}
                client.submit(short_message=b"part %d " % number, **place)

        await with_client(network, use)
        assert (await network.read()).text == "part 1 part 2 part 3 "


async def test_an_smsc_of_latin_letters() -> None:
    """What data_coding 0 means is the SMSC's own affair: here Latin-1, both ways."""
    async with phone_network(alphabet=Alphabet.LATIN1) as network:
        network.text("Prix: £5 @_")

        def use(client: Client) -> bytes:
            client.submit(short_message="Payé: £5 @_".encode("latin-1"), data_coding=0)
            (text,) = client.read_texts(1)
            return bytes(text.short_message)

        assert (await with_client(network, use)).decode("latin-1") == "Prix: £5 @_"
        assert (await network.read()).text == "Payé: £5 @_"


async def test_a_text_goes_in_on_one_line_and_comes_out_on_the_other() -> None:
    async with phone_network() as network:

        def use() -> list[Any]:
            with (
                bound(network.port, "bind_transmitter") as transmitter,
                bound(network.port, "bind_receiver") as receiver,
            ):
                states = [session.state for session in network.sessions()]
                assert states == [State.BOUND_TX, State.BOUND_RX]
                transmitter.submit(short_message=b"PAID", registered_delivery=1)
                return receiver.read_texts(1)

        (receipt,) = await asyncio.to_thread(use)
        assert receipt.short_message.startswith(b"id:00000001 ")


async def test_only_failures_are_reported_to_whoever_asks_for_failures_only() -> None:
    async with phone_network() as network:
        network.simulator.smsc.faults.put("receipt", Fault(count=1))
        network.simulator.smsc.faults.put("receipt", Fault(state=MessageState.EXPIRED))

        def use(client: Client) -> tuple[Any, Any]:
            client.submit(short_message=b"delivered", registered_delivery=2)
            lost = client.submit(short_message=b"lost", registered_delivery=2)
            return lost, client.read_texts(1)[0]

        lost, receipt = await with_client(network, use)
        assert receipt.receipted_message_id.rstrip(b"\0") == lost.message_id
        assert b"stat:EXPIRED" in receipt.short_message


async def test_a_query_is_refused_not_forgotten() -> None:
    async with phone_network() as network:

        def use(client: Client) -> None:
            client.smpp.query_message(message_id="1", source_addr="1400")
            client.smpp.read_once()

        with pytest.raises(smpplib.exceptions.PDUError, match="query_sm request failed"):
            await with_client(network, use)


@pytest.mark.parametrize("credentials", [{"system_id": "nobody"}, {"password": "wrong"}])
async def test_a_refused_bind_leaves_no_session(credentials: dict[str, str]) -> None:
    async with phone_network() as network:

        def use() -> None:
            client = Client(network.port)
            try:
                client.smpp.bind_transceiver(**{**CREDENTIALS, **credentials})
            finally:
                client.smpp.disconnect()

        with pytest.raises(smpplib.exceptions.PDUError):
            await asyncio.to_thread(use)
        await until(lambda: not network.sessions())


async def test_a_bind_may_be_refused_for_a_while() -> None:
    async with phone_network() as network:
        network.simulator.smsc.faults.put("bind_transceiver", Fault(status=Status.ESME_RALYBND))
        with pytest.raises(smpplib.exceptions.PDUError, match="Already in Bound State"):
            await with_client(network, str)
        await with_client(network, lambda client: client.submit(short_message=b"PAID"))


async def test_two_gateways_of_one_name_share_the_texts() -> None:
    async with phone_network() as network:

        def use() -> list[int]:
            with bound(network.port) as one, bound(network.port) as other:
                for number in range(6):
                    loop.call_soon_threadsafe(network.text, f"TEXT {number}")
                one.read_texts(3)
                other.read_texts(3)
                return [len(one.texts), len(other.texts)]

        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(use) == [3, 3]


async def test_what_a_line_has_in_hand_when_it_breaks_goes_to_the_next_first() -> None:
    async with phone_network() as network:
        texts = [network.text(f"TEXT {number}") for number in range(3)]

        def vanish() -> None:
            client = Client(network.port)
            client.smpp.bind_transceiver(**CREDENTIALS)
            client.smpp.disconnect()

        await asyncio.to_thread(vanish)
        await until(lambda: not network.sessions())
        received = await with_client(network, lambda client: client.read_texts(3))
        assert [pdu.short_message for pdu in received] == [b"TEXT 0", b"TEXT 1", b"TEXT 2"]
        assert [(await network.answered(mo)).attempts for mo in texts] == [2, 2, 2]


@pytest.mark.parametrize(
    "text", ["a" * 152 + "€" + "b" * 100, "я" * 66 + "👍" + "ю" * 30], ids=["escape", "surrogates"]
)
async def test_what_its_own_splitter_cuts_in_two_meets_again_on_the_phone(text: str) -> None:
    """It cuts an escape or a surrogate pair where one stands at the edge of a part."""
    parts, coding, esm_class = smpplib.gsm.make_parts(text)
    async with phone_network() as network:

        def use(client: Client) -> None:
            for part in parts:
                client.submit(short_message=part, data_coding=coding, esm_class=esm_class)

        await with_client(network, use)
        assert (await network.read()).text == text
