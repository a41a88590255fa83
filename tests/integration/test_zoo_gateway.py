"""The whole gateway in the zoo: what a broken SMSC may cost a subscriber, which is at most one text too many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from simulator.faults.reading import read_faults
from simulator.smsc.mt import Mt
from smsgw.domain.payment import State
from smsgw.settings.load import Configuration
from smsgw.smpp import link
from smsgw.smpp.constants import Status
from smsgw.smpp.policy import Reaction, Then
from tests.integration.gateway import PAY, SMSC, Gateway, code_in, running_gateway
from tests.integration.running_link import until
from tests.integration.smpp.zoo import PATIENT, SHORT_S, Faults, hasty

THROTTLED: Final[dict[int, Reaction]] = {Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 0.1)}


def changed(link_changes: Mapping[str, Any]) -> Callable[[Configuration], Configuration]:
    """Give the link the timers of a case."""
    changes = {"session": PATIENT, "statuses": THROTTLED, **link_changes}
    return lambda configuration: replace(
        configuration, links={name: replace(settings, **changes) for name, settings in configuration.links.items()}
    )


@pytest.fixture(autouse=True)
def _reconnect_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "wait_s", lambda *_: 0.0)


def answers(gateway: Gateway, word: str) -> int:
    """How many texts with this word the SMSC took for Anna."""
    items = (entry.item for entry in gateway.simulator.smsc.journal.since(0))
    return sum(isinstance(item, Mt) and word in item.text for item in items)


@pytest.mark.proves("F24", "F28", "F29", "F32")
@pytest.mark.parametrize(
    ("faults", "copies", "link_changes"),
    [
        pytest.param({"submit_sm": {"status": "ESME_RTHROTTLED", "for_s": 0.15}}, 1, {}, id="throttle window"),
        pytest.param({"submit_sm": {"say": ["response", "response"]}}, 1, {}, id="duplicate response"),
        pytest.param({"submit_sm": {"say": "broken_tlv"}}, 1, {}, id="truncated parameter"),
        pytest.param({"submit_sm": {"say": ["deliver_sm", "response", "unbind"]}}, 1, {}, id="deliver then unbind"),
        pytest.param({"submit_sm": {"disconnect_after": True}}, 1, {}, id="cut after the response"),
        pytest.param({"receipt": {"early": True, "copies": 2}}, 1, {}, id="receipts before the response"),
        pytest.param(
            {"submit_sm": {"say": "generic_nack_0", "status": 8}},
            1,
            hasty("response_s"),
            id="generic_nack without sequence",
        ),
        pytest.param({"submit_sm": {"delay_s": SHORT_S + 0.3}}, 1, hasty("response_s"), id="late response"),
        pytest.param({"submit_sm": {"no_response": True}}, 2, hasty("response_s"), id="no response"),
        pytest.param({"submit_sm": {"say": "wrong_sequence"}}, 2, hasty("response_s"), id="wrong sequence"),
        pytest.param({"submit_sm": {"say": "unbind"}}, 2, {}, id="unbind"),
        pytest.param(
            {"submit_sm": {"no_response": True, "mute_after": True}}, 2, hasty("enquire_link_timeout_s"), id="half-open"
        ),
    ],
)
async def test_a_payment_survives_what_happens_to_the_text_with_its_code(
    tmp_path: Path, faults: Faults, copies: int, link_changes: Mapping[str, Any]
) -> None:
    """The same code comes, once; twice only where nobody could know that the SMSC had taken it. It pays once."""
    async with running_gateway(tmp_path, changed(link_changes), SMSC) as gateway:
        for subject, fault in read_faults(faults):
            gateway.simulator.smsc.faults.put(subject, fault)
        mt = await gateway.ask(PAY)
        await until(lambda: answers(gateway, code_in(mt)) == copies)
        await gateway.simulator.bound(5)
        await gateway.send(code_in(mt))
        await gateway.until_state(State.EXECUTED)
        await until(lambda: not gateway.rows("SELECT id FROM outbox WHERE state = 'queued'"))
        assert answers(gateway, code_in(mt)) == copies
        assert gateway.credits("sarkor") == [("n25656", 5_000_000)]


@pytest.mark.proves("F29")
async def test_an_smsc_that_always_answers_late_delivers_every_text_once(tmp_path: Path) -> None:
    """Its answers come before the next try, so there is none; its receipts find the texts."""
    async with running_gateway(tmp_path, changed(hasty("response_s", 0.3)), SMSC) as gateway:
        for subject, fault in read_faults({"submit_sm": {"delay_s": 0.6, "for_s": 60}}):
            gateway.simulator.smsc.faults.put(subject, fault)
        mt = await gateway.ask(PAY)
        await gateway.send(code_in(mt))
        await gateway.until_state(State.EXECUTED)
        await until(lambda: {row for (row,) in gateway.rows("SELECT state FROM outbox")} == {"delivered"})
        assert gateway.rows("SELECT attempts, possibly_twice FROM outbox") == [(1, 0)] * 2
        assert (answers(gateway, code_in(mt)), answers(gateway, "PAID")) == (1, 1)
