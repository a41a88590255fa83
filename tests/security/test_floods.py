"""Floods: whatever comes in whatever number, memory stays where it was, and whoever pays is served beside it.

One gateway in a process of its own goes through five floods, each for SMSGW_FLOOD_S seconds (`make floods`: a minute
each); before, within and after each of them a subscriber makes a whole payment. It answers every text, so that a flood
costs all that it can; a second one has the limit of answers with which it is shipped.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from bench.flood import Flood
from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.journal import Entry
from simulator.smsc.mo import Text
from simulator.smsc.mt import Mt
from smsgw.sessions.answers import ANSWERS_PER_HOUR_MAX
from tests.integration.gateway import (
    ANNA,
    BORIS,
    CONFIG,
    PASSWORD,
    SECRETS,
    SHORT_CODE,
    TOKEN,
    code_in,
    write_configuration,
)
from tests.integration.running_link import until
from tests.ports import free_port

SECONDS: Final = float(os.environ.get("SMSGW_FLOOD_S", "0.5"))
# A start takes a second; beside eight busy processes on two cores it has taken more than 20.
START_S: Final = 60.0
# On a busy machine; on a quiet one it is a second.
PAYMENT_S_MAX: Final = 15.0
# Each core keeps the memory of its hash for good. Passwords are hashed before memory is measured, so that a few cores
# have it by then; of many cores some take it later, whenever so many hash at once for the first time.
HASH_MIB: Final = 19.0
# From then on a flood fills caches, the store's pages and buffers of connections: 1 KiB for each of its first texts,
# and 7 MiB in all, which 48,000 texts did not exceed.
AT_ONCE_MIB: Final = 3.0
KIB_A_TEXT: Final = 2.0
GROWTH_MIB_MAX: Final = 16.0
# Texts that the SMSC has in hand at once; the rest waits there, as it does at an operator's.
IN_HAND: Final = 100
# Less is no flood, on however busy a machine.
SENT_MIN: Final = 20
# Above this nobody is silenced in these minutes.
ANSWER_ALL: Final = 100_000
WARM_S: Final = 0.3
# To somebody who hears nothing of it.
SENT_IN_SILENCE: Final = int(1000 * SECONDS)

SETTINGS: Final = SmscSettings(
    credentials={"smsgw": "simpass"}, receipt_delay_s=0.05, redelivery_delay_s=0.1, window=IN_HAND
)
BILLING: Final = BillingSetup(name="comnet", protocol="osmp")
ROGUE: Final = """
[links.rogue]
host = "127.0.0.1"
port = {port}
system_id = "smsgw"
password_env = "SIMULATOR_PASSWORD"
"""


class Stage:
    """The gateway, its operator, and the numbers that were measured."""

    def __init__(self, simulator: Simulator, flood: Flood, process: asyncio.subprocess.Process, api: str) -> None:
        self.simulator = simulator
        self.flood = flood
        self.api = api
        self.sent = 0
        self._accounts = count(1)
        self._texts = count(1)
        self._statm = Path(f"/proc/{process.pid}/statm")
        self._hashes_mib = 0.0

    def rss_mib(self) -> float:
        pages = int(self._statm.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    async def warm(self) -> None:
        """Hash passwords for a moment, and see how many cores have still to take the memory of their hash."""
        cold_mib = self.rss_mib()
        await during(passwords, self, WARM_S)
        taken = int((self.rss_mib() - cold_mib) / HASH_MIB)
        self._hashes_mib = max(0, (os.cpu_count() or 1) - taken) * HASH_MIB

    def bears(self, grown_mib: float, sent: int) -> bool:
        """True if a flood left behind what it may, beside hashes of cores that had none; each of those counts once."""
        self._hashes_mib -= max(0.0, grown_mib - allowed_mib(sent))
        return self._hashes_mib >= 0

    async def payment_s(self) -> float:
        """One whole dialogue of Anna's; how long it took."""
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        async with asyncio.timeout(PAYMENT_S_MAX):
            mo = self.simulator.send_mo(Text(ANNA, SHORT_CODE, f"COMNET*ali{next(self._accounts)}*1000*{PASSWORD}"))
            asked = await self.simulator.next_mt(ANNA, mo.id, PAYMENT_S_MAX)
            mo = self.simulator.send_mo(Text(ANNA, SHORT_CODE, code_in(asked)))
            receipt = await self.simulator.next_mt(ANNA, mo.id, PAYMENT_S_MAX)
        assert "PAID" in receipt.text, receipt.text
        return loop.time() - start_s

    async def texts(self, text_of: Callable[[int], Text]) -> None:
        """As many texts as the gateway takes."""
        for number in self._texts:
            await until(lambda: self.simulator.smsc.queue.open < IN_HAND, PAYMENT_S_MAX)
            self.simulator.send_mo(text_of(number))
            self.sent += 1


async def one_number(stage: Stage) -> None:
    """A registered number with wrong passwords, each of them another one."""
    await stage.texts(lambda n: Text(BORIS, SHORT_CODE, f"COMNET*ali77*1000*guess{n}"))


async def many_numbers(stage: Stage) -> None:
    """A new stranger with each text, and a password to be hashed."""
    await stage.texts(lambda n: Text(f"+99893{n:07}", SHORT_CODE, f"COMNET*ali77*1000*guess{n}"))


async def passwords(stage: Stage) -> None:
    """From one and from many, so that every core hashes."""
    await asyncio.gather(one_number(stage), many_numbers(stage))


async def pdus(stage: Stage) -> None:
    """An SMSC of the house's own that does nothing but ask whether anybody is there."""
    before = stage.flood.answers
    stage.flood.open()
    try:
        while True:
            await asyncio.sleep(0.02)
            stage.sent, before = stage.sent + stage.flood.answers - before, stage.flood.answers
    finally:
        stage.flood.shut()


async def requests(stage: Stage) -> None:
    """Every open page and the API with wrong tokens, from as many connections as the door has places."""

    async def one(http: aiohttp.ClientSession, path: str, number: int) -> None:
        while True:
            with suppress(aiohttp.ClientError):
                headers = {"Authorization": f"Bearer {number:024}"}
                async with http.get(path, headers=headers) as response:
                    await response.read()
            stage.sent += 1

    paths = ("/healthz", "/readyz", "/metrics", "/api/v1/status")
    async with aiohttp.ClientSession(stage.api, connector=aiohttp.TCPConnector(limit=64)) as http:
        await asyncio.gather(*(one(http, paths[number % 4], number) for number in range(64)))


async def slow_lines(stage: Stage) -> None:
    """Connections without a word, with half a head, and with a body that never comes."""
    port = int(stage.api.rpartition(":")[2])
    head = f"POST /api/v1/topups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 60000\r\n\r\n"
    writers: list[asyncio.StreamWriter] = []
    try:
        for octets in (b"", b"GET /healthz HTTP/1.1\r\nX-Slow: ", head.encode()) * 100:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(octets)
            writers.append(writer)
            stage.sent += 1
        await asyncio.Event().wait()
    finally:
        for writer in writers:
            writer.transport.abort()


@asynccontextmanager
async def pouring(flood: Callable[[Stage], Awaitable[None]], stage: Stage) -> AsyncIterator[asyncio.Future[None]]:
    """A flood, for as long as this lasts."""
    task = asyncio.ensure_future(flood(stage))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def during(flood: Callable[[Stage], Awaitable[None]], stage: Stage, seconds: float = SECONDS) -> float:
    """The longest of the payments that are made while the flood lasts: for its time, and until it is a flood."""
    loop, least = asyncio.get_running_loop(), stage.sent + SENT_MIN
    ends_s, longest_s = loop.time() + seconds, 0.0
    async with pouring(flood, stage) as poured:
        while loop.time() < ends_s or stage.sent < least:
            longest_s = max(longest_s, await stage.payment_s())
            assert not poured.done(), poured.exception()
            await asyncio.sleep(0.05)
    return longest_s


def allowed_mib(sent: int) -> float:
    """What a flood may leave behind: in proportion to its texts, and never more than what there is to be filled."""
    return min(GROWTH_MIB_MAX, AT_ONCE_MIB + sent * KIB_A_TEXT / 1024)


@asynccontextmanager
async def staged(folder: Path, answers_per_hour: int) -> AsyncIterator[Stage]:
    """A gateway in a process of its own, bound to its operator and to a rogue; Anna and Boris are registered."""
    async with Simulator(SimulatorSettings.single(SETTINGS, providers=(BILLING,))) as simulator:
        # The rogue answers no unbind; it leaves before the gateway is stopped, which would wait for it.
        async with Flood() as flood:
            config = write_configuration(
                folder, simulator, speak="warning", answers_per_hour=answers_per_hour, api_port=(port := free_port())
            )
            with config.open("a") as file:
                file.write(ROGUE.format(port=flood.port))
            # The provider is well and only slow beside a flood: nobody hears of a payment that takes its time.
            providers = folder / "providers.toml"
            patient = f"pay_deadline_s = {PAYMENT_S_MAX}"
            providers.write_text(providers.read_text().replace("pay_deadline_s = 1.0", patient))
            command = (sys.executable, "-m", "smsgw", "run", "--config", str(config))
            with (folder / "gateway.log").open("wb") as log:
                process = await asyncio.create_subprocess_exec(
                    *command, cwd=CONFIG.parent, stderr=log, env=os.environ | SECRETS
                )
            try:
                await simulator.bound(START_S)
                stage = Stage(simulator, flood, process, f"http://127.0.0.1:{port}")
                await enrolled(stage)
                yield stage
            except BaseException:
                process.kill()
                raise
        process.terminate()
        assert await asyncio.wait_for(process.wait(), START_S) == 0


async def enrolled(stage: Stage) -> None:
    async with aiohttp.ClientSession(stage.api, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        for number in (ANNA, BORIS):
            async with http.post(f"/api/v1/subscribers/{number}", json={"password": PASSWORD}) as response:
                assert response.status == 201, await response.text()
        top_up = {"number": ANNA, "amount": "4000000", "agent": "till", "key": "first"}
        async with http.post("/api/v1/topups", json=top_up) as response:
            assert response.status == 200, await response.text()


@pytest.mark.proves("A66", "A67", "A81")
@pytest.mark.timeout(START_S * 2 + 10 * (SECONDS + PAYMENT_S_MAX))
async def test_every_flood_is_borne_and_whoever_pays_is_served(tmp_path: Path) -> None:
    rows: list[str] = []
    async with staged(tmp_path, ANSWER_ALL) as stage:
        await stage.warm()
        start_mib = stage.rss_mib()
        for flood in (one_number, many_numbers, pdus, requests, slow_lines):
            before, before_mib = stage.sent, stage.rss_mib()
            longest_s = await during(flood, stage)
            grown_mib, sent = stage.rss_mib() - before_mib, stage.sent - before
            rows.append(f"{flood.__name__}: {sent} in, payment {longest_s:.2f} s, {grown_mib:+.1f} MiB")
            assert sent >= SENT_MIN, rows
            assert stage.bears(grown_mib, sent), rows
        await stage.payment_s()
    sys.stdout.write("\n".join((f"at the start {start_mib:.1f} MiB", *rows, "")))


@pytest.mark.proves("A66")
@pytest.mark.timeout(START_S * 2 + 10 * (SECONDS + PAYMENT_S_MAX))
async def test_a_number_that_floods_has_its_answers_and_one_notice_and_then_hears_nothing(tmp_path: Path) -> None:
    """With the limit of answers that is shipped; beside the silence whoever pays is served, and memory stays."""
    heard: list[str] = []

    def hear(entry: Entry) -> None:
        if isinstance(entry.item, Mt) and f"+{entry.number}" == BORIS:
            heard.append(entry.item.text)

    async with staged(tmp_path, ANSWERS_PER_HOUR_MAX) as stage:
        stage.simulator.smsc.journal.watchers.append(hear)
        await stage.warm()
        before, before_mib = stage.sent, stage.rss_mib()
        async with pouring(one_number, stage):
            await stage.payment_s()
            await until(lambda: stage.sent - before >= SENT_IN_SILENCE, PAYMENT_S_MAX + 10 * SECONDS)
        await until(lambda: not stage.simulator.smsc.queue.open, PAYMENT_S_MAX)
        grown_mib, sent = stage.rss_mib() - before_mib, stage.sent - before
        await stage.payment_s()
    assert ["Too many messages" in text for text in heard] == [False] * ANSWERS_PER_HOUR_MAX + [True]
    assert stage.bears(grown_mib, sent), f"{sent} in, {grown_mib:+.1f} MiB"
    sys.stdout.write(f"in silence: {sent} in, {grown_mib:+.1f} MiB\n")
