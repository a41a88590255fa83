"""Plays the scripts of many phones to a running simulator, side by side, each in its own order."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from simulator.api.text_body import write_text
from simulator.tapes.following import Door, get, now, page
from simulator.tapes.phone import NOT_SENT, Phone, Said
from simulator.tapes.plan import Step, spoken

OPEN_MAX: Final = 500
"""Texts whose answers and replies are awaited at once; beyond it phones wait, so that a dead gateway is not flooded."""

BOUND_S: Final = 10.0
"""How long a gateway gets to bind: one that was started together with the tape needs a moment."""

LINGER_S: Final = 0.3
"""How long after the end what nobody expected may still come."""

LOOK_S: Final = 0.1
"""How often it is looked whether a gateway has bound."""

Watch = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a phone waits for the answer to a text, and then for the replies."""

    answer_s: float
    reply_s: float


class Player:
    """One run of the *scripts*, by number, against the simulator behind *door*; *watch* is called after each text."""

    def __init__(self, door: Door, scripts: Mapping[str, Sequence[Step]], code: re.Pattern[str]) -> None:
        self._door = door
        self._code = code
        self._room = asyncio.Semaphore(OPEN_MAX)
        self._news = {number: asyncio.Event() for number in scripts}
        self.phones = {number: Phone(steps) for number, steps in scripts.items()}
        self._start_s = self._end_s = 0.0

    @property
    def took_s(self) -> float:
        """How long it took, or has taken so far."""
        return (self._end_s or time.monotonic()) - self._start_s if self._start_s else 0.0

    async def play(self, patience: Patience, watch: Watch) -> None:
        """Say each text when it is due and the one before is answered.

        Raises:
            aiohttp.ClientError: there is no simulator, or it has gone.
            TimeoutError: no gateway is there to be tried.
        """
        limits = aiohttp.TCPConnector(limit=OPEN_MAX + 1)
        async with self._door.open(limits) as http:
            await _bound(http)
            following = asyncio.create_task(self._follow(http, await now(http, "/traffic")))
            playing = asyncio.create_task(self._play(http, patience, watch))
            try:
                await asyncio.wait((following, playing), return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    following.result()
                await playing
            finally:
                for task in (following, playing):
                    task.cancel()
                await asyncio.gather(following, playing, return_exceptions=True)

    async def _play(self, http: aiohttp.ClientSession, patience: Patience, watch: Watch) -> None:
        self._start_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for number in self.phones:
                    group.create_task(self._speak(http, number, patience, watch))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self._end_s = time.monotonic()
        await asyncio.sleep(LINGER_S)

    async def _speak(self, http: aiohttp.ClientSession, number: str, patience: Patience, watch: Watch) -> None:
        phone = self.phones[number]
        for step in phone.steps:
            await asyncio.sleep(max(0.0, self._start_s + step.due_s - time.monotonic()))
            async with self._room:
                said = phone.say(step, spoken(step, phone.read, self._code))
                await self._send(http, said)
                await self._until(number, lambda said=said: said.over, patience.answer_s)  # type: ignore[misc] # mypy cannot type a lambda's default
                await self._until(number, lambda said=said: said.replied, patience.reply_s)  # type: ignore[misc] # as above
                said.under_way = False
            watch()

    async def _send(self, http: aiohttp.ClientSession, said: Said) -> None:
        body = write_text(said.taped.text)
        if "text" in body:
            body["text"] = said.text
        async with http.post("/mo", json=body) as response:
            if response.status != HTTPStatus.ACCEPTED:
                problem = await response.json(content_type=None)
                said.state, said.reason = NOT_SENT, str(problem.get("detail", response.reason))

    async def _until(self, number: str, done: Callable[[], bool], timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not done():
                    self._news[number].clear()
                    await self._news[number].wait()

    async def _follow(self, http: aiohttp.ClientSession, cursor: int) -> None:
        while True:
            traffic = await page(http, "/traffic", cursor)
            cursor = traffic["next"]
            for entry in traffic["entries"]:
                self._take(entry)

    def _take(self, entry: Mapping[str, Any]) -> None:
        phone = self.phones.get(entry["number"])
        if phone is not None:
            phone.take(entry)
            self._news[entry["number"]].set()


async def _bound(http: aiohttp.ClientSession) -> None:
    end_s = time.monotonic() + BOUND_S
    while not (await get(http, "/health"))["receiving"]:
        if time.monotonic() >= end_s:
            raise TimeoutError(f"no gateway has bound as receiver or transceiver within {BOUND_S:g} s")
        await asyncio.sleep(LOOK_S)
