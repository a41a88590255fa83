"""Half a minute of a bad day (`make soak`: ten minutes): 300 texts a second, a connection cut every five seconds.

The operator throttles, delivers again what it should not, and loses answers. Promised: every text is answered; a second
answer comes only where the first had no submit_sm_resp when its connection was cut; memory does not grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from simulator.app import Simulator
from simulator.faults.fault import Fault
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.journal import Answer, Entry, SessionChange
from simulator.smsc.mo import MoState, Text
from simulator.smsc.mt import Mt
from smsgw.settings.load import load
from smsgw.smpp.constants import Status
from smsgw.smpp.states import State
from smsgw.wiring import opened_store
from tests.integration.gateway import CONFIG, SECRETS, SHORT_CODE, write_configuration
from tests.integration.running_link import until

SECONDS: Final = float(os.environ.get("SMSGW_SOAK_S", "30"))
SEED: Final = int(os.environ.get("SMSGW_SOAK_SEED", "20261121"))
RATE: Final = 300.0
NUMBERS: Final = 10_000
CUT_EVERY_S: Final = 5.0
THROTTLE_EVERY_S: Final = 3.0
AGAIN_SHARE: Final = 0.03
# Within the minute in which the same text is known again.
AGAIN_AFTER_S: Final = 8.0
ROWS: Final = 10
START_S: Final = 20.0
# What waits for the last cut to be mended, and for its second try.
LAST_ANSWER_S: Final = 40.0
# The first third fills caches and the store's buffers; what grows after it would grow for ever.
GROWTH_MIB_MAX: Final = 24.0
SETTINGS: Final = SmscSettings(
    credentials={"smsgw": "simpass"}, receipt_delay_s=0.05, redelivery_delay_s=0.2, window=100
)


@dataclass
class Told:
    """What one number has texted and been told: the times of the answers to each of its texts."""

    answers: list[list[float]] = field(default_factory=list)


class Soak:
    """Subscribers, and what became of their texts; times are those of the journal."""

    def __init__(self, simulator: Simulator, chance: random.Random) -> None:
        self.people: dict[str, Told] = {}
        self.cuts: list[float] = []
        self.sent = self.again = self.redelivered = self.throttled = 0
        self.refused: list[Answer] = []
        self._simulator = simulator
        self._chance = chance
        simulator.smsc.journal.watchers.append(self._take)

    def _take(self, entry: Entry) -> None:
        match entry.item:
            case Mt():
                self.people[entry.number].answers[-1].append(entry.at_s)
            case Answer(state=MoState.RETRYING):
                self.redelivered += 1
            case Answer(state=MoState.REFUSED | MoState.GIVEN_UP) as answer:
                self.refused.append(answer)
            case SessionChange(state=State.CLOSED):
                self.cuts.append(entry.at_s)
            case _:
                pass

    @property
    def answered(self) -> int:
        return sum(bool(times) for told in self.people.values() for times in told.answers)

    @property
    def twice(self) -> dict[str, list[list[float]]]:
        """The numbers that were told something more than once, with the times."""
        pairs = ((number, [times for times in told.answers if len(times) > 1]) for number, told in self.people.items())
        return {number: times for number, times in pairs if times}

    async def text(self) -> None:
        """Everybody in turn, at a steady rate; each text is one that was never sent before."""
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        while (passed_s := loop.time() - start_s) < SECONDS:
            for number in range(self.sent, int(passed_s * RATE)):
                self._one(number)
            await asyncio.sleep(0.01)

    def _one(self, number: int) -> None:
        text = Text(number_of(number % NUMBERS), SHORT_CODE, f"STATUS {number:08d}")
        self.people.setdefault(text.sender.removeprefix("+"), Told()).answers.append([])
        self._simulator.send_mo(text)
        self.sent += 1
        if self._chance.random() < AGAIN_SHARE:
            self.again += 1
            delay_s = self._chance.uniform(0.0, AGAIN_AFTER_S)
            asyncio.get_running_loop().call_later(delay_s, self._simulator.send_mo, text)

    async def cut(self) -> None:
        """Cut a connection, now without a word, now in place of an answer."""
        while True:
            await asyncio.sleep(CUT_EVERY_S)
            bound = [line for line in self._simulator.smsc.lines if line.session.state is State.BOUND_TRX]
            if not bound:
                continue
            if self._chance.random() < 0.5:
                self._simulator.network.first.drop(self._chance.choice(bound))
            else:
                self._simulator.smsc.faults.put("submit_sm", Fault(no_response=True, disconnect_after=True))

    async def throttle(self) -> None:
        """Refuse some texts: too many, as the operator finds."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * THROTTLE_EVERY_S)
            count = self._chance.randint(1, 20)
            self.throttled += count
            self._simulator.smsc.faults.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED, count=count))


class Meter:
    """The gateway's memory, looked at ROWS times a run."""

    def __init__(self, process_id: int, soak: Soak) -> None:
        self.rss_mib: list[float] = []
        self._statm = Path(f"/proc/{process_id}/statm")
        self._soak = soak

    async def watch(self) -> None:
        _say("seconds", "texts in", "answered", "twice", "again", "cuts", "RSS, MiB")
        while True:
            await asyncio.sleep(SECONDS / ROWS)
            self.look()

    def look(self) -> None:
        pages = int(self._statm.read_text(encoding="ascii").split()[1])
        self.rss_mib.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
        soak, seconds = self._soak, round(len(self.rss_mib) * SECONDS / ROWS)
        resent = soak.again + soak.redelivered
        _say(seconds, soak.sent, soak.answered, len(soak.twice), resent, len(soak.cuts), f"{self.rss_mib[-1]:.1f}")


def _say(*cells: object) -> None:
    sys.stdout.write(" | ".join(f"{cell!s:>8}" for cell in cells) + "\n")


@asynccontextmanager
async def gateway(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The gateway in a process of its own, with two sessions, and stopped in order."""
    environment = (
        os.environ | SECRETS | {"SMSGW_LINKS__SIMULATOR__SESSIONS": "2", "SMSGW_LINKS__SIMULATOR__WINDOW": "50"}
    )
    command = (sys.executable, "-m", "smsgw", "run", "--config", str(config))
    with config.with_name("gateway.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=CONFIG.parent, stderr=log, env=environment)
    try:
        yield process
        process.terminate()
        assert await asyncio.wait_for(process.wait(), START_S) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.mark.timeout(SECONDS + START_S + 2 * LAST_ANSWER_S)
async def test_a_bad_day_loses_no_text_and_answers_twice_only_in_doubt(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 -- a day to be had again by its seed
    async with Simulator(SimulatorSettings.single(SETTINGS)) as simulator:
        config = write_configuration(tmp_path, simulator, speak="warning", answers_per_hour=10_000)
        await enrol(config)
        async with gateway(config) as process:
            await simulator.bound(START_S)
            soak = Soak(simulator, chance)
            meter = Meter(process.pid, soak)
            trouble = [asyncio.ensure_future(each) for each in (soak.cut(), soak.throttle(), meter.watch())]
            await soak.text()
            for task in trouble:
                task.cancel()
            with contextlib.suppress(AssertionError):  # the judge says which are missing
                await until(lambda: soak.answered == soak.sent and not simulator.smsc.queue.open, LAST_ANSWER_S)
            meter.look()
        judge(soak, meter, doubtful(config.with_name("smsgw.sqlite")))


async def enrol(config: Path) -> None:
    """Write everybody into the new database: a stranger would be answered once only."""
    async with opened_store(load(config, SECRETS)):
        pass
    with contextlib.closing(sqlite3.connect(config.with_name("smsgw.sqlite"))) as database, database:
        registered = "INSERT INTO subscribers VALUES (?, 1, 0, 'en', 'none', '', 1, 0, 0, 0, '', 0, 0, 0, 1, '')"
        database.executemany(registered, ((number_of(person),) for person in range(NUMBERS)))


def number_of(person: int) -> str:
    return f"+9989{person:08d}"


def doubtful(database: Path) -> set[str]:
    """The numbers with a text that was sent again after an unknown outcome, as the gateway's own book has it."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT DISTINCT msisdn FROM outbox WHERE possibly_twice = 1").fetchall()
    return {msisdn.removeprefix("+") for (msisdn,) in rows}


def judge(soak: Soak, meter: Meter, in_doubt: set[str]) -> None:
    """Compare what the phones were told with what was cut when."""
    twice = soak.twice
    third = len(meter.rss_mib) // 3
    growth_mib = max(meter.rss_mib[third:]) - meter.rss_mib[third]
    _say("texts", "unanswered", "twice", "in doubt", "delivered again", "throttled", "cuts", "growth, MiB")
    lost = soak.sent - soak.answered
    again = soak.again + soak.redelivered
    _say(soak.sent, lost, len(twice), len(in_doubt), again, soak.throttled, len(soak.cuts), f"{growth_mib:.1f}")
    assert lost == 0
    assert soak.refused == []
    assert twice.keys() <= in_doubt, "a second answer that the gateway did not know to be one"
    for number, doubles in twice.items():
        for first_s, *others in doubles:
            assert all(any(first_s <= cut_s <= other_s for cut_s in soak.cuts) for other_s in others), number
    assert growth_mib <= GROWTH_MIB_MAX, meter.rss_mib
