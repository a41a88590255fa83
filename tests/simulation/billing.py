"""A provider that is a journey away: requests travel, are judged in its own time, and answers may be too late.

It watches the gateway as well: nothing may reach it that was not committed before, and nothing twice where it credits
twice.
"""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from simulator.billing.book import Asked
from smsgw.domain.calls import Answer, Capabilities, NotSent, Question, Unknown, Verb
from smsgw.settlement.exchange import deadline_s
from tests.simulation.provider import BookProvider, meaning

# How long a connection takes at most, drawn for each provider: the moment between intent and first byte is dangerous.
CONNECT_S: Final = (0.1, 0.5, 5.0)
TRAVEL_S_MAX: Final = 1.0
INTENT: Final = (
    "SELECT attempts, sent_at_us, withdrawn FROM provider_calls WHERE payment_id = ? AND kind IN ('pay', 'cancel')"
)

Broken = Callable[[str, str], None]


class DistantProvider(BookProvider):
    """Implements `ports.Provider`; *broken* is told of every rule that the gateway breaks."""

    def __init__(
        self,
        capabilities: Capabilities,
        random: Random,
        now_us: Callable[[], int],
        database: sqlite3.Connection,
        broken: Broken,
    ) -> None:
        super().__init__(capabilities, random, now_us)
        self.weather = replace(self.weather, killed=0.0)
        self._connect_s = random.choice(CONNECT_S)
        self._database = database
        self._broken = broken
        self._home = contextvars.copy_context()
        self._sent: dict[int, dict[str, str]] = {}
        self._pays: Counter[int] = Counter()
        self._withdrawn: set[int] = set()

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """One exchange within its deadline."""
        begun = False

        def may() -> bool:
            nonlocal begun
            begun = may_send()
            return begun

        try:
            async with asyncio.timeout(deadline_s(question.verb, self.capabilities)):
                return await self._exchange(question, may)
        except TimeoutError:
            return Unknown("time-out") if begun else NotSent("time-out")

    async def _exchange(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        await asyncio.sleep(self._random.uniform(0, self._connect_s))
        if self._happens(self.weather.unsent) or not may_send():
            return NotSent("no connection")
        asked = self._asked(question)
        self._watch(question.verb, asked, dict(question.parameters))
        fate = self._fate(question.verb, asked)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if fate is None:
            self._later(self._arrived, asked, answered)
        elif not isinstance(fate, Unknown):
            self._later(_give, answered, fate)
        return await answered

    def _later(self, then: Callable[..., None], *what: object) -> None:
        """Whatever becomes of the caller, what is on its way arrives."""
        loop, travel_s = asyncio.get_running_loop(), self._random.uniform(0, TRAVEL_S_MAX)
        loop.call_later(travel_s, then, *what, context=self._home)

    def _arrived(self, asked: Asked, answered: asyncio.Future[Answer]) -> None:
        self._later(_give, answered, meaning(self._judge(asked)))

    def time_passes(self) -> None:
        """Credit what was late and is due, and look into the books."""
        super().time_passes()
        self.look()

    def look(self) -> None:
        """I8: a reference is credited once at most."""
        counted = Counter(line.reference for line in self.lines())
        twice = [reference for reference, count in counted.items() if count > 1]
        if twice:
            self._broken("I8", f"credited more than once: {twice}")

    def has(self, reference: int) -> bool:
        """Whether it is credited now."""
        return bool(self.credited(reference))

    def all_arrives(self) -> None:
        """Let everything that is still late be credited now."""
        late, self.late = self.late, []
        for _, asked in late:
            self._judge(asked)
        self.look()

    def _watch(self, verb: Verb, asked: Asked, parameters: dict[str, str]) -> None:
        """I9, I10: what is sent was committed, is the same each time, and is not repeated where that pays twice."""
        reference = asked.reference
        first = self._sent.setdefault(reference, {name: parameters[name] for name in ("account", "minor")})
        if first != {name: parameters[name] for name in first}:
            self._broken("I10", f"{reference}: other parameters than before")
        if verb is Verb.CHECK:
            return
        rows = self._database.execute(INTENT, (reference,)).fetchall()
        if not any(attempts > 0 for attempts, *_ in rows):
            self._broken("I9", f"{reference}: {verb} was not committed before it was sent")
        if verb is Verb.PAY:
            self._watch_pay(reference, rows)
        elif verb is Verb.WITHDRAW:
            self._withdrawn.add(reference)

    def _watch_pay(self, reference: int, rows: list[tuple[int, int, int]]) -> None:
        self._pays[reference] += 1
        if not any(sent_at_us for _, sent_at_us, _ in rows):
            self._broken("I9", f"{reference}: the payment's intent was not committed before it was sent")
        if self._pays[reference] > 1 and not self.capabilities.dedupes_by_reference:
            self._broken("I10", f"{reference}: sent again to a provider that credits again")
        if reference in self._withdrawn:
            self._broken("I10", f"{reference}: paid after it was withdrawn")


def _give(answered: asyncio.Future[Answer], answer: Answer) -> None:
    if not answered.done():
        answered.set_result(answer)
