"""`record`: write the texts that pass a running simulator to a tape."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from simulator.commands.options import takes
from simulator.commands.output import DONE, complain, err
from simulator.commands.running import run
from simulator.tapes.record import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """Which simulator, where to, how much."""

    file: Annotated[Path, typer.Argument(help="The tape; what it held before stays.")]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    texts: Annotated[bool, typer.Option("--texts", help="Keep the texts as they are, passwords and codes too.")] = False
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 = until Ctrl-C.")] = 0.0


@takes(RecordOptions)
def record(options: RecordOptions) -> int:
    """Write the texts that pass a running simulator to a tape, letters and digits masked."""
    return run(lambda stop: _record(options, stop))


async def _record(options: RecordOptions, stop: asyncio.Event) -> int:
    if options.duration:
        asyncio.get_running_loop().call_later(options.duration, stop.set)
    with options.file.open("a", encoding="utf-8") as file:
        recorder = Recorder(options.url, file, with_text=options.texts)
        try:
            await recorder.record(stop)
        finally:
            err().print(f"{recorder.written} texts written to {escape(str(options.file))}")
    if recorder.lost:
        return complain(f"{recorder.lost} entries passed too fast to be recorded")
    return DONE
