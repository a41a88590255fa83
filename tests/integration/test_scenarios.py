"""Scenarios over real sockets: each ready one shows what it is about, to a gateway that says just what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.app import Simulator
from simulator.faults.scenario_reading import PROFILES
from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings
from simulator.smsc.mo import Text
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.receipts import parse_receipt
from smsgw.smpp.tlv import Tag
from tests.integration.raw_smsc import Peer
from tests.integration.running_link import until
from tests.integration.wired import bound, connected

WHO: dict[str, FieldValue] = {"system_id": b"shop", "password": b"x", "interface_version": 0x34}
TEXT: dict[str, FieldValue] = {"source_addr": b"1400", "destination_addr": b"998901234567", "short_message": b"PAID"}
OK, THROTTLED = Status.ESME_ROK, Status.ESME_RTHROTTLED
SETTINGS = SmscSettings(receipt_delay_s=0.01, redelivery_delay_s=0.05)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    operators = tuple(OperatorSettings(name=name, smsc=SETTINGS) for name in ("beeline", "ucell"))
    async with Simulator(SimulatorSettings(operators=operators)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(simulator.http_url) as session:
        yield session


async def put(http: aiohttp.ClientSession, **body: Any) -> Any:
    async with http.put("/scenario", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def hits(http: aiohttp.ClientSession, operator: str = "beeline") -> list[int]:
    """How often each rule has hit."""
    async with http.get("/scenario") as answer:
        return [rule["hits"] for rule in (await answer.json())["operators"][operator]["rules"]]


async def submit(peer: Peer, count: int = 1, **fields: FieldValue) -> list[Pdu]:
    """Send so many texts at once; the answers in the order in which they come."""
    for _ in range(count):
        peer.request(Command.SUBMIT_SM, TEXT | fields)
    return [await peer.expect(Command.SUBMIT_SM_RESP) for _ in range(count)]


async def rest(peer: Peer) -> list[Pdu]:
    """Everything until the connection ends."""
    pdus = []
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            pdus.append(await peer.read())
    return pdus


def statuses(answers: list[Pdu]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def test_healthy_is_what_it_says(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="healthy")
    async with bound(simulator.smpp_port) as peer:
        assert statuses(await submit(peer, 100)) == {OK: 100}


async def test_flaky_refuses_some_and_says_nothing_to_others(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="flaky", seed=1)
    async with bound(simulator.smpp_port) as peer:
        for _ in range(100):
            peer.request(Command.SUBMIT_SM, TEXT)
        answers = await rest(peer)  # the hundredth is the last on this line
    refused = statuses(answers)[Status.ESME_RSYSERR]
    bind_hits, refusals, silences, cuts, late, *_ = await hits(http)
    assert (bind_hits, refused, cuts) == (0, refusals, 1)
    assert 100 - len(answers) >= silences > 0
    assert min(refusals, late) > 0


async def test_throttling_refuses_everything_for_a_while_once_it_is_too_much(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    await put(http, name="throttling", seed=1)
    async with bound(simulator.smpp_port) as peer:
        answers = await submit(peer, 40)
    assert {answer.status for answer in answers[10:]} == {THROTTLED}
    assert statuses(answers[:10])[OK] >= 7


async def test_capped_takes_fifty_at_once_and_no_more(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="capped")
    async with bound(simulator.smpp_port) as peer:
        answers = await submit(peer, 80)
    assert statuses(answers[:50]) == {OK: 50}
    assert statuses(answers)[THROTTLED] >= 25


async def test_slow_is_slow(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with bound(simulator.smpp_port) as peer:
        await put(http, name="slow", seed=1)
        began_s = now_s()
        assert statuses(await submit(peer, 3)) == {OK: 3}
        assert 0.3 < now_s() - began_s < 9.0


async def test_dead_cuts_who_is_there_and_refuses_who_comes(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with bound(simulator.smpp_port) as peer:
        await put(http, name="dead")
        assert await peer.ended()
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.BIND_TRANSCEIVER, WHO)
        assert (await peer.expect(Command.BIND_TRANSCEIVER_RESP)).status == Status.ESME_RBINDFAIL
        assert await peer.ended()
    async with http.delete("/scenario") as answer:
        assert answer.status == 204
    async with bound(simulator.smpp_port) as peer:
        assert statuses(await submit(peer)) == {OK: 1}


async def test_mute_takes_everything_and_answers_nothing(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="mute")
    async with bound(simulator.smpp_port) as peer:
        peer.request(Command.SUBMIT_SM, TEXT)
        peer.request(Command.ENQUIRE_LINK)
        peer.request(Command.UNBIND)
        await simulator.next_mt("998901234567", 0, 5.0)
        mo = simulator.send_mo(Text("+998901234567", "1400", "HELP", operator="ucell"))
        assert not peer.has_unread
        assert mo.id, "the other operator knows nothing of it"
        assert await hits(http) == [3]


async def test_congested_says_how_busy_it_is(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="congested")
    async with bound(simulator.smpp_port) as peer:
        (answer,) = await submit(peer)
    assert (answer.status, answer.tlv_integer(Tag.CONGESTION_STATE) in range(20)) == (OK, True)


async def test_garbled_breaks_every_tenth_answer(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    await put(http, name="garbled")
    async with bound(simulator.smpp_port) as peer:
        answers = await submit(peer, 20)
        again = await peer.expect(Command.SUBMIT_SM_RESP)
    sequences = [answer.sequence for answer in answers]
    assert sequences[:9] == list(range(2, 11))
    assert sequences[9] > 900_000
    assert again.sequence == sequences[19]


async def test_receipts_are_lost_early_doubled_late_and_otherwise(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    await put(http, name="receipts", seed=1)
    async with bound(simulator.smpp_port) as peer:
        for _ in range(100):
            peer.request(Command.SUBMIT_SM, TEXT | {"registered_delivery": 1})
        pdus: list[Pdu] = []
        while sum(pdu.command_id == Command.SUBMIT_SM_RESP for pdu in pdus) < 100:
            pdus.append(await peer.read())
        lost, early, twice, late, *_ = await hits(http)
        while sum(pdu.command_id == Command.DELIVER_SM for pdu in pdus) < 50:  # no more than the window
            pdus.append(await peer.read())
    first = pdus[: [pdu.command_id for pdu in pdus].index(Command.DELIVER_SM) + 1]
    receipts = [parse_receipt(pdu.message_octets().decode(), pdu.tlvs) for pdu in pdus if not pdu.is_response()]
    assert min(lost, early, twice, late) > 0
    assert len({receipt.message_id for receipt in receipts if receipt}) < 50, "some came twice"
    answered = {pdu.octets("message_id").decode() for pdu in first if pdu.is_response()}
    early_one = parse_receipt(first[-1].message_octets().decode(), first[-1].tlvs)
    assert early_one is not None
    assert early_one.message_id not in answered


async def test_maintenance_unbinds_everyone_and_then_takes_no_binds(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    """The ready one, in a hurry."""
    text = (PROFILES / "maintenance.toml").read_text(encoding="utf-8")
    async with bound(simulator.smpp_port) as peer:
        await put(http, toml=text.replace("from_s = 60", "from_s = 0.05").replace("[0, 5]", "[0, 0.05]"))
        unbind = await peer.expect(Command.UNBIND)
        peer.answer(unbind)
        assert await peer.ended()
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.BIND_TRANSCEIVER, WHO)
        assert (await peer.expect(Command.BIND_TRANSCEIVER_RESP)).status == Status.ESME_RBINDFAIL


async def test_phases_pass_by_themselves(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """A bad afternoon, in a hurry: the next phase is one that cuts, and it comes although nobody says anything."""
    text = (PROFILES / "bad_afternoon.toml").read_text(encoding="utf-8")
    async with bound(simulator.smpp_port) as peer:
        report = await put(http, toml=text.replace("for_s = 60", "for_s = 0.05"), operator="beeline")
        assert report["operators"]["beeline"]["phase"]["name"] == "healthy"
        assert report["operators"]["ucell"]["name"] == "healthy"
        assert await peer.ended()
    async with http.get("/scenario") as answer:
        phase = (await answer.json())["operators"]["beeline"]["phase"]
    assert (phase["name"], phase["number"], phase["of"]) == ("dead", 5, 5)
    assert 0 < phase["left_s"] <= 30


# What needs a real connection to be true.


@pytest.mark.parametrize(("deed", "answered"), [("delay_s = 0.05", True), ("no_response = true", False)])
async def test_an_unbind_answered_late_or_never_keeps_the_connection_open(
    simulator: Simulator,
    http: aiohttp.ClientSession,
    deed: str,
    answered: bool,  # noqa: FBT001 -- a column
) -> None:
    await put(http, toml=f"title = 'A'\n[[rules]]\npdu = 'unbind'\n{deed}")
    async with bound(simulator.smpp_port) as peer:
        peer.request(Command.UNBIND)
        if answered:
            await peer.expect(Command.UNBIND_RESP)
            assert await peer.ended()
        else:
            await until(lambda: not len(simulator.smsc.lines))
            peer.writer.write_eof()  # whoever waits long enough hangs up
            assert await peer.ended()


async def test_a_stalled_session_says_everything_at_once(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with bound(simulator.smpp_port) as peer:
        await put(http, toml="title = 'A'\n[[rules]]\npdu = 'clock'\nstall_s = 0.2")
        began_s = now_s()
        assert statuses(await submit(peer, 5)) == {OK: 5}
        assert now_s() - began_s > 0.1


async def test_texts_on_a_dead_line_go_to_another_bind(http: aiohttp.ClientSession) -> None:
    """The dead one stays as it is: open, and listed."""
    settings = SmscSettings(response_s=0.5, redelivery_delay_s=0.01)
    async with Simulator(SimulatorSettings.single(settings)) as simulator, bound(simulator.smpp_port) as first:
        (line,) = simulator.smsc.lines
        async with bound(simulator.smpp_port) as second:
            texts = [simulator.send_mo(Text("+998901234567", "1400", f"HELP {n}")) for n in range(2)]
            await first.expect(Command.DELIVER_SM)
            simulator.network.first.stall(line)
            for _ in texts:
                second.answer(await second.expect(Command.DELIVER_SM))
            await until(lambda: all(text.over for text in texts))
            assert sorted(text.attempts for text in texts) == [1, 2]
            assert not first.has_unread
            assert len(simulator.smsc.lines) == 2


# The same again.


async def told(simulator: Simulator, http: aiohttp.ClientSession, seed: int) -> list[tuple[int, int]]:
    """(sequence, status) of every answer to 60 texts."""
    await put(http, name="flaky", seed=seed)
    async with connected(simulator.smpp_port) as peer:
        peer.request(Command.BIND_TRANSCEIVER, WHO)
        bind = await peer.expect(Command.BIND_TRANSCEIVER_RESP)
        for _ in range(60 if bind.status == OK else 0):
            peer.request(Command.SUBMIT_SM, TEXT)
        peer.request(Command.UNBIND)
        answers = [await peer.read()]
        while answers[-1].command_id != Command.UNBIND_RESP:
            answers.append(await peer.read())
        return sorted((answer.sequence, answer.status) for answer in answers)


async def test_the_same_seed_tells_the_same_again(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    first = await told(simulator, http, 5)
    assert await told(simulator, http, 5) == first
    assert await told(simulator, http, 6) != first


async def test_what_is_ready_is_listed(http: aiohttp.ClientSession) -> None:
    async with http.get("/scenarios") as answer:
        listed = (await answer.json())["scenarios"]
    assert {one["name"] for one in listed} == {file.stem for file in PROFILES.glob("*.toml")}
    assert all(one["title"] and one["description"] for one in listed)


async def test_what_is_played_is_shown_rule_by_rule(http: aiohttp.ClientSession) -> None:
    rule = "[[rules]]\npdu = 'submit_sm'\nwhen = { data_coding = 8, text = 'x.*' }\ndelay_s = { uniform = [1, 2] }"
    shown = (await put(http, toml=f"title = 'Mine'\n{rule}", seed=9, operator="ucell"))["operators"]["ucell"]
    assert (shown["name"], shown["title"], shown["seed"], shown["phase"]) == ("toml", "Mine", 9, None)
    assert shown["rules"] == [
        {
            "rule": "rule 1",
            "pdu": ["submit_sm"],
            "when": {"data_coding": [8], "text": "x.*"},
            "does": {"delay_s": {"uniform": [1, 2]}},
            "seen": 0,
            "hits": 0,
        }
    ]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ([], 'an object with "name" or "toml" is needed'),
        ({}, 'an object with "name" or "toml" is needed'),
        ({"name": "flaky", "toml": ""}, 'an object with "name" or "toml" is needed'),
        ({"name": "flaky", "speed": 2}, 'an object with "name" or "toml" is needed'),
        ({"name": "flakey"}, "name: 'flakey' is none of bad_afternoon, capped"),
        ({"name": ["flaky"]}, "name: ['flaky'] is none of"),
        ({"name": "flaky", "seed": "7"}, "seed: a whole number is needed"),
        ({"name": "flaky", "operator": "mts"}, "operator: 'mts' is none of beeline, ucell"),
        ({"toml": 3}, "toml: a text is needed"),
        ({"toml": "title = 'A'\nrules = 3\nphases = 4"}, "toml: rules: tables are needed"),
    ],
)
async def test_a_bad_request_is_told_why_and_changes_nothing(
    http: aiohttp.ClientSession, body: object, hint: str
) -> None:
    await put(http, name="slow")
    async with http.put("/scenario", json=body) as answer:
        problem = await answer.json()
    assert (answer.status, answer.content_type) == (400, "application/problem+json")
    assert hint in problem["detail"]
    async with http.get("/scenario") as answer:
        assert {one["name"] for one in (await answer.json())["operators"].values()} == {"slow"}


async def test_one_operator_may_be_healed_alone(http: aiohttp.ClientSession) -> None:
    await put(http, name="slow")
    async with http.delete("/scenario", params={"operator": "ucell"}) as answer:
        assert answer.status == 204
    async with http.get("/scenario") as answer:
        names = {name: one["name"] for name, one in (await answer.json())["operators"].items()}
    assert names == {"beeline": "slow", "ucell": "healthy"}
    async with http.delete("/scenario", params={"operator": "mts"}) as answer:
        assert answer.status == 400
