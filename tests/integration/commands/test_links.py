"""`smsgw link …`: what an operator's engineer asks of the running gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.settings import SimulatorSettings, SmscSettings
from smsgw.app import opened
from smsgw.commands.links import row
from smsgw.settings.load import environment, load
from tests.integration.commands.conftest import Shell


@pytest.fixture
async def bound(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Simulator]:
    """A gateway that is bound to a simulated operator."""
    stop = asyncio.Event()
    async with Simulator(SimulatorSettings(smsc=SmscSettings())) as simulator:
        monkeypatch.setenv("SMSGW_LINKS__SIMULATOR__PORT", str(simulator.smpp_port))
        async with opened(load(smsgw.folder / "config" / "smsgw.toml", environment())) as gateway:
            running = asyncio.create_task(gateway.run(stop))
            await simulator.bound(10)
            yield simulator
            stop.set()
            await asyncio.wait_for(running, 10)


def test_without_a_gateway_there_is_nothing_to_ask(smsgw: Shell) -> None:
    asked = smsgw("link", "status")

    assert (asked.code, asked.out) == (1, "")
    assert "start it with `smsgw run`" in asked.err


async def test_the_status_of_every_link_is_shown(smsgw: Shell, bound: Simulator) -> None:
    told = await asyncio.to_thread(smsgw, "link", "status", "--json")
    (link,) = json.loads(told.out)["links"]
    assert (link["name"], link["health"], link["bound"], link["configured"]) == ("simulator", "ok", 1, 1)
    assert link["events"] == {"starting": 1, "binding": 1, "bound": 1}
    assert {"direction": "sent", "command": "bind_transceiver", "status": "ESME_ROK", "count": 1} in link["pdus"]
    shown = await asyncio.to_thread(smsgw, "link", "status")
    assert shown.code == 0
    assert shown.out.splitlines()[1].split()[:2] == ["simulator", "ok"]


def test_a_row_counts_what_passed_and_what_was_refused() -> None:
    def pdu(direction: str, command: str, status: str, count: int) -> dict[str, Any]:
        return {"direction": direction, "command": command, "status": status, "count": count}

    link = {
        "name": "operator",
        "health": "degraded",
        "since": "2026-11-21T12:00:00+00:00",
        "bound": 1,
        "configured": 2,
        "window": 10,
        "sessions": [{"state": "bound_trx", "in_flight": 3, "unanswered": 0}],
        "events": {"connection_lost": 4},
        "pdus": [
            pdu("received", "deliver_sm", "ESME_ROK", 20),
            pdu("sent", "submit_sm", "ESME_ROK", 11),
            pdu("received", "submit_sm_resp", "ESME_ROK", 8),
            pdu("received", "submit_sm_resp", "ESME_RTHROTTLED", 2),
        ],
        "reason": None,
        "last_cause": "connection_lost",
    }
    assert row(link)[3:] == ("1 of 2", "3 of 10", 20, 11, 2, 4, "connection_lost")
