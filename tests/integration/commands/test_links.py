"""`smsgw link …`: what an operator's engineer asks of the running gateway."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import Text
from smsgw.app import opened
from smsgw.commands.links import gateway, readable_pdu, row
from smsgw.settings.load import environment, load
from tests.integration.commands.conftest import Shell
from tests.integration.running_link import until


@pytest.fixture
async def bound(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Simulator]:
    """A gateway that is bound to a simulated operator."""
    stop = asyncio.Event()
    async with Simulator(SimulatorSettings.single(SmscSettings())) as simulator:
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


async def test_a_link_is_followed_pdu_by_pdu(smsgw: Shell, bound: Simulator) -> None:
    told: list[str] = []
    configuration = load(smsgw.folder / "config" / "smsgw.toml", environment())

    async def follow() -> None:
        async with gateway(configuration) as client:
            async for line in client.trace("simulator"):
                told.extend(readable_pdu(text) for text in line.decode().splitlines() if text)

    following = asyncio.create_task(follow())
    for person in range(100):
        bound.send_mo(Text(f"+9989012345{person:02d}", "1400", "HELP secret1"))
        await asyncio.sleep(0.05)
        if any(" deliver_sm " in line for line in told):
            break
    await until(lambda: any(" submit_sm_resp " in line for line in told))
    following.cancel()
    whole = "\n".join(told)
    assert re.search(r" < deliver_sm #\d+ ESME_ROK .*source_addr=\+998\*+\d\d .*destination_addr=1400 ", whole)
    assert re.search(r" > deliver_sm_resp #\d+ ESME_ROK$", whole, re.MULTILINE)
    assert re.search(r" > submit_sm #\d+ ESME_ROK .*destination_addr=\+998\*+\d\d .*short_message=\(\d+ oct", whole)
    assert "secret1" not in whole


async def test_a_link_that_is_not_configured_is_not_followed(smsgw: Shell, bound: Simulator) -> None:
    told = await asyncio.to_thread(smsgw, "link", "trace", "other")

    assert (told.code, told.out) == (1, "")
    assert "no such link" in told.err


@pytest.mark.proves("A47")
def test_a_peer_s_own_octets_are_no_commands_for_a_terminal() -> None:
    """A system_id or a message_id is whatever the SMSC writes there."""
    head = {"at": "2026-11-28T12:00:00.000Z", "direction": "<", "command": "submit_sm_resp", "sequence": 1}
    told = readable_pdu(
        json.dumps(head | {"status": "ESME_ROK", "message_id": "\x1b[2J\r\n\x9b31m", "system_id": "\x07"})
    )

    assert told.isprintable()
    assert told.endswith(r"message_id=\x1b[2J\r\n\x9b31m system_id=\x07")


def test_what_came_too_fast_is_said() -> None:
    assert readable_pdu('{"lost": 7}') == "... 7 PDUs came too fast to be shown"
