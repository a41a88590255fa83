"""The gateway is told to leave under load, or may open no more files: it ends or refuses in order."""

from __future__ import annotations

import asyncio
import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from simulator.smsc.mo import Text
from smsgw.domain.phones import Msisdn
from smsgw.settings.load import load
from tests.chaos.books import Database, judge
from tests.chaos.load import ANSWER_S, Load
from tests.chaos.node import Node, nodes
from tests.chaos.scene import configured, enrol, operator, unbalanced
from tests.integration.gateway import PASSWORD, SECRETS, SHORT_CODE, code_in

LEAVES: Final = 3
START_S: Final = 30.0
# Of texts acknowledged between two departures.
TEXTS: Final = 40
# Files are numbered; a limit below all that are open leaves no number for another.
STANDARD_FILES: Final = 3
FOREIGNER: Final = Msisdn("+79161234567")


@pytest.mark.proves("F56")
async def test_told_to_leave_under_load_it_leaves_in_order_and_repeats_nothing(tmp_path: Path) -> None:
    """SIGTERM: nothing new is taken, what is in hand ends, exit 0; no text is sent twice, as after a kill."""
    async with operator() as simulator:
        config = configured(tmp_path, simulator)
        database = Database(load(config, SECRETS).settings.store.url.get_secret_value())
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


@contextmanager
def no_more_files(node: Node) -> Iterator[None]:
    """The node may keep what it has open, and open nothing more."""
    limits = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (STANDARD_FILES, limits[1]))
    yield
    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, limits)


@pytest.mark.proves("F55")
async def test_without_a_file_to_open_it_says_so_and_goes_on_when_there_is_one(tmp_path: Path) -> None:
    """Texts are still taken and answered; a payment waits with its money held until its provider can be called."""
    async with operator() as simulator:
        config = configured(tmp_path, simulator)
        database = Database(load(config, SECRETS).settings.store.url.get_secret_value())
        anna, *_ = await enrol(config)
        simulator.billings["comnet"].faults.clear()
        async with nodes(config) as (node,):
            await node.start()
            await simulator.bound(START_S)
            ordered = simulator.send_mo(Text(anna, SHORT_CODE, f"COMNET*ali1*1000*{PASSWORD}"))
            asked = await simulator.next_mt(anna, ordered.id, ANSWER_S)
            with no_more_files(node):
                confirmed = simulator.send_mo(Text(anna, SHORT_CODE, code_in(asked)))
                processing = await simulator.next_mt(anna, confirmed.id, ANSWER_S)
                # The numbering plan of another country is needed for this one.
                lost = simulator.send_mo(Text(FOREIGNER, SHORT_CODE, "HELP"))
                assert (await simulator.next_mt(FOREIGNER, lost.id, ANSWER_S)).text
            receipt = await simulator.next_mt(anna, processing.id, ANSWER_S)
            await database.everything_ends(ANSWER_S)
            await node.leave()
        assert ("PROCESSING" in processing.text, "PAID" in receipt.text) == (True, True)
        assert len(list(simulator.billings["comnet"].book.lines())) == 1
