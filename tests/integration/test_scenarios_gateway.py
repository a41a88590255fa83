"""The whole gateway under scenarios: money and texts come out whole, however bad the operator's day is."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from simulator.faults.scenario_reading import ready
from simulator.settings import SmscSettings
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from simulator.smsc.pdus import Way
from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.service import outbox
from smsgw.settings.load import Configuration
from smsgw.smpp import link
from smsgw.smpp.codec import decode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.session_settings import SessionSettings
from tests.integration.gateway import PASSWORD, SHORT_CODE, SMSC, Gateway, code_in, running_gateway
from tests.integration.running_link import until

# Much later than any late answer of `flaky`, also on a busy machine: or each of those would be one that the gateway
# could not know of.
SESSION: Final = SessionSettings(window=20, response_s=3.0, drain_s=1.0, unbind_s=0.5)
# What only a test that fails waits for: a text whose answer is kept back again and again has its timer each time.
PATIENCE_S: Final = 40.0
# At least so much has to go wrong; how much it is depends on how fast the payments come, so there are more until it is.
HITS_MIN: Final = 6
PEOPLE_MAX: Final = 80
STATUSES: Final[dict[int, Reaction]] = {
    Status.ESME_RSYSERR: Reaction(Then.LATER, 0.1),
    Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 0.2),
}


def patient(configuration: Configuration) -> Configuration:
    """Wait for answers longer than a scenario delays them, and try again soon."""
    links = {name: replace(one, session=SESSION, statuses=STATUSES) for name, one in configuration.links.items()}
    return replace(configuration, links=links)


@pytest.fixture(autouse=True)
def _again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are made anew, and texts sent again, without the long waits of the field."""
    monkeypatch.setattr(link, "wait_s", lambda *_: 0.05)
    monkeypatch.setattr(outbox, "RETRY_S", (0.5,))


async def say(gateway: Gateway, msisdn: Msisdn, text: str) -> Mo:
    """Send a text that is taken in the end: the line may go while it is under way, and the SMSC tries again."""
    mo = gateway.simulator.send_mo(Text(msisdn, SHORT_CODE, text))
    await until(lambda: mo.over, PATIENCE_S)
    assert mo.state is MoState.ACKED, f"{text}: {mo.state}, {mo.status}"
    return mo


async def pay(gateway: Gateway, number: int) -> None:
    """One subscriber's payment, from the first text to the receipt."""
    msisdn = Msisdn(f"+9989077700{number:02d}")
    await gateway.enrol(msisdn)
    order = await say(gateway, msisdn, f"SARKOR*n{number:05d}*50000*{PASSWORD}")
    await say(gateway, msisdn, code_in(await gateway.simulator.next_mt(msisdn, order.id, PATIENCE_S)))
    await gateway.until_state(State.EXECUTED, msisdn)


def texts(gateway: Gateway) -> Counter[tuple[str, str]]:
    """Every text that the SMSC took, and how often."""
    items = (entry.item for entry in gateway.simulator.smsc.journal.since(0))
    return Counter((item.to, item.text) for item in items if isinstance(item, Mt))


def unanswered(gateway: Gateway) -> Counter[bytes]:
    """The short messages of submit_sm that the gateway was never given an answer to."""
    asked: dict[tuple[int, int], bytes] = {}
    for seen in gateway.simulator.network.memory.pdus.since(0):
        pdu = decode(seen.octets)
        assert isinstance(pdu, Pdu)
        if seen.way is Way.IN and pdu.command_id == Command.SUBMIT_SM:
            asked[seen.line_id, pdu.sequence] = pdu.message_octets()
        elif seen.way is Way.OUT and pdu.command_id == Command.SUBMIT_SM_RESP:
            asked.pop((seen.line_id, pdu.sequence), None)
    return Counter(asked.values())


def went_badly(gateway: Gateway, name: str) -> bool:
    """Whether enough went wrong, with `flaky` also the nasty case: a text that was taken twice."""
    report = gateway.simulator.smsc.playing.report(gateway.simulator.network.first.now_s())
    twice = any(count > 1 for count in texts(gateway).values())
    return sum(rule.hits for rule in report.rules) >= HITS_MIN and (twice or name != "flaky")


async def bad_day(gateway: Gateway, name: str, at_once: int) -> int:
    """So many pay at the same time, and as many others after them, until enough went wrong; how many paid in all."""
    for first in range(1, PEOPLE_MAX, at_once):
        await asyncio.gather(*(pay(gateway, number) for number in range(first, first + at_once)))
        await until(lambda: not gateway.rows("SELECT id FROM outbox WHERE state = 'queued'"), PATIENCE_S)
        if went_badly(gateway, name):
            return first + at_once - 1
    raise AssertionError("the day was not bad at all")


@pytest.mark.parametrize(("name", "at_once"), [("flaky", 40), ("throttling", 8)])
async def test_money_and_texts_come_out_whole(tmp_path: Path, name: str, at_once: int) -> None:
    """Each text arrives; again only where the SMSC took it and kept its answer to itself; each payment is made once."""
    smsc: SmscSettings = replace(SMSC, scenario=ready()[name], seed=4)
    async with running_gateway(tmp_path, patient, smsc) as gateway:
        numbers = range(1, await bad_day(gateway, name, at_once) + 1)
        assert sorted(gateway.credits("sarkor")) == [(f"n{number:05d}", 5_000_000) for number in numbers]
        taken, doubtful = texts(gateway), unanswered(gateway)
        assert Counter(to for to, _ in taken) == Counter({f"9989077700{number:02d}": 2 for number in numbers})
        copies = {text: count - 1 for (_, text), count in taken.items() if count > 1}
        assert all(more <= doubtful[text.encode()] for text, more in copies.items()), (copies, doubtful)
        assert bool(copies) is (name == "flaky"), "the nasty case must be among them, and only there"
