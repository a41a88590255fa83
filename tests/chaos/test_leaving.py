"""The gateway is told to leave under load, or runs out of files: it ends or refuses in order, and nothing is in doubt."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Final

import pytest

from smsgw.settings.load import load
from tests.chaos.books import Database, judge
from tests.chaos.load import ANSWER_S, Load
from tests.chaos.node import nodes
from tests.chaos.scene import configured, enrol, operator, unbalanced
from tests.integration.gateway import SECRETS

LEAVES: Final = 3
START_S: Final = 30.0
# Of texts acknowledged between two departures.
TEXTS: Final = 40


@pytest.mark.proves("F56")
async def test_told_to_leave_under_load_it_leaves_in_order_and_repeats_nothing(tmp_path: Path) -> None:
    """SIGTERM: nothing new is taken, what is in hand ends, exit 0; no text is sent twice, as after a kill."""
    async with operator() as simulator:
        config = configured(tmp_path, simulator)
        database = Database(load(config, SECRETS).settings.store.url)
        numbers = await enrol(config)
        load_ = Load(simulator, random.Random(56))  # noqa: S311 -- a load that can be had again
        async with nodes(config) as (node,):
            people = asyncio.gather(*map(load_.subscriber, numbers))
            for _ in range(LEAVES):
                await node.start()
                await load_.acked(TEXTS)
                await node.leave()
                await database.let_time_pass()
            await node.start()
            await simulator.bound(START_S)
            load_.end()
            await people
            await database.everything_ends(ANSWER_S)
            await node.leave()
        judge(database, simulator, load_.tally, node.log(), kills=0)
    assert await unbalanced(config) == []
