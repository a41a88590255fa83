"""kill -9 at every failpoint, at any moment, and in the recovery itself: no text lost, no money lost or doubled.

The operator, the billings and the subscribers live on in this process, as they would. A start after a kill is the
recovery from it, and with the next failpoint armed the way into the next one. `make chaos CYCLES=1000` makes a long run
of it, SMSGW_CHAOS_SEED another one.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Final

import pytest

from simulator.app import Simulator
from smsgw.settings.load import environment, load
from tests.chaos.books import Database, Verdict, judge
from tests.chaos.failpoints import POINTS
from tests.chaos.load import ANSWER_S, Load
from tests.chaos.node import Node, nodes
from tests.chaos.scene import configured, enrol, operator, unbalanced
from tests.integration.gateway import CONFIG, SECRETS

CYCLES: Final = int(os.environ.get("SMSGW_CHAOS_CYCLES", "50"))
SEED: Final = int(os.environ.get("SMSGW_CHAOS_SEED", "20261128"))
# Of the cycles: one in so many kills at any moment, the others at the next failpoint.
ANY_MOMENT_EACH: Final = 4
ANY_MOMENT: Final = "any moment"
RECOVERIES: Final = 5
# A point that is passed only in a recovery, and where to die before it, so that there is something to be found.
LEFT_BEHIND: Final = {
    f"{claimed}.{moment}": death
    for claimed, death in (("texts-claimed", "code.before"), ("calls-claimed", "check-intent.committed"))
    for moment in ("commit", "committed")
}
START_S: Final = 30.0
# Under load each point is passed within a moment; a start that has nothing to recover may have to wait for a dialogue.
PASSED_S: Final = 30.0
# The other node of two outlives the first by so long at most.
OUTLIVES_S: Final = 0.5


def plan(cycles: int, chance: random.Random) -> list[str]:
    """Where each cycle kills: every failpoint in turn, in another order each time, and any moment in between."""
    planned: list[str] = []
    points: list[str] = []
    for number in range(1, cycles + 1):
        if number % ANY_MOMENT_EACH == 0:
            planned.append(ANY_MOMENT)
            continue
        points = points or chance.sample(POINTS, len(POINTS))
        planned.append(points.pop())
    return planned


PLAN: Final = plan(CYCLES, random.Random(SEED))  # noqa: S311 -- an order that its seed gives again
SHARES: Final = {
    "sqlite": PLAN[: CYCLES * 6 // 10],
    "postgres": PLAN[CYCLES * 6 // 10 : CYCLES * 85 // 100],
    "two nodes": PLAN[CYCLES * 85 // 100 :],
}


class Chaos:
    """The nodes of one database, the load on them, and their deaths."""

    def __init__(self, nodes: Sequence[Node], database: Database, simulator: Simulator, chance: random.Random) -> None:
        self.kills: Counter[str] = Counter()
        self.load = Load(simulator, chance)
        self._nodes = nodes
        self._database = database
        self._simulator = simulator
        self._chance = chance

    async def cycle(self, where: str) -> None:
        """Start all nodes and let the first die *where* it is planned; the others outlive it, but not for long."""
        if where in LEFT_BEHIND:
            await self.cycle(LEFT_BEHIND[where])
        dying, *others = self._nodes
        await dying.start("" if where == ANY_MOMENT else where)
        # What was left behind is to be found by the one that dies of it.
        if where not in LEFT_BEHIND:
            await self._start(others)
        if where == ANY_MOMENT:
            await self._wait_sometimes()
            await dying.kill()
        else:
            await dying.dies(PASSED_S)
        self.kills[where] += 1
        for other in others:
            await asyncio.sleep(self._chance.uniform(0.0, OUTLIVES_S))
            self.kills["other node"] += other.lives
            await other.kill()
        await self._database.let_time_pass()

    async def recoveries(self) -> None:
        """Kill five times in a row while the one before is still being mended."""
        for _ in range(RECOVERIES):
            await self._start(self._nodes)
            await asyncio.sleep(self._chance.uniform(0.0, 0.8))
            for node in self._nodes:
                await node.kill()
                self.kills["recovery"] += 1
            await self._database.let_time_pass()

    async def calm(self, people: Awaitable[object]) -> None:
        """Start once more, let everybody finish, and stop in order."""
        await self._start(self._nodes)
        await self._simulator.bound(START_S)
        self.load.end()
        await people
        await self._database.everything_ends(ANSWER_S)
        for node in self._nodes:
            await node.leave()

    async def _start(self, nodes: Sequence[Node]) -> None:
        await asyncio.gather(*(node.start() for node in nodes))

    async def _wait_sometimes(self) -> None:
        """While it starts, while it works."""
        if self._chance.random() < 0.8:
            await self._simulator.bound(START_S)
        await asyncio.sleep(self._chance.uniform(0.0, 0.8))


def test_every_failpoint_has_its_turn() -> None:
    assert set(POINTS) <= set(PLAN) or CYCLES < 50


def test_the_page_lists_every_failpoint() -> None:
    page = (CONFIG.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([a-z.-]+)` \|", page, re.MULTILINE)) == sorted(POINTS)


POSTGRES: Final = [pytest.param(name, marks=pytest.mark.postgres) for name in ("postgres", "two nodes")]


@pytest.mark.proves("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "I13", "I14", "I15")
@pytest.mark.timeout(120 + 10 * CYCLES)
@pytest.mark.parametrize("where", ["sqlite", *POSTGRES])
async def test_killed_anywhere_it_loses_nothing_and_pays_once(
    where: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where != "sqlite":
        monkeypatch.setenv("SMSGW_STORE__URL", request.getfixturevalue("postgres_url"))
    chance = random.Random(f"{SEED} {where}")  # noqa: S311 -- moments to kill at, to be had again by their seed
    async with operator() as simulator:
        config = configured(tmp_path, simulator)
        database = Database(load(config, {**environment(), **SECRETS}).settings.store.url.get_secret_value())
        numbers = await enrol(config)
        async with nodes(config, 2 if where == "two nodes" else 1) as places:
            chaos = Chaos(places, database, simulator, chance)
            people = asyncio.gather(*map(chaos.load.subscriber, numbers))
            for planned in SHARES[where]:
                await chaos.cycle(planned)
            await chaos.recoveries()
            await chaos.calm(people)
        verdict = judge(database, simulator, chaos.load.tally, places[0].log(), chaos.kills.total())
    assert await unbalanced(config) == []
    told(where, chaos.kills, verdict)


def told(where: str, kills: Counter[str], verdict: Verdict) -> None:
    """The summary, for whoever runs it with -s."""
    lines = "".join(f"  {name}: {count}\n" for name, count in sorted(kills.items()))
    sys.stdout.write(f"\n{where}, seed {SEED}: {kills.total()} kills\n{lines}  {verdict}\n")
