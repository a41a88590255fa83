"""`replay`: play a tape to a running simulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.options import takes, typed
from simulator.commands.output import DONE, FAILED, out, print_json
from simulator.commands.running import run
from simulator.smsc.mo import MoState
from simulator.tapes.replay import Replay
from simulator.tapes.tape import Taped, read_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Which tape, where to, how fast."""

    file: Annotated[
        Path, typer.Argument(help='JSON lines: {"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}')
    ]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    speed: Annotated[float, typer.Option(min=0, help="2 = twice as fast as recorded; 0 = flat out.")] = 1.0
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False


@takes(ReplayOptions)
def replay(options: ReplayOptions) -> int:
    """Play a tape to a running simulator, and say what the gateway answered."""
    tape = typed(_read_tape, options.file)
    return run(lambda _stop: _replay(options, tape))


def _read_tape(path: Path) -> list[Taped]:
    with path.open(encoding="utf-8") as file:
        return read_lines(file)


async def _replay(options: ReplayOptions, tape: list[Taped]) -> int:
    report = await Replay(options.url, options.speed).play(tape)
    if options.json:
        print_json(report)
    else:
        states = ", ".join(f"{count} {state}" for state, count in sorted(report["states"].items()))
        out().print(f"{report['sent']} texts sent: {states or 'none'}")
    return DONE if report["states"].get(MoState.ACKED, 0) == report["sent"] else FAILED
