"""Messages of the gateway at the simulator: the inbox, receipts by hand and by weight, query, cancel and replace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import smpplib.client

from simulator.app import Simulator
from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings
from simulator.smsc.fates import Delay, FateSettings
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.receipts import parse_receipt
from tests.integration.raw_smsc import WAIT_S, Peer
from tests.integration.wired import TO_ANNA, Http, asking, bound

BY_HAND = FateSettings(manual=True)
AT_ONCE = SmscSettings(
    receipts=BY_HAND, credentials={"gateway": "secret1", "other": "secret2"}, redelivery_delay_s=0.05
)
SLOW = SmscSettings(delivery_s=60.0)
OPERATORS = (
    OperatorSettings(name="beeline", prefixes=("99890",), smsc=AT_ONCE),
    OperatorSettings(name="slow", prefixes=("99893",), smsc=SLOW),
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(operators=OPERATORS)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[Http]:
    async with asking(simulator) as asked:
        yield asked


@pytest.fixture
async def gateway(simulator: Simulator) -> AsyncIterator[Peer]:
    async with bound(simulator.network.ports["beeline"]) as peer:
        yield peer


async def submit(peer: Peer, text: str = "PAID", **fields: Any) -> bytes:
    """Submit, and return the id."""
    peer.request(Command.SUBMIT_SM, {**TO_ANNA, "short_message": text.encode(), **fields})
    response = await peer.expect(Command.SUBMIT_SM_RESP)
    assert response.status == Status.ESME_ROK
    return response.octets("message_id")


async def receipt(peer: Peer) -> tuple[str, MessageState]:
    """The id and the state of the next receipt."""
    pdu = await peer.expect(Command.DELIVER_SM)
    peer.answer(pdu)
    read = parse_receipt(pdu.octets("short_message").decode(), pdu.tlvs)
    assert read is not None
    return read.message_id, read.state


async def ask(peer: Peer, command: Command, message_id: bytes, **fields: Any) -> Pdu:
    peer.request(command, {"message_id": message_id, "source_addr": b"1400", **fields})
    return await peer.expect(Command(command | 0x8000_0000))


# Receipts.


async def test_a_receipt_by_hand_reaches_the_gateway(gateway: Peer, http: Http) -> None:
    message_id = await submit(gateway, registered_delivery=1)
    (mt,) = (await http.get("/mt"))["messages"]
    assert mt["receipts"] == []
    answer = await http.ask("POST", f"/mt/{mt['id']}/receipt", {"state": "UNDELIVERABLE", "copies": 2})
    told = {"message_id": message_id.decode(), "state": "UNDELIVERABLE", "copies": 2}
    assert answer == (202, {"receipts": [told]})
    assert [await receipt(gateway) for _ in range(2)] == [(message_id.decode(), MessageState.UNDELIVERABLE)] * 2
    (mt,) = (await http.get("/mt"))["messages"]
    assert mt["receipts"] == ["UNDELIVERABLE", "UNDELIVERABLE"]
    assert (await ask(gateway, Command.QUERY_SM, message_id)).integer("message_state") == MessageState.UNDELIVERABLE


async def test_each_part_of_a_long_text_gets_its_receipt(gateway: Peer, http: Http) -> None:
    header = b"\x05\0\x03\x07\x02"
    ids = [await submit(gateway, esm_class=0x40, short_message=header + bytes([part]) + b"half") for part in (1, 2)]
    (mt,) = (await http.get("/mt"))["messages"]
    await http.post(f"/mt/{mt['id']}/receipt", {})
    assert [await receipt(gateway) for _ in ids] == [(one.decode(), MessageState.DELIVERED) for one in ids]


async def test_a_receipt_for_nothing_is_refused(gateway: Peer, http: Http) -> None:
    assert (await http.ask("POST", "/mt/99/receipt", {})).status == 404
    await submit(gateway)
    (mt,) = (await http.get("/mt"))["messages"]
    wrong = await http.ask("POST", f"/mt/{mt['id']}/receipt", {"state": "LOST"})
    assert (wrong.status, "none of ENROUTE, DELIVERED" in wrong.body["detail"]) == (400, True)


async def test_what_becomes_of_messages_can_be_seen_and_set_while_it_runs(gateway: Peer, http: Http) -> None:
    place = "/operators/beeline/receipts"
    assert (await http.get(place))["mode"] == "manual"
    new = {"mode": "auto", "states": {"rejected": 1}, "delay_s": 0, "seed": 3}
    assert (await http.ask("PUT", place, new)).body["states"] == {"rejected": 1.0}
    message_id = await submit(gateway, registered_delivery=1)
    assert await receipt(gateway) == (message_id.decode(), MessageState.REJECTED)
    wrong = await http.ask("PUT", place, {"mode": "later", "seed": "x"})
    assert (wrong.status, [key in wrong.body["detail"] for key in ("mode: ", "seed: ")]) == (400, [True, True])
    assert (await http.get(place))["seed"] == 3
    assert (await http.ask("PUT", place, {})).body["mode"] == "manual"  # as it began
    assert (await http.ask("GET", "/operators/nobody/receipts")).status == 404


async def test_one_seed_gives_the_same_receipts_in_every_run() -> None:
    fates = FateSettings(states={"DELIVERED": 1, "REJECTED": 1, "EXPIRED": 1}, delay=Delay(0.0), seed=11)
    runs = []
    for _ in range(2):
        settings = SimulatorSettings.single(SmscSettings(receipts=fates))
        async with Simulator(settings) as simulator, bound(simulator.smpp_port) as peer:
            states = []
            for _ in range(12):
                await submit(peer, registered_delivery=1)
                states.append((await receipt(peer))[1])
            runs.append(states)
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


# The inbox.


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ({}, ["Code 1", "PAID", "Code 2"]),
        ({"contains": "code"}, ["Code 1", "Code 2"]),
        ({"from": "1500"}, ["Code 2"]),
        ({"to": "998901234567", "limit": "1"}, ["Code 1"]),
        ({"operator": "beeline", "limit": "2"}, ["Code 1", "PAID"]),
        ({"operator": "slow"}, []),
        ({"system_id": "gateway", "contains": "paid"}, ["PAID"]),
        ({"system_id": "other"}, []),
    ],
)
async def test_the_inbox_shows_what_is_wanted(
    gateway: Peer, http: Http, query: dict[str, str], texts: list[str]
) -> None:
    for text, source in (("Code 1", b"1400"), ("PAID", b"1400"), ("Code 2", b"1500")):
        await submit(gateway, text, source_addr=source)
    assert [mt["text"] for mt in (await http.get("/mt", **query))["messages"]] == texts


async def test_a_limited_answer_goes_on_where_it_ended(gateway: Peer, http: Http) -> None:
    for text in "abc":
        await submit(gateway, text)
    seen, since = [], "0"
    while page := (answer := await http.get("/mt", limit="2", since=since))["messages"]:
        seen.append([mt["text"] for mt in page])
        since = str(answer["next"])
    assert seen == [["a", "b"], ["c"]]


async def test_a_poll_waits_for_what_is_wanted_and_not_for_the_rest(gateway: Peer, http: Http) -> None:
    waiting = asyncio.create_task(http.get("/mt", contains="code", wait="20"))
    await submit(gateway, "PAID")
    await submit(gateway, "Code 1")
    assert [mt["text"] for mt in (await waiting)["messages"]] == ["Code 1"]


async def test_a_limit_that_is_none_is_a_problem(http: Http) -> None:
    answer = await http.ask("GET", "/mt?limit=many")
    assert (answer.status, "limit: " in answer.body["detail"]) == (400, True)


# query_sm, cancel_sm, replace_sm, submit_multi on the wire.


async def test_a_message_that_waits_is_replaced_then_cancelled(simulator: Simulator, http: Http) -> None:
    async with bound(simulator.network.ports["slow"]) as peer:
        message_id = await submit(peer, registered_delivery=1)
        assert (await ask(peer, Command.QUERY_SM, message_id)).integer("message_state") == MessageState.ENROUTE
        new: dict[str, Any] = {"short_message": b"NEW", "registered_delivery": 1}
        assert (await ask(peer, Command.REPLACE_SM, message_id, **new)).status == Status.ESME_ROK
        cancelled = await ask(peer, Command.CANCEL_SM, message_id, destination_addr=b"998901234567")
        assert cancelled.status == Status.ESME_ROK
        assert await receipt(peer) == (message_id.decode(), MessageState.DELETED)
        assert (await ask(peer, Command.REPLACE_SM, message_id)).status == Status.ESME_RREPLACEFAIL
    assert (await http.get("/mt"))["messages"] == []


async def test_what_the_gateway_schedules_comes_when_it_is_due(gateway: Peer, http: Http) -> None:
    await submit(gateway, schedule_delivery_time=b"000000000001000R")
    (operator, _) = (await http.get("/operators"))["operators"]
    assert (operator["messages_waiting"], (await http.get("/mt"))["messages"]) == (1, [])
    assert [mt["text"] for mt in (await http.get("/mt", wait="20"))["messages"]] == ["PAID"]


async def test_submit_multi_reaches_everyone(gateway: Peer, http: Http) -> None:
    numbers = [b"998901112233", b"998901112244"]
    destinations: Any = tuple({"dest_flag": 1, "destination_addr": number} for number in numbers)
    gateway.request(
        Command.SUBMIT_MULTI, {"source_addr": b"1400", "dest_addresses": destinations, "short_message": b"NEWS"}
    )
    response = await gateway.expect(Command.SUBMIT_MULTI_RESP)
    assert (response.status, response.fields["unsuccess_smes"]) == (Status.ESME_ROK, ())
    assert [mt["to"].encode() for mt in (await http.get("/mt"))["messages"]] == numbers


async def test_smpplib_reads_our_answer_to_its_query(simulator: Simulator) -> None:
    def run() -> Any:
        answers: list[Any] = []

        def take(pdu: Any) -> None:
            answers.append(pdu)

        port = simulator.network.ports["slow"]
        client = smpplib.client.Client("127.0.0.1", port, timeout=WAIT_S, allow_unknown_opt_params=True)
        client.set_message_sent_handler(take)
        client.set_query_resp_handler(take)
        client.connect()
        client.bind_transceiver(system_id="gateway", password="secret1")
        client.send_message(source_addr="1400", destination_addr="998901234567", short_message=b"PAID")
        client.read_once()
        client.query_message(message_id=answers[0].message_id.decode(), source_addr="1400")
        client.read_once()
        client.unbind()
        client.disconnect()
        return answers[1]

    answer = await asyncio.to_thread(run)
    assert (answer.command, answer.message_state, answer.message_id) == ("query_sm_resp", 1, b"00000001")


# What is told of the operators.


async def test_operators_are_listed_without_their_passwords(simulator: Simulator, gateway: Peer, http: Http) -> None:
    (beeline, slow) = (await http.get("/operators"))["operators"]
    assert (beeline["name"], beeline["prefixes"], beeline["port"], beeline["tls"]) == (
        "beeline",
        ["99890"],
        simulator.network.ports["beeline"],
        False,
    )
    assert (beeline["binds"], slow["binds"], beeline["accounts"]) == (1, 0, ["gateway", "other"])
    assert "secret" not in str((beeline, slow))


async def test_redeliveries_are_counted_by_operator(simulator: Simulator, gateway: Peer, http: Http) -> None:
    await http.post("/mo", {"from": "+998901112233", "to": "1400", "text": "HELP"})
    gateway.answer(await gateway.expect(Command.DELIVER_SM), Status.ESME_RMSGQFUL)
    again = await gateway.expect(Command.DELIVER_SM)
    (beeline, slow) = (await http.get("/operators"))["operators"]
    assert (beeline["redelivery"]["counts"], slow["redelivery"]["counts"]["redelivered"]) == (
        {"open": 1, "redelivered": 1, "given_up": 0},
        0,
    )
    gateway.answer(again)
