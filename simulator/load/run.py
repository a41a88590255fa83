"""Drives dialogues through a running simulator, against whichever gateway is bound to it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from simulator.app import Simulator
from simulator.load.dialogues import Dialogues
from simulator.load.report import distribution, facts
from simulator.load.settings import LoadSettings

STEP_S: Final = 0.002
"""How often the rate is looked at: its grain, and far below any latency that a gateway with a disk can have."""


async def run_load(
    simulator: Simulator,
    settings: LoadSettings,
    stop: asyncio.Event | None = None,
    watch: Callable[[Dialogues, float], None] | None = None,
) -> dict[str, Any]:
    """Drive one run to its end, or to *stop*, and return its figures; *watch* is called at every step, with the time.

    A gateway that goes away meanwhile is waited for: its texts stay with the SMSC.
    """
    smsc, network = simulator.smsc, simulator.network
    began_at_s = smsc.unix_s(time.monotonic())
    used_before_s = time.process_time()
    dialogues = Dialogues(settings, simulator.send_mo, began_at_s, lambda number: network.home(number).smsc.name)
    smsc.journal.watchers.append(dialogues.take)
    try:
        while not (dialogues.finished(smsc.unix_s(time.monotonic())) or (stop is not None and stop.is_set())):
            now_s = smsc.unix_s(time.monotonic())
            dialogues.step(now_s)
            if watch is not None:
                watch(dialogues, now_s)
            await asyncio.sleep(STEP_S)
    finally:
        smsc.journal.watchers.remove(dialogues.take)
    used_s = round(time.process_time() - used_before_s, 3)
    share = {"distribution": distribution(dialogues.tally), "simulator_cpu_s": used_s}
    return {**dialogues.report(), **share, **facts(began_at_s)}


@contextmanager
def steady_memory() -> Iterator[None]:
    """Keep Python's search for cycles out of a measurement: with a full journal it stops everything for 100 ms.

    For a process of its own only; what a run allocates holds no cycles.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
