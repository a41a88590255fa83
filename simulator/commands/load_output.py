"""What `load` shows on a terminal: how far it has come, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulator.commands.output import err, out, print_json
from simulator.load.dialogues import Dialogues
from simulator.load.series import Step
from simulator.load.settings import LoadSettings

SHOWN_EVERY_S: Final = 0.5
"""How often the numbers change: fast enough to watch, and cheap."""

RATE_OVER_S: Final = 2.0
"""The rate "now" is that of so many seconds."""


class Meter:
    """Shows on a terminal how far a load has come, how fast it goes, what failed, and the p99 so far."""

    def __init__(self, settings: LoadSettings) -> None:
        console = err()
        columns = (
            BarColumn(),
            TextColumn("{task.completed:.0f} done · {task.fields[rate]:.0f}/s now · {task.fields[failed]} failed"),
            TextColumn("· p99 {task.fields[p99_ms]:.1f} ms"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(
            *columns, console=console, transient=True, refresh_per_second=2, disable=not console.is_terminal
        )
        self._task = self._progress.add_task("", total=settings.count or None, rate=0.0, failed=0, p99_ms=0.0)
        self._next_s = 0.0
        self._seen: list[tuple[float, int]] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, dialogues: Dialogues, now_s: float) -> None:
        """Note what is over."""
        if now_s < self._next_s or self._progress.disable:
            return
        self._next_s = now_s + SHOWN_EVERY_S
        ended = dialogues.tally.ended + dialogues.warm_up.ended
        self._seen = [(at_s, count) for at_s, count in self._seen if at_s > now_s - RATE_OVER_S] + [(now_s, ended)]
        since_s, before = self._seen[0]
        rate = (ended - before) / (now_s - since_s) if now_s > since_s else 0.0
        p99_ms = dialogues.tally.latencies[Step.WHOLE].percentile(99) * 1000
        failed = dialogues.tally.failed
        self._progress.update(self._task, completed=ended, rate=rate, failed=failed, p99_ms=p99_ms)


def print_report(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the report, for programs or for people."""
    if as_json:
        print_json(dict(report))
        return
    console = out()
    endings = ", ".join(f"{count} {ending}" for ending, count in report["endings"].items() if count)
    console.print(f"{report['started']} dialogues in {report['took_s']} s: {endings or 'none ended'}")
    lost = f"; {report['missed']} were due and never started" if report["missed"] else ""
    console.print(f"{report['done_per_s']} done/s; {report['redelivered']} texts delivered again{lost}")
    if report["warm_up"]["dialogues"]:
        console.print("{dialogues} more in a warm-up of {seconds:g} s".format(**report["warm_up"]))
    latencies = {name: summary for name, summary in report["latency"].items() if summary["count"]}
    if latencies:
        console.print(_latencies(latencies))
    if len(report["operators"]) > 1:
        console.print(_operators(report["operators"]))
    for text, count in report["unexpected"].items():
        console.print(f"{count} × {escape(text)}")
    _print_verdict(report["verdict"])


def _latencies(latencies: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table("ms")
    for name in next(iter(latencies.values())):
        table.add_column(name.removesuffix("_ms"), justify="right")
    for name, summary in latencies.items():
        table.add_row(name, *(f"{value:,.0f}" if key == "count" else f"{value:,.1f}" for key, value in summary.items()))
    return table


def _operators(operators: Mapping[str, Any]) -> Table:
    table = Table("operator")
    for name in ("done", "failed", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right")
    for name, one in operators.items():
        whole = one["whole"]
        table.add_row(
            escape(name), str(one["done"]), str(one["failed"]), f"{whole['p50_ms']:,.1f}", f"{whole['p99_ms']:,.1f}"
        )
    return table


def _print_verdict(verdict: Mapping[str, Any]) -> None:
    console = out()
    for check in verdict["checks"]:
        if not check["passed"]:
            console.print(f"[red]failed:[/red] {check['name']} is {check['value']:g}, wanted {check['limit']}")
    if verdict["passed"]:
        console.print("[green]passed[/green]")
