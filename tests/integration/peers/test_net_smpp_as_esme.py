"""Our simulator with a gateway that others have written: Net::SMPP for Perl."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from simulator.faults.fault import Fault
from simulator.smsc.mo import MoState
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.segments import Method, split
from smsgw.smpp.text import Alphabet
from tests.integration.peers.net_smpp import NetSmpp, joined, octets, perl_esme
from tests.integration.peers.phone_network import LONG_LATIN, LONG_UNICODE, PhoneNetwork, phone_network
from tests.integration.peers.processes import needs_net_smpp
from tests.integration.running_link import until

needs_net_smpp()

TO_ANNA = {"source_addr": "1400", "destination_addr": "998901234567"}


@asynccontextmanager
async def bound(**changes: Any) -> AsyncIterator[tuple[NetSmpp, PhoneNetwork]]:
    """Net::SMPP bound to the simulator; at the end neither has broken SMPP in the other's eyes."""
    async with phone_network(**changes) as network, perl_esme(network.port) as (perl, answer):
        assert answer["status"] == 0
        yield perl, network
        assert network.faults() == {}


async def test_a_bind_is_answered_with_the_name_and_the_version_of_the_smsc() -> None:
    async with phone_network(system_id="OPERATOR") as network, perl_esme(network.port) as (_, answer):
        assert (answer["status"], answer["system_id"], answer["sc_interface_version"]) == (0, "OPERATOR", "\x34")


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ({"password": "wrong"}, Status.ESME_RINVPASWD),
        ({"system_id": "nobody"}, Status.ESME_RINVSYSID),
        ({"system_id": "sixteen-letters-"}, Status.ESME_RINVSYSID),
        ({"password": "nine-long"}, Status.ESME_RINVPASWD),
    ],
)
async def test_wrong_credentials_are_refused_by_name(credentials: dict[str, str], status: Status) -> None:
    async with phone_network() as network, perl_esme(network.port, **credentials) as (_, answer):
        assert answer["status"] == status


@pytest.mark.parametrize("text", ["BALANCE {€} @_", "БАЛАНС 👍"], ids=["plain", "unicode"])
async def test_a_text_reaches_it(text: str) -> None:
    async with bound() as (perl, network):
        mo = network.text(text)
        said = await perl.heard("deliver_sm")
        assert joined([said]) == text
        assert (said["source_addr"], said["source_addr_ton"], said["destination_addr"]) == ("998901234567", 1, "1400")
        assert (await network.answered(mo)).state is MoState.ACKED


@pytest.mark.parametrize("method", list(Method))
async def test_a_long_text_reaches_it_whole(method: Method) -> None:
    async with bound() as (perl, network):
        mo = network.text(LONG_UNICODE, method=method)
        assert joined([await perl.heard("deliver_sm") for _ in range(mo.segments)]) == LONG_UNICODE
        assert (await network.answered(mo)).state is MoState.ACKED


async def test_a_refused_text_comes_again() -> None:
    async with bound() as (perl, network):
        perl.order("answer", "deliver_sm", int(Status.ESME_RX_T_APPN))
        mo = network.text("BALANCE")
        first, second = await perl.heard("deliver_sm"), await perl.heard("deliver_sm")
        assert first["short_message"] == second["short_message"]
        assert first["seq"] != second["seq"]
        await until(lambda: mo.state is MoState.ACKED)
        assert mo.attempts == 2


async def test_an_unanswered_text_comes_again() -> None:
    async with bound(response_s=0.05) as (perl, network):
        perl.order("hold", "deliver_sm")
        mo = network.text("BALANCE")
        await perl.heard("deliver_sm")
        await perl.heard("deliver_sm")
        await until(lambda: mo.state is MoState.ACKED)


@pytest.mark.parametrize("text", ["Paid {50 000} €", LONG_LATIN, "Оплачено 👍", LONG_UNICODE])
async def test_the_phone_shows_what_it_submits(text: str) -> None:
    async with bound() as (perl, network):
        message_ids = []
        for segment in split(text, Alphabet.GSM0338, Method.UDH8, 7):
            how = {"esm_class": segment.esm_class, "data_coding": segment.data_coding}
            perl.order("submit_sm", **TO_ANNA, **how, short_message=segment.short_message)
            answer = await perl.heard("submit_sm_resp")
            assert answer["status"] == 0
            message_ids.append(answer["message_id"])
        mt = await network.read()
        assert (mt.text, mt.sender, mt.message_ids) == (text, "1400", tuple(message_ids))


@pytest.mark.parametrize("method", ["submit_sm", "data_sm"])
async def test_the_phone_shows_a_payload(method: str) -> None:
    async with bound() as (perl, network):
        payload = LONG_UNICODE.encode("utf-16-be")
        perl.order(method, **TO_ANNA, data_coding=8, message_payload=payload)
        assert (await perl.heard(f"{method}_resp"))["status"] == 0
        assert (await network.read()).text == LONG_UNICODE


async def test_the_phone_shows_what_sar_parameters_join() -> None:
    async with bound() as (perl, network):
        for number in (2, 1):
            place = {"sar_msg_ref_num": b"\x12\x34", "sar_total_segments": b"\2", "sar_segment_seqnum": bytes([number])}
            perl.order("submit_sm", **TO_ANNA, short_message=b"part %d " % number, **place)
            await perl.heard("submit_sm_resp")
        assert (await network.read()).text == "part 1 part 2 "


async def test_a_receipt_names_its_text() -> None:
    async with bound() as (perl, _):
        perl.order("submit_sm", **TO_ANNA, short_message=b"PAID", registered_delivery=1)
        message_id = (await perl.heard("submit_sm_resp"))["message_id"]
        receipt = await perl.heard("deliver_sm")
        assert receipt["esm_class"] == 4
        assert octets(receipt).startswith(b"id:%s " % message_id.encode())
        assert (receipt["receipted_message_id"], receipt["message_state"]) == (message_id + "\0", "\2")


async def test_a_text_to_be_refused_is_refused_without_an_id() -> None:
    async with bound() as (perl, network):
        network.simulator.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED))
        perl.order("submit_sm", **TO_ANNA, short_message=b"PAID")
        answer = await perl.heard("submit_sm_resp")
        assert (answer["status"], answer["data"]) == (Status.ESME_RTHROTTLED, "")


async def test_an_esme_before_3_4_gets_no_parameters() -> None:
    """SMPP 3.4, 3.4: neither at the bind nor with a receipt; and its ids fit eight octets."""
    async with phone_network() as network, perl_esme(network.port, interface_version=0x33) as (perl, answer):
        assert "sc_interface_version" not in answer
        perl.order("submit_sm", **TO_ANNA, short_message=b"PAID", registered_delivery=1)
        assert len((await perl.heard("submit_sm_resp"))["message_id"]) <= 8
        receipt = await perl.heard("deliver_sm")
        assert (receipt["esm_class"], "receipted_message_id" in receipt) == (4, False)


async def test_it_may_ask_whether_we_live() -> None:
    async with bound() as (perl, _):
        perl.order("enquire_link", seq=99)
        assert (await perl.heard("enquire_link_resp"))["seq"] == 99


async def test_a_second_bind_on_one_session_is_refused() -> None:
    async with phone_network() as network, perl_esme(network.port) as (perl, _):
        perl.order("bind_receiver", system_id="gateway", password="secret1")
        assert (await perl.heard("bind_receiver_resp"))["status"] == Status.ESME_RALYBND


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (Command.QUERY_SM, Status.ESME_RQUERYFAIL),
        (Command.CANCEL_SM, Status.ESME_RCANCELFAIL),
        (Command.REPLACE_SM, Status.ESME_RREPLACEFAIL),
    ],
)
async def test_what_is_asked_of_no_message_is_refused_in_its_own_response(command: Command, status: Status) -> None:
    async with bound() as (perl, _):
        perl.order(command.wire_name, message_id="1", **TO_ANNA)
        assert (await perl.heard(f"{command.wire_name}_resp"))["status"] == status


async def test_its_message_can_be_asked_for_replaced_and_cancelled() -> None:
    async with bound(delivery_s=60.0) as (perl, _):
        perl.order("submit_sm", **TO_ANNA, short_message="PAID")
        message_id = (await perl.heard("submit_sm_resp"))["message_id"]
        heard = []
        for command in ("query_sm", "replace_sm", "cancel_sm", "query_sm"):
            new = {"short_message": "NOT PAID"} if command == "replace_sm" else {}
            perl.order(command, message_id=message_id, **TO_ANNA, **new)
            response = await perl.heard(f"{command}_resp")
            heard.append((response["status"], response.get("message_state")))
        states = MessageState.ENROUTE, None, None, MessageState.DELETED
        assert heard == [(Status.ESME_ROK, state) for state in states]


async def test_its_unbind_is_answered_and_the_line_closed() -> None:
    async with phone_network() as network, perl_esme(network.port) as (perl, _):
        perl.order("unbind", seq=7)
        assert (await perl.heard("unbind_resp"))["seq"] == 7
        await perl.heard("closed")
        await until(lambda: not network.sessions())


async def test_our_unbind_waits_for_what_is_on_its_way() -> None:
    async with phone_network() as network, perl_esme(network.port) as (perl, _):
        mo = network.text("BALANCE")
        await perl.heard("deliver_sm")
        await network.unbind()
        await perl.heard("unbind")
        await perl.heard("closed")
        assert mo.state is MoState.ACKED
