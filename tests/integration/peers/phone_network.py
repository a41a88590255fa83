"""A simulator for other people's gateways, in a hurry: receipts and second attempts come at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from simulator.app import Simulator
from simulator.conformance.rules import Level
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from smsgw.smpp.session import Session
from tests.integration.raw_smsc import WAIT_S

ANNA: Final = "+998901234567"
SHORT_CODE: Final = "1400"
LONG_LATIN: Final = "To pay {50 000} €, text [PAY] ~ or \\ ^ | @_$£ and so on. " * 6
LONG_UNICODE: Final = "Оплатите, пожалуйста, счёт №25656 — спасибо! 👍 " * 6


class PhoneNetwork:
    """The simulated operator, as its subscribers see it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.port = simulator.smpp_port

    def text(self, text: str, **how: Any) -> Mo:
        """A subscriber sends a text to the short code."""
        return self.simulator.send_mo(Text(ANNA, SHORT_CODE, text, **how))

    async def answered(self, mo: Mo) -> Mo:
        """Wait until the gateway has answered each part of it."""
        return await self.simulator.answered(mo, WAIT_S)

    async def read(self, since: int = 0) -> Mt:
        """The first text that reaches the subscriber after an entry of the journal."""
        return await self.simulator.next_mt(ANNA, since, WAIT_S)

    async def bound(self) -> None:
        """Wait until a gateway receives texts."""
        await self.simulator.bound(WAIT_S)

    async def unbind(self) -> None:
        """The operator asks every gateway to go."""
        async with aiohttp.ClientSession(self.simulator.http_url) as http:
            for line in list(self.simulator.smsc.lines):
                async with http.post(f"/sessions/{line.id}/unbind") as response:
                    assert response.status == 204

    def sessions(self) -> list[Session]:
        """The sessions that are open."""
        return [line.session for line in self.simulator.smsc.lines]

    def faults(self) -> dict[str, int]:
        """What the gateways did wrong, by kind."""
        found = [session.faults for session in self.sessions()]
        return {kind.value: number for faults in found for kind, number in faults.items() if number}

    def broken(self, *levels: Level) -> set[str]:
        """The rules of SMPP of these levels that the gateways broke."""
        judge = self.simulator.judge
        judge.look()
        return {one.rule.name for one in judge.violations.since(0) if one.rule.level in levels}


@asynccontextmanager
async def phone_network(**changes: Any) -> AsyncIterator[PhoneNetwork]:
    """A simulator that knows one gateway, with the changes of one test."""
    plain = {"credentials": {"gateway": "secret1"}, "redelivery_delay_s": 0.02, "receipt_delay_s": 0.02}
    async with Simulator(SimulatorSettings.single(SmscSettings(**{**plain, **changes}))) as simulator:
        yield PhoneNetwork(simulator)
