"""`load`: many subscribers who pay at once, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from simulator.app import Simulator
from simulator.commands.load_output import Meter, print_report
from simulator.commands.options import pair, seconds, takes, typed
from simulator.commands.output import DONE, FAILED, complain, err
from simulator.commands.running import run, unless
from simulator.commands.serve import ServeOptions, introduce, tell
from simulator.conformance.judge import Judge
from simulator.load.arrivals import Arrivals
from simulator.load.page import page
from simulator.load.report import complete
from simulator.load.run import run_load, steady_memory
from simulator.load.settings import CANCEL, CODE, PENDING, RECEIPT, Behaviour, LoadSettings
from simulator.load.verdict import Share, Thresholds
from simulator.settings import OperatorSettings, SimulatorSettings

COUNT: Final = 1_000
"""Dialogues of a run that nobody bounded: some seconds."""

PREFIX_DIGITS: Final = 5
"""Country and operator of a number such as 998901234567."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(ServeOptions):
    """What to drive, how fast, how long, and what is good enough; and all that `serve` takes."""

    text: Annotated[
        str, typer.Option(help="The text that begins a dialogue; {account}, {amount}, {n} differ each time.")
    ] = "SARKOR*n{account}*{amount}*parol1"
    code: Annotated[str, typer.Option(help="What a code looks like in a reply; the first group is sent back.")] = CODE
    receipt: Annotated[str, typer.Option(help="What a receipt looks like, as a regular expression.")] = RECEIPT
    pending: Annotated[str, typer.Option(help="What a reply looks like after which the receipt comes later.")] = PENDING
    cancel: Annotated[str, typer.Option(help="What those send back who cancel (--share cancel=...).")] = CANCEL
    plain: Annotated[bool, typer.Option("--plain", help="No payment: the first answer ends a dialogue.")] = False
    short_code: Annotated[str, typer.Option(help="Whom to text.")] = "1400"
    first_number: Annotated[
        int, typer.Option(help="The first subscriber; the others follow, of several operators in turn.")
    ] = 998_900_000_000
    subscribers: Annotated[int, typer.Option(help="How many there are.")] = 10_000
    count: Annotated[
        int,
        typer.Option(
            "--dialogues", "--count", help=f"End after so many; without --duration {COUNT:,}.", show_default=False
        ),
    ] = 0
    duration: Annotated[float, typer.Option(help="End after so many seconds.", show_default=False)] = 0.0
    rate: Annotated[float, typer.Option(help="Dialogues a second; 0 = flat out, --concurrent at a time.")] = 0.0
    ramp: Annotated[
        str,
        typer.Option(
            help="10s = rise to --rate in so long; 100:30,300:60 = 100 a second for 30 s, then 300 for 60 s.",
            show_default=False,
        ),
    ] = ""
    arrivals: Annotated[Arrivals, typer.Option(help="How dialogues follow each other at a rate.")] = Arrivals.EVEN
    seed: Annotated[int, typer.Option(help="The same seed draws the same arrivals and behaviours.")] = 1
    warm_up_s: Annotated[float, typer.Option(help="What is due in the first seconds does not count.")] = 0.0
    concurrent: Annotated[int, typer.Option(help="Dialogues at a time, without --rate.")] = 100
    think_s: Annotated[float, typer.Option(help="Seconds a subscriber takes to send the code back.")] = 0.0
    share: Annotated[
        list[str],
        typer.Option(help="Who behaves otherwise: wrong_code=0.05, cancel=0.02, silent=0.01 (of 1). Repeat."),
    ] = field(default_factory=list)
    timeout: Annotated[float, typer.Option(help="Seconds until a dialogue without an answer is given up.")] = 60.0
    bind_timeout: Annotated[float, typer.Option(help="Seconds to wait for a gateway at the beginning.")] = 60.0
    max_failed: Annotated[
        str, typer.Option(help="So many dialogues (5), or of those due so many (0.1%), may fail; else exit code 1.")
    ] = "0"
    p99_ms: Annotated[
        float, typer.Option(help="Exit code 1 if 1 % of the dialogues take longer; 0 = any time.", show_default=False)
    ] = 0.0
    stay: Annotated[bool, typer.Option("--stay", help="Then go on serving until Ctrl-C.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False
    html: Annotated[
        Path | None, typer.Option(help="Write the report with charts to this file.", show_default=False)
    ] = None

    def load(self, operators: tuple[OperatorSettings, ...]) -> LoadSettings:
        """The run that was typed, with the subscribers of *operators*. Raises ValueError."""
        ramp_s, steps = _ramp(self.ramp)
        seconds("--bind-timeout", self.bind_timeout)
        return LoadSettings(
            text=self.text,
            code=self.code,
            receipt=self.receipt,
            pending=self.pending,
            cancel=self.cancel,
            plain=self.plain,
            short_code=self.short_code,
            first_number=self.first_number,
            prefixes=self._prefixes(operators),
            subscribers=self.subscribers,
            count=self.count or (0 if self.duration or steps else COUNT),
            duration_s=self.duration,
            rate_per_s=self.rate,
            ramp_s=ramp_s,
            steps=steps,
            arrivals=self.arrivals,
            seed=self.seed,
            warm_up_s=self.warm_up_s,
            concurrent=self.concurrent,
            think_s=self.think_s,
            shares=_shares(self.share),
            timeout_s=self.timeout,
        )

    def thresholds(self) -> Thresholds:
        """What was typed as good enough. Raises ValueError."""
        try:
            max_failed = Share.read(self.max_failed)
        except ValueError as error:
            raise ValueError(f"--max-failed: {error}") from None
        return Thresholds(max_failed=max_failed, p99_ms=self.p99_ms or None)

    def file(self) -> Path | None:
        """Where the page goes; looked at before the run, not after it. Raises ValueError."""
        if self.html is not None and (self.html.is_dir() or not self.html.parent.is_dir()):
            raise ValueError(f"--html: {self.html} is a folder, or its folder is missing; name a file in one that is")
        if self.html is not None:
            _prove(self.html)
        return self.html

    def _prefixes(self, operators: tuple[OperatorSettings, ...]) -> tuple[str, ...]:
        if len(operators) == 1:
            return ()
        # The first operator also has whoever is nobody else's.
        first = operators[0].prefixes or (str(self.first_number)[:PREFIX_DIGITS],)
        return (*first, *(prefix for one in operators[1:] for prefix in one.prefixes))


@takes(LoadOptions)
def load(options: LoadOptions) -> int:
    """Serve as `serve` does, drive payments (or plain texts) against whoever binds, and report counts and latencies.

    With a rate every clock starts when a text was due, so a gateway that stands still is not flattered.
    """
    settings = typed(options.simulator)
    thresholds, file = typed(options.thresholds), typed(options.file)
    if not options.strict:
        # Nobody looks at single PDUs of a load then, and keeping and judging them takes half as much time again.
        settings = replace(settings, pdus_max=0)
    wanted = typed(options.load, settings.operators)
    return run(lambda stop: _Load(options, wanted, thresholds, file).run(settings, stop))


@dataclass(frozen=True, slots=True)
class _Load:
    """One run, and what becomes of its report."""

    options: LoadOptions
    wanted: LoadSettings
    thresholds: Thresholds
    file: Path | None

    async def run(self, settings: SimulatorSettings, stop: asyncio.Event) -> int:
        async with Simulator(settings) as simulator:
            introduce(simulator)
            if self.options.strict:
                simulator.judge.violations.watchers.append(tell)
            try:
                await unless(stop, simulator.bound(self.options.bind_timeout, everywhere=True))
            except TimeoutError as error:
                return complain(str(error))
            with steady_memory(), Meter(self.wanted) as meter:
                figures = await run_load(simulator, self.wanted, stop, meter.show)
            report = complete(figures | self._breaches(simulator.judge), self.wanted, self.thresholds)
            self._publish(report)
            if self.options.stay:
                await stop.wait()
            passed = report["verdict"]["passed"] and not any(self._breaches(simulator.judge).values())
        return DONE if passed else FAILED

    def _breaches(self, judge: Judge) -> dict[str, int]:
        """With --strict, how often the gateways have broken by now what they must not."""
        judge.look()
        return {"breaches": judge.broken} if self.options.strict else {}

    def _publish(self, report: Mapping[str, Any]) -> None:
        """Write the page, and print: in this order, for whoever reads what is printed may have gone."""
        try:
            if self.file is not None:
                self.file.write_text(page(report), encoding="utf-8")
                err().print(f"report {self.file}", soft_wrap=True, markup=False)
        finally:
            print_report(report, as_json=self.options.json)


def _prove(html: Path) -> None:
    """Find out whether this file can be written, and leave none behind. Raises ValueError."""
    is_new = not html.exists()
    try:
        html.open("ab").close()
    except OSError as error:
        raise ValueError(f"--html: {html}: {error.strerror}") from None
    if is_new:
        html.resolve().unlink()  # behind a link the file, not the link


def _ramp(words: str) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Seconds of a rise, or stages of rate and seconds. Raises ValueError."""
    if not words:
        return 0.0, ()
    try:
        if words.endswith("s") and ":" not in words:
            return float(words[:-1]), ()
        steps = [stage.removesuffix("s").split(":") for stage in words.split(",")]
        return 0.0, tuple((float(rate), float(seconds)) for rate, seconds in steps)
    except ValueError:
        hint = "neither seconds, such as 10s (with the s), nor stages, such as 100:30,300:60"
        raise ValueError(f"--ramp: {words!r} is {hint}") from None


def _shares(typed_shares: list[str]) -> dict[Behaviour, float]:
    shares: dict[Behaviour, float] = {}
    for behaviour, share in map(_share, typed_shares):
        if behaviour in shares:
            raise ValueError(f"--share: {behaviour} is there twice; which of the two is meant?")
        shares[behaviour] = share
    return shares


def _share(words: str) -> tuple[Behaviour, float]:
    name, share = pair("--share", words, "=")
    try:
        return Behaviour(name), float(share)
    except ValueError:
        choices = ", ".join(Behaviour)
        raise ValueError(f"--share: {words!r} is no BEHAVIOUR=SHARE such as cancel=0.05; there are {choices}") from None
