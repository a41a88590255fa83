"""The gateway under load, over real sockets: questions, whole payments, and questions beside a flood.

This process is the SMSC, the providers and the subscribers; the gateway is a process of its own.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.disk import PLACE
from bench.figures import Figure, Section, whole
from bench.flood import Flood
from bench.gateway import PASSWORD, House, cpu_s, furnish, running
from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.load.run import run_load, steady_memory
from simulator.load.settings import LoadSettings
from simulator.settings import SimulatorSettings, SmscSettings

BIND_S: Final = 20.0
# An answer that takes longer is none.
PATIENCE_S: Final = 30.0
# deliver_sm in flight: above every concurrency here, so that the SMSC never waits with a text of its own accord.
WINDOW: Final = 200
PROVIDERS: Final = (
    BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="sarkor", dedupes=False),  # noqa: S106 -- simulated
    *(BillingSetup(name=name, protocol="osmp") for name in ("comnet", "imei", "sochi")),
)
# No text may come twice from one number within a minute, nor one payment within ten: that would be a repeat, and cheap.
# So each run has a number of its own in its texts, besides what the load makes different from one to the next.
QUESTION: Final = "STATUS {run}{{n:06d}}"
PAYMENT: Final = f"SARKOR*n{{{{account}}}}*{{run}}{{{{amount}}}}*{PASSWORD}"
FIRST_RUN: Final = 10
# So many subscribers at once keep the gateway busy without queues that only measure themselves.
QUESTIONS_AT_ONCE: Final = 100
PAYMENTS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: subscribers, runs of each kind, and seconds a run."""

    people: int
    runs: int
    run_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the load's report, and what the gateway's process spent meanwhile."""

    report: dict[str, Any]
    cpu_s: float
    flood_answers_per_s: float = 0.0

    @property
    def rate(self) -> float:
        """Dialogues (or answered questions) a second."""
        return float(self.report["done_per_s"])

    @property
    def done(self) -> int:
        """How many came to their good end."""
        return int(self.report["endings"]["done"])

    def latency_ms(self, what: str, percentile: str) -> float:
        """A percentile of the report, in milliseconds."""
        return float(self.report["latency"][what][f"{percentile}_ms"])


class Bed:
    """A gateway under test and the world around it."""

    def __init__(self, simulator: Simulator, effort: Effort, process_id: int, flood: Flood) -> None:
        self._simulator = simulator
        self._effort = effort
        self._process_id = process_id
        self._flood = flood
        self._runs = count(FIRST_RUN)

    async def run(self, text: str, *, plain: bool, rate: float = 0.0, concurrent: int = 1, count: int = 0) -> Run:
        """Drive one run: closed loop of *concurrent*, or *rate* a second; of the usual time, or of *count*."""
        settings = LoadSettings(
            text=text.format(run=next(self._runs)),
            plain=plain,
            subscribers=self._effort.people,
            count=count,
            duration_s=0.0 if count else self._effort.run_s,
            rate_per_s=rate,
            concurrent=concurrent,
            timeout_s=PATIENCE_S,
        )
        cpu_before_s, answers_before, started_s = cpu_s(self._process_id), self._flood.answers, time.monotonic()
        with steady_memory():
            report = await run_load(self._simulator, settings)
        answers = (self._flood.answers - answers_before) / (time.monotonic() - started_s)
        return Run(report, cpu_s(self._process_id) - cpu_before_s, answers)

    async def remember_passwords(self) -> None:
        """Let everybody pay once."""
        await self.run(PAYMENT, plain=False, concurrent=PAYMENTS_AT_ONCE, count=self._effort.people)

    async def question_run(self, *, flooded: bool) -> Run:
        """One run of questions, with or without a flood on the second link."""
        if flooded:
            self._flood.open()
        run = await self.run(QUESTION, plain=True, concurrent=QUESTIONS_AT_ONCE)
        self._flood.shut()
        return run


@asynccontextmanager
async def bed(effort: Effort) -> AsyncIterator[Bed]:
    """Build everything anew, on an empty database but for the subscribers."""
    # What is measured is the gateway: its PDUs are neither kept nor judged.
    settings = SimulatorSettings.single(SmscSettings(window=WINDOW), providers=PROVIDERS, pdus_max=0)
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE.absolute(), prefix="bench-") as folder:
        async with Simulator(settings) as simulator, Flood() as flood:
            house = House(
                folder=Path(folder),
                smpp_port=simulator.smpp_port,
                http_url=simulator.http_url,
                flood_port=flood.port,
            )
            furnish(house, effort.people)
            with running(house) as process:
                await simulator.bound(BIND_S)
                yield Bed(simulator, effort, process.pid, flood)


async def questions(effort: Effort) -> Section:
    """Text in, one text out, alone and beside a flood, in turns."""
    quiet, flooded = [], []
    async with bed(effort) as alone:
        await alone.run(QUESTION, plain=True, concurrent=QUESTIONS_AT_ONCE, count=effort.people // 2)
        for _ in range(effort.runs):
            quiet.append(await alone.question_run(flooded=False))
            flooded.append(await alone.question_run(flooded=True))
    answered = median(run.flood_answers_per_s for run in flooded)
    title = f"MO → MT, `STATUS 12345678`, {whole(effort.people)} registered numbers, {QUESTIONS_AT_ONCE} at once"
    note = f"{whole(answered)} enquire_link/s were read and answered; the rest waits in the peer's socket"
    rows = [*_rows(quiet, "answered"), *_rows(flooded, "answered while a second link floods enquire_link", note)]
    return Section(title, tuple(rows))


async def payments(effort: Effort) -> Section:
    """Pay, check, code, hold, post, receipt; then half of that rate, for the time to the ack."""
    async with bed(effort) as alone:
        await alone.remember_passwords()
        runs = [await alone.run(PAYMENT, plain=False, concurrent=PAYMENTS_AT_ONCE) for _ in range(effort.runs)]
        half = median(run.rate for run in runs) / 2
        relaxed = [await alone.run(PAYMENT, plain=False, rate=half) for _ in range(effort.runs)]
    title = f"Whole payments, {whole(effort.people)} subscribers, {PAYMENTS_AT_ONCE} at once"
    note = "passwords: verifiers with m=8, t=1, rehashing off, all remembered"
    rows = [*_rows(runs, "payments", note), *_rows(relaxed, f"payments begun at half of that rate ({whole(half)}/s)")]
    return Section(title, tuple(rows))


def _rows(runs: Sequence[Run], what: str, note: str = "") -> list[Figure]:
    """The rate and the times of the run in the middle."""
    ordered = sorted(runs, key=lambda run: run.rate)
    middle = ordered[len(ordered) // 2]
    spread = f"median of {len(runs)} runs: {', '.join(whole(run.rate) for run in runs)}"
    whole_ms = " / ".join(f"{middle.latency_ms('whole', p):.0f}" for p in ("p50", "p90", "p99"))
    ack_ms = " / ".join(f"{middle.latency_ms('mo_to_ack', p):.0f}" for p in ("p50", "p90", "p99"))
    odd = sum(run.report["started"] - run.done + run.report["redelivered"] for run in runs)
    return [
        Figure(what, f"**{whole(middle.rate)} /s**", "; ".join(filter(None, (spread, note, _oddities(odd))))),
        Figure("… first text to last, p50 / p90 / p99", f"{whole_ms} ms"),
        Figure("… deliver_sm to deliver_sm_resp, p50 / p90 / p99", f"{ack_ms} ms"),
        Figure("… processor time of the gateway for each", f"{middle.cpu_s / max(1, middle.done) * 1000:.2f} ms"),
    ]


def _oddities(count: int) -> str:
    return f"{count} ended otherwise or were delivered again" if count else ""


def measure(effort: Effort) -> list[Section]:
    """All of it."""
    return [asyncio.run(questions(effort)), asyncio.run(payments(effort))]
