"""`smsgw provider …`: which providers answer, as the running gateway has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from smsgw.app import opened
from smsgw.commands.providers import row
from smsgw.settings.load import environment, load
from tests.integration.commands.conftest import Shell


@pytest.fixture
async def running(smsgw: Shell) -> AsyncIterator[None]:
    """A gateway that serves its API; nobody needs its links."""
    async with opened(load(smsgw.folder / "config" / "smsgw.toml", environment())):
        yield


def test_without_a_gateway_there_is_nothing_to_ask(smsgw: Shell) -> None:
    asked = smsgw("provider", "list")

    assert (asked.code, asked.out) == (1, "")
    assert "start it with `smsgw run`" in asked.err


@pytest.mark.usefixtures("running")
async def test_every_provider_of_the_configuration_is_listed(smsgw: Shell) -> None:
    told = await asyncio.to_thread(smsgw, "provider", "list", "--json")
    providers = {each["name"]: each for each in json.loads(told.out)["providers"]}
    assert set(providers) == set(load(smsgw.folder / "config" / "smsgw.toml", environment()).providers)
    assert {each["state"] for each in providers.values()} == {"ok"}
    shown = await asyncio.to_thread(smsgw, "provider", "list")
    assert shown.code == 0
    assert ["sarkor", "sarkor", "ok"] in [line.split()[:3] for line in shown.out.splitlines()]


def provider(**changes: Any) -> dict[str, Any]:
    """One provider as the API shows it."""
    plain: dict[str, Any] = {"name": "sarkor", "protocol": "sarkor", "state": "ok", "paused_until": None}
    plain |= {"reason": None, "in_flight": 0, "answers": [], "parked": 0, "alarms": 0, "last_alarm": None}
    return {**plain, **changes}


def test_a_row_counts_answers_apart_from_what_stayed_open() -> None:
    words = {"found": 7, "refused": 2, "unknown": 5, "not_sent": 3}
    answers = [{"verb": "pay", "answer": word, "count": count} for word, count in words.items()]

    assert row(provider(answers=answers, in_flight=1, parked=4)) == ("sarkor", "sarkor", "ok", 1, 9, 8, 4, "")


def test_a_row_says_until_when_a_provider_is_left_alone_and_what_was_alarming() -> None:
    paused = {"state": "paused", "paused_until": "2026-11-21T12:00:00+00:00", "reason": "HTTP 401"}
    alarm = {"why": "HTTP 401", "at": "2026-11-21T11:59:30+00:00"}
    shown = row(provider(**paused, last_alarm=alarm))

    assert shown[2] == "paused until 2026-11-21 12:00:00 UTC: HTTP 401"
    assert shown[-1] == "2026-11-21 11:59:30 UTC HTTP 401"
