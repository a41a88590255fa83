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
from smsgw.settings.load import Configuration
from smsgw.smpp import link
from smsgw.smpp.codec import decode
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.session_settings import SessionSettings
from tests.integration.gateway import PASSWORD, SHORT_CODE, SMSC, WAIT_S, Gateway, code_in, running_gateway
from tests.integration.running_link import until

# Much later than any late answer of `flaky`, also on a busy machine: or each of those would be one that the gateway
# could not know of.
SESSION: Final = SessionSettings(window=20, response_s=3.0, drain_s=1.0, unbind_s=0.5)
STATUSES: Final[dict[int, Reaction]] = {
    Status.ESME_RSYSERR: Reaction(Then.LATER, 0.1),
    Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 0.2),
}


def patient(configuration: Configuration) -> Configuration:
    """Wait for answers longer than a scenario delays them, and try again soon."""
    links = {name: replace(one, session=SESSION, statuses=STATUSES) for name, one in configuration.links.items()}
    return replace(configuration, links=links)


@pytest.fixture(autouse=True)
def _reconnect_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "wait_s", lambda *_: 0.05)


async def say(gateway: Gateway, msisdn: Msisdn, text: str) -> Mo:
    """Send a text that is taken in the end: the line may go while it is under way, and the SMSC tries again."""
    mo = gateway.simulator.send_mo(Text(msisdn, SHORT_CODE, text))
    await until(lambda: mo.over, WAIT_S)
    assert mo.state is MoState.ACKED, f"{text}: {mo.state}, {mo.status}"
    return mo


async def pay(gateway: Gateway, number: int) -> None:
    """One subscriber's payment, from the first text to the receipt."""
    msisdn = Msisdn(f"+9989077700{number:02d}")
    await gateway.enrol(msisdn)
    order = await say(gateway, msisdn, f"SARKOR*n{number:05d}*50000*{PASSWORD}")
    await say(gateway, msisdn, code_in(await gateway.simulator.next_mt(msisdn, order.id, WAIT_S)))
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


@pytest.mark.parametrize(("name", "people"), [("flaky", 40), ("throttling", 8)])
async def test_money_and_texts_come_out_whole(tmp_path: Path, name: str, people: int) -> None:
    """Each text arrives; again only where the SMSC took it and kept its answer to itself; each payment is made once."""
    smsc: SmscSettings = replace(SMSC, scenario=ready()[name], seed=4)
    async with running_gateway(tmp_path, patient, smsc) as gateway:
        await asyncio.gather(*(pay(gateway, number) for number in range(1, people + 1)))
        await until(lambda: not gateway.rows("SELECT id FROM outbox WHERE state = 'queued'"), 15)
        report = gateway.simulator.smsc.playing.report(gateway.simulator.network.first.now_s())
        assert sum(rule.hits for rule in report.rules) > 5, "the day was not bad at all"
        assert sorted(gateway.credits("sarkor")) == [(f"n{number:05d}", 5_000_000) for number in range(1, people + 1)]
        taken, doubtful = texts(gateway), unanswered(gateway)
        assert Counter(to for to, _ in taken) == Counter(
            {f"9989077700{number:02d}": 2 for number in range(1, people + 1)}
        )
        copies = {text: count - 1 for (_, text), count in taken.items() if count > 1}
        assert all(more <= doubtful[text.encode()] for text, more in copies.items()), (copies, doubtful)
        assert bool(copies) is (name == "flaky"), "the nasty case must be among them, and only there"
