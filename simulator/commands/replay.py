"""`replay`: play a tape to a running simulator, and compare what comes with what came then."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simulator.commands.options import TokenEnv, door, takes, typed
from simulator.commands.output import DONE, FAILED, err, print_json
from simulator.commands.replay_report import print_report
from simulator.commands.running import run, unless
from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.compare import DiffKind
from simulator.tapes.csv_tape import read_columns
from simulator.tapes.following import Door
from simulator.tapes.mapping import Substitutes, first_number, read_csv, read_toml, substituted
from simulator.tapes.plan import CODE, Pace, read_code, scripts
from simulator.tapes.play import Patience, Player
from simulator.tapes.reading import NOT_UTF_8, Reading, Tape, read_tape
from simulator.tapes.report import Limits, Report
from simulator.tapes.tape import Taped
from smsgw.smpp.text import Alphabet

ANSWER_S: Final = 30.0
"""A gateway that commits answers in milliseconds; whoever takes longer than this is dead."""

REPLY_S: Final = 10.0
"""A reply needs what stands behind the gateway; people give up about then as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Which tape, where to, how fast, and what may be different."""

    file: Annotated[
        Path,
        typer.Argument(
            help="A tape of `record`; a capture (pcap, pcapng); FILE.csv with from,to,text,at; or JSON lines:"
            ' {"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}'
        ),
    ]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    token_env: TokenEnv = ""
    speed: Annotated[float, typer.Option(min=0, help="2 = twice as fast as recorded; 0 = flat out.")] = 1.0
    rate: Annotated[
        float | None,
        typer.Option(min=0, help="Texts a second instead of the recorded pace; 0 = flat out.", show_default=False),
    ] = None
    only: Annotated[list[str], typer.Option(help="Play this number of the tape only. Repeat.", show_default=False)] = (
        field(default_factory=list)
    )
    limit: Annotated[int, typer.Option(min=0, help="Play so many texts at most; 0 = all.")] = 0
    map: Annotated[
        Path | None,
        typer.Option(
            help="Other numbers and words: CSV with old,new, or TOML with the tables numbers, words.",
            show_default=False,
        ),
    ] = None
    numbers: Annotated[
        str,
        typer.Option(help="Give every other subscriber a number from this one on: 998900000000+", show_default=False),
    ] = ""
    columns: Annotated[
        str, typer.Option(help="How a CSV calls its columns: from=msisdn,text=body", show_default=False)
    ] = ""
    filter: Annotated[
        str, typer.Option(help="Which connections of a capture: 'port 2775 and host 10.0.0.1'", show_default=False)
    ] = ""
    alphabet: Annotated[Alphabet, typer.Option(help="What data_coding 0 means in a capture.")] = Alphabet.GSM0338
    code: Annotated[
        str, typer.Option(help="What a code looks like in a reply; the first group is sent back in place of the old.")
    ] = CODE
    timeout: Annotated[float, typer.Option(min=0, help="Seconds until an answer is given up.")] = ANSWER_S
    reply_timeout: Annotated[float, typer.Option(min=0, help="Then seconds until a reply is.")] = REPLY_S
    diff: Annotated[DiffKind, typer.Option(help="normal: digits (codes, dates, sums) may differ; exact; none.")] = (
        DiffKind.NORMAL
    )
    max_differences: Annotated[int, typer.Option(min=0, help="Exit with 1 beyond so many.")] = 0
    max_refused: Annotated[
        int, typer.Option(min=0, help="The same for texts that are not acked, and were not refused then as well.")
    ] = 0
    p99_ms: Annotated[
        float | None, typer.Option("--p99-ms", min=0, help="The same for p99 of text to answer.", show_default=False)
    ] = None
    reply_p99_ms: Annotated[
        float | None,
        typer.Option("--reply-p99-ms", min=0, help="The same for p99 of text to first reply.", show_default=False),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False

    def tape(self) -> Tape:
        """The texts to play. Raises ValueError, OSError."""
        try:
            how = Reading(
                columns=read_columns(self.columns), wanted=CaptureFilter.of(self.filter), alphabet=self.alphabet
            )
        except ValueError as error:
            raise ValueError(f"{'--columns' if self.columns and not self.filter else '--filter'}: {error}") from None
        texts, notes = read_tape(self.file, how)
        if self.only:
            wanted = {number.removeprefix("+") for number in self.only}
            texts = [taped for taped in texts if taped.number in wanted]
        if not texts:
            raise ValueError(f"{self.file}: no text of a subscriber is on it, or none is left by --only and --filter")
        return Tape(substituted(texts[: self.limit or None], self._substitutes()), notes)

    def _substitutes(self) -> Substitutes:
        found = Substitutes()
        if self.map is not None:
            try:
                text = self.map.read_text(encoding="utf-8-sig")
                is_toml = self.map.suffix.lower() == ".toml"
                found = read_toml(text) if is_toml else read_csv(text.splitlines())
            except UnicodeDecodeError:
                raise ValueError(f"--map: {self.map}: {NOT_UTF_8}") from None
            except OSError as error:
                raise ValueError(f"--map: {self.map}: {error.strerror}") from None
            except ValueError as error:
                raise ValueError(f"--map: {self.map}: {error}") from None
        if not self.numbers:
            return found
        try:
            return Substitutes(found.numbers, found.words, first_number(self.numbers))
        except ValueError as error:
            raise ValueError(f"--numbers: {error}") from None

    def door(self) -> Door:
        """Where to play it. Raises ValueError."""
        return door(self.url, self.token_env)

    def code_pattern(self) -> re.Pattern[str]:
        """What a code looks like. Raises ValueError."""
        try:
            return read_code(self.code)
        except ValueError as error:
            raise ValueError(f"--code: {error}") from None

    def limits(self) -> Limits:
        """What the replay may come to."""
        return Limits(
            differences_max=self.max_differences,
            refused_max=self.max_refused,
            ack_p99_ms=self.p99_ms,
            reply_p99_ms=self.reply_p99_ms,
        )


@takes(ReplayOptions)
def replay(options: ReplayOptions) -> int:
    """Play a tape to a running simulator, say what the gateway answered, and what is different from then.

    Phones play side by side, each in its own order: a text waits for the answer and the replies to the one before. A
    code that was sent back is read out of the new reply. Exit code 1 when there is more than may be of anything.
    """
    tape, code = typed(options.tape), typed(options.code_pattern)
    typed(options.door)
    for note in tape.notes:
        err().print(f"{escape(str(options.file))}: {escape(note)}", soft_wrap=True)
    return run(lambda stop: _replay(options, tape.texts, code, stop))


async def _replay(options: ReplayOptions, texts: Sequence[Taped], code: re.Pattern[str], stop: asyncio.Event) -> int:
    player = Player(options.door(), scripts(texts, Pace(options.speed, options.rate), code), code)
    patience = Patience(answer_s=options.timeout, reply_s=options.reply_timeout)
    with _meter() as meter:
        task = meter.add_task("texts", total=len(texts))
        await unless(stop, player.play(patience, lambda: meter.advance(task)))
    report = Report(options.diff, len(texts))
    for phone in player.phones.values():
        report.add(phone.said)
    if options.json:
        print_json(report.body(options.limits(), player.took_s))
    else:
        print_report(report, options.limits(), player.took_s)
    return FAILED if report.failures(options.limits()) else DONE


def _meter() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = err()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
