"""Plays a tape to a running simulator, in the tape's own time or faster."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from simulator.load.latencies import Latencies
from simulator.smsc.mo import MoState
from simulator.tapes.tape import Taped

OPEN_MAX: Final = 500
"""Texts whose answers are awaited at once; beyond it the tape waits, so that a dead gateway is not flooded."""

NO_ANSWER: Final = "no_answer"

ANSWER_S: Final = 30.0
"""How long one answer is waited for."""


class Replay:
    """One run of a tape against the simulator at *http_url*."""

    def __init__(self, http_url: str, speed: float) -> None:
        self._http_url = http_url
        self._speed = speed
        self._room = asyncio.Semaphore(OPEN_MAX)
        self.sent = 0
        self.states: Counter[str] = Counter()
        self.ack = Latencies()

    async def play(self, tape: Sequence[Taped]) -> dict[str, Any]:
        """Send each text at its time (`speed` 0: at once) and report what came of them.

        Raises:
            aiohttp.ClientError: there is no simulator.
        """
        limits = aiohttp.TCPConnector(limit=OPEN_MAX)
        async with aiohttp.ClientSession(self._http_url, connector=limits) as http:
            async with http.get("/health") as response:
                response.raise_for_status()
            await self._play(http, tape)
        return {"sent": self.sent, "states": dict(self.states), "mo_to_ack": self.ack.summary()}

    async def _play(self, http: aiohttp.ClientSession, tape: Sequence[Taped]) -> None:
        start_s = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for taped in tape:
                if self._speed:
                    due_s = start_s + (taped.at_s - tape[0].at_s) / self._speed
                    await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                await self._room.acquire()
                self.sent += 1
                group.create_task(self._send(http, taped))

    async def _send(self, http: aiohttp.ClientSession, taped: Taped) -> None:
        text = taped.text
        body = {"from": text.sender, "to": text.recipient, "text": text.text}
        query = {"wait": "ack", "timeout": f"{ANSWER_S:g}"}
        answer: dict[str, Any] = {}
        try:
            async with http.post("/mo", params=query, json=body) as response:
                answer = await response.json(content_type=None)
        except aiohttp.ClientConnectionError:
            pass  # the simulator has gone meanwhile: there is no answer
        finally:
            self._room.release()
        self.states[answer.get("state", NO_ANSWER)] += 1
        if answer.get("state") == MoState.ACKED:
            self.ack.add(answer["latency_s"])
