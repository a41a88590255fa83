"""The command `python -m simulator`: serve, load, replay, record.

Exit codes: 0 done, 1 the thing asked for failed, 2 wrong usage. Answers go to stdout, everything else to stderr.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, ParamSpec, Self, TypeVar

import aiohttp
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulator.app import Simulator
from simulator.load.dialogues import Dialogues
from simulator.load.run import run_load, steady_memory
from simulator.load.settings import LoadSettings
from simulator.load.tally import Ending
from simulator.mo import MoState
from simulator.options import LoadOptions, RecordOptions, ReplayOptions, ServeOptions, takes
from simulator.record import Recorder
from simulator.replay import Replay
from simulator.settings import SimulatorSettings
from simulator.tape import Taped, read_lines

DONE: Final = 0
FAILED: Final = 1

PROVIDERS: Final = "--provider sarkor:sarkor:smsgw:secret --provider comnet:osmp"

Values = ParamSpec("Values")
Value = TypeVar("Value")

app = typer.Typer(
    help="An operator to try a gateway on: an SMSC, providers' billings, a phone in the browser, load and faults.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(epilog=f"Example: python -m simulator serve {PROVIDERS}")
@takes(ServeOptions)
def serve(options: ServeOptions) -> int:
    """Be an SMSC and providers until Ctrl-C; the phone page is at the HTTP address."""
    settings = _typed(options.simulator)
    return _run(lambda stop: _serve(settings, stop))


@app.command(epilog=f"Example: python -m simulator load {PROVIDERS} --rate 300 --duration 60")
@takes(LoadOptions)
def load(options: LoadOptions) -> int:
    """Serve as `serve` does, drive payments (or plain texts) against whoever binds, and print counts and latencies."""
    settings, run = _typed(options.simulator), _typed(options.load)
    return _run(lambda stop: _load(options, settings, run, stop))


@app.command(epilog="Example: python -m simulator replay monday.jsonl --speed 10")
@takes(ReplayOptions)
def replay(options: ReplayOptions) -> int:
    """Play a tape to a running simulator, and say what the gateway answered."""
    tape = _typed(_read_tape, options.file)
    return _run(lambda _stop: _replay(options, tape))


@app.command(epilog="Example: python -m simulator record monday.jsonl --duration 3600")
@takes(RecordOptions)
def record(options: RecordOptions) -> int:
    """Write the texts that pass a running simulator to a tape, letters and digits masked."""
    return _run(lambda stop: _record(options, stop))


def main() -> None:
    """Run the command line."""
    app(prog_name="python -m simulator")


def _run(command: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    """Run *command* with an event that Ctrl-C and SIGTERM set, and turn what can go wrong into an exit code."""
    try:
        return _loop_runner().run(_with_signals(command))
    except aiohttp.ClientError as error:
        return _complain(f"the simulator does not answer: {error}; is `python -m simulator serve` running?")
    except OSError as error:
        return _complain(str(error))


def _typed(read: Callable[Values, Value], *values: Values.args, **named: Values.kwargs) -> Value:
    """Read what was typed; what cannot be read is wrong usage."""
    try:
        return read(*values, **named)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from None


def _read_tape(path: Path) -> list[Taped]:
    with path.open(encoding="utf-8") as file:
        return read_lines(file)


def _loop_runner() -> asyncio.Runner:
    if sys.platform == "win32":
        return asyncio.Runner()
    import uvloop  # noqa: PLC0415 -- there is none for Windows

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _with_signals(command: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # Windows ends by KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await command(stop)


async def _serve(settings: SimulatorSettings, stop: asyncio.Event) -> int:
    async with Simulator(settings) as simulator:
        _introduce(simulator)
        await stop.wait()
    return DONE


async def _load(options: LoadOptions, settings: SimulatorSettings, run: LoadSettings, stop: asyncio.Event) -> int:
    async with Simulator(settings) as simulator:
        _introduce(simulator)
        try:
            await _unless(stop, simulator.bound(options.bind_timeout))
        except TimeoutError as error:
            return _complain(str(error))
        with steady_memory(), _Meter(run) as meter:
            report = await run_load(simulator, run, stop, meter.show)
        _print_report(report, as_json=options.json)
        if options.stay:
            await stop.wait()
    return DONE if report["endings"][Ending.DONE] == report["started"] > 0 and not report["missed"] else FAILED


async def _unless(stop: asyncio.Event, wait: Coroutine[Any, Any, None]) -> None:
    waiting, stopping = asyncio.ensure_future(wait), asyncio.ensure_future(stop.wait())
    done, pending = await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


async def _replay(options: ReplayOptions, tape: list[Taped]) -> int:
    report = await Replay(options.url, options.speed).play(tape)
    if options.json:
        _print_json(report)
    else:
        states = ", ".join(f"{count} {state}" for state, count in sorted(report["states"].items()))
        _out().print(f"{report['sent']} texts sent: {states or 'none'}")
    return DONE if report["states"].get(MoState.ACKED, 0) == report["sent"] else FAILED


async def _record(options: RecordOptions, stop: asyncio.Event) -> int:
    if options.duration:
        asyncio.get_running_loop().call_later(options.duration, stop.set)
    with options.file.open("a", encoding="utf-8") as file:
        recorder = Recorder(options.url, file, with_text=options.texts)
        try:
            await recorder.record(stop)
        finally:
            _err().print(f"{recorder.written} texts written to {escape(str(options.file))}")
    if recorder.lost:
        return _complain(f"{recorder.lost} entries passed too fast to be recorded")
    return DONE


class _Meter:
    """Shows on a terminal how far a load has come."""

    def __init__(self, settings: LoadSettings) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"), TimeElapsedColumn()
        console = _err()
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


def _introduce(simulator: Simulator) -> None:
    settings = simulator.settings
    _err().print(f"SMPP  {settings.smpp_host}:{simulator.smpp_port}", highlight=False)
    _err().print(f"phone {simulator.http_url}/", highlight=False)
    for name, billing in simulator.billings.items():
        _err().print(f"{name}: {simulator.http_url}/providers/{name}{billing.server.base}", highlight=False)


def _print_report(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _print_json(report)
        return
    endings = ", ".join(f"{count} {ending}" for ending, count in report["endings"].items() if count)
    _out().print(f"{report['started']} dialogues in {report['took_s']} s: {endings or 'none ended'}")
    _out().print(f"{report['done_per_s']} done/s; {report['redelivered']} texts delivered again")
    latencies = {name: summary for name, summary in report["latency"].items() if summary["count"]}
    if latencies:
        table = Table("ms", *next(iter(latencies.values())))
        for name, summary in latencies.items():
            table.add_row(name, *(f"{value:g}" for value in summary.values()))
        _out().print(table)
    for text, count in report["unexpected"].items():
        _out().print(f"{count} × {escape(text)}")


def _print_json(report: dict[str, Any]) -> None:
    print(json.dumps(report, ensure_ascii=False))  # noqa: T201 -- for programs: no wrapping, no colours


def _complain(words: str) -> int:
    _err().print(f"[red]simulator:[/red] {escape(words)}", soft_wrap=True)
    return FAILED


def _out() -> Console:
    return Console(highlight=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False)
