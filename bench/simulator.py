"""The simulator's own capacity: whole dialogues against a gateway that costs next to nothing, each on its own core.

`python -m bench.simulator` measures this alone, about a minute; `make bench` measures it among all the others.
A dialogue is two texts in, two out, and what goes with them: 8 PDUs, or 12 where the gateway asks for receipts.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from statistics import median
from typing import Any, Final

import uvloop

from bench import machine, report
from bench.figures import Figure, Section, whole
from simulator.app import Simulator
from simulator.load.run import run_load, steady_memory
from simulator.load.settings import LoadSettings
from simulator.settings import SimulatorSettings, SmscSettings

BIND_S: Final = 20.0
WINDOW: Final = 200
AT_ONCE: Final = 100
STEADY_PER_S: Final = 3_000
"""The rate that the simulator promises to keep on one core."""


async def _runs(receipts: int, rate_per_s: float, runs: int, run_s: float) -> list[dict[str, Any]]:
    """Reports of *runs* runs after one that warms up."""
    wanted = LoadSettings(
        count=0, duration_s=run_s, rate_per_s=rate_per_s, concurrent=AT_ONCE, subscribers=100_000, timeout_s=20.0
    )
    async with _bed(receipts) as simulator:
        found = []
        for _ in range(runs + 1):
            with steady_memory():
                found.append(await run_load(simulator, wanted))
        return found[1:]


@asynccontextmanager
async def _bed(receipts: int) -> AsyncIterator[Simulator]:
    # As `python -m simulator load` has it: single PDUs are not kept.
    settings = SimulatorSettings.single(SmscSettings(window=WINDOW), pdus_max=0)
    async with Simulator(settings) as simulator:
        with _esme(simulator.smpp_port, receipts):
            await simulator.bound(BIND_S)
            yield simulator


@contextmanager
def _esme(port: int, receipts: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.esme", str(port), str(receipts)]
    with subprocess.Popen(command) as process:  # noqa: S603 -- our own program
        _pin(process.pid, -1)
        try:
            yield
        finally:
            process.terminate()


def _pin(process_id: int, place: int) -> None:
    """Keep a process (0 = this one) on one of the cores that this one had at first."""
    if len(CORES) > 1:
        os.sched_setaffinity(process_id, {CORES[place]})


CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def measure(runs: int, run_s: float) -> Section:
    """Flat out with receipts and without, then at the promised rate."""
    _pin(0, 0)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            twelve = runner.run(_runs(1, 0.0, runs, run_s))
            eight = runner.run(_runs(0, 0.0, runs, run_s))
            steady = runner.run(_runs(1, STEADY_PER_S, runs, run_s))
    finally:
        if CORES:
            os.sched_setaffinity(0, CORES)
    rows = (
        _capacity("dialogues with delivery receipts, 12 PDUs each", twelve),
        _capacity("dialogues without, 8 PDUs each", eight),
        _steady(steady),
    )
    return Section("The simulator alone, one core, against `bench/esme.py` on another", rows)


def _capacity(what: str, reports: list[dict[str, Any]]) -> Figure:
    rates = [one["done_per_s"] for one in reports]
    cost_us = median(one["simulator_cpu_s"] / one["endings"]["done"] * 1e6 for one in reports)
    each = f"median of {len(rates)} runs: {', '.join(map(whole, rates))}; {AT_ONCE} at once"
    return Figure(what, f"**{whole(median(rates))} /s**", f"{each}; {cost_us:.0f} µs of processor time each")


def _steady(reports: list[dict[str, Any]]) -> Figure:
    middle = sorted(reports, key=lambda one: one["latency"]["whole"]["p99_ms"])[len(reports) // 2]
    times = " / ".join(f"{middle['latency']['whole'][f'{name}_ms']:.0f}" for name in ("p50", "p90", "p99"))
    busy = median(one["simulator_cpu_s"] / one["took_s"] for one in reports)
    done = ", ".join(f"{one['endings']['done']} of {one['due']}" for one in reports)
    note = f"done: {done}; the simulator's core was busy for {busy:.0%} of the time"
    return Figure(
        f"first text to last at {whole(STEADY_PER_S)} a second, 12 PDUs, p50 / p90 / p99", f"{times} ms", note
    )


if __name__ == "__main__":
    facts = machine.facts() | {"command": "`python -m bench.simulator`"}
    sys.stdout.write(report.markdown(facts, [measure(runs=5, run_s=4.0)]))
