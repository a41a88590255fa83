"""`load`: many subscribers who pay at once, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulator.app import Simulator
from simulator.commands.options import takes, typed
from simulator.commands.output import DONE, FAILED, complain, err, out, print_json
from simulator.commands.running import run, unless
from simulator.commands.serve import ServeOptions, introduce
from simulator.load.dialogues import Dialogues
from simulator.load.run import run_load, steady_memory
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending
from simulator.settings import SimulatorSettings

COUNT: Final = 1_000
"""Dialogues of a run that nobody bounded: some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(ServeOptions):
    """What to drive, how fast, and how long; and all that `serve` takes."""

    text: Annotated[
        str, typer.Option(help="The text that begins a dialogue; {account}, {amount}, {n} differ each time.")
    ] = "SARKOR*n{account}*{amount}*parol1"
    plain: Annotated[bool, typer.Option("--plain", help="No payment: the first answer ends a dialogue.")] = False
    short_code: Annotated[str, typer.Option(help="Whom to text.")] = "1400"
    first_number: Annotated[int, typer.Option(help="The first subscriber; the others follow.")] = 998_900_000_000
    subscribers: Annotated[int, typer.Option(help="How many there are.")] = 10_000
    count: Annotated[
        int, typer.Option(help=f"End after so many dialogues; without --duration {COUNT:,}.", show_default=False)
    ] = 0
    duration: Annotated[float, typer.Option(help="End after so many seconds.", show_default=False)] = 0.0
    rate: Annotated[float, typer.Option(help="Dialogues a second; 0 = flat out, --concurrent at a time.")] = 0.0
    concurrent: Annotated[int, typer.Option(help="Dialogues at a time, without --rate.")] = 100
    timeout: Annotated[float, typer.Option(help="Seconds until a dialogue without an answer is given up.")] = 60.0
    bind_timeout: Annotated[float, typer.Option(help="Seconds to wait for a gateway at the beginning.")] = 60.0
    stay: Annotated[bool, typer.Option("--stay", help="Then go on serving until Ctrl-C.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False

    def load(self) -> LoadSettings:
        """The run that was typed. Raises ValueError."""
        return LoadSettings(
            text=self.text,
            plain=self.plain,
            short_code=self.short_code,
            first_number=self.first_number,
            subscribers=self.subscribers,
            count=self.count or (0 if self.duration else COUNT),
            duration_s=self.duration,
            rate_per_s=self.rate,
            concurrent=self.concurrent,
            timeout_s=self.timeout,
        )


@takes(LoadOptions)
def load(options: LoadOptions) -> int:
    """Serve as `serve` does, drive payments (or plain texts) against whoever binds, and print counts and latencies."""
    settings, wanted = typed(options.simulator), typed(options.load)
    return run(lambda stop: _load(options, settings, wanted, stop))


async def _load(options: LoadOptions, settings: SimulatorSettings, wanted: LoadSettings, stop: asyncio.Event) -> int:
    async with Simulator(settings) as simulator:
        introduce(simulator)
        try:
            await unless(stop, simulator.bound(options.bind_timeout))
        except TimeoutError as error:
            return complain(str(error))
        with steady_memory(), _Meter(wanted) as meter:
            report = await run_load(simulator, wanted, stop, meter.show)
        _print_report(report, as_json=options.json)
        if options.stay:
            await stop.wait()
    return DONE if report["endings"][Ending.DONE] == report["started"] > 0 and not report["missed"] else FAILED


class _Meter:
    """Shows on a terminal how far a load has come."""

    def __init__(self, settings: LoadSettings) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"), TimeElapsedColumn()
        console = err()
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("dialogues", total=settings.count or None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, dialogues: Dialogues) -> None:
        """Note what is over."""
        self._progress.update(self._task, completed=dialogues.tally.ended)


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    endings = ", ".join(f"{count} {ending}" for ending, count in report["endings"].items() if count)
    out().print(f"{report['started']} dialogues in {report['took_s']} s: {endings or 'none ended'}")
    out().print(f"{report['done_per_s']} done/s; {report['redelivered']} texts delivered again")
    latencies = {name: summary for name, summary in report["latency"].items() if summary["count"]}
    if latencies:
        table = Table("ms", *next(iter(latencies.values())))
        for name, summary in latencies.items():
            table.add_row(name, *(f"{value:g}" for value in summary.values()))
        out().print(table)
    for text, count in report["unexpected"].items():
        out().print(f"{count} × {escape(text)}")
