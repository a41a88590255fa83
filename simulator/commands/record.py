"""`record`: write what passes a running simulator to a tape."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from simulator.commands.options import TokenEnv, door, takes, typed
from simulator.commands.output import DONE, complain, err
from simulator.commands.running import run
from simulator.configuration.addresses import PORT_MAX
from simulator.tapes.following import Door, get
from simulator.tapes.jsonl import begins_a_tape, end_last_line
from simulator.tapes.masking import Masks, Pseudonyms
from simulator.tapes.pcap_write import FILE_HEADER
from simulator.tapes.record import LineRecorder, PcapRecorder, Recorder

KEY_OCTETS: Final = 32

FIRST_LINE_MAX: Final = 1_000
"""Octets of it that are looked at: the header of a tape has a tenth of them, and other files may have no lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """Which simulator, where to, how much, what is shown."""

    file: Annotated[
        Path,
        typer.Argument(help="FILE.pcap: a capture for Wireshark; else lines of JSON. What it held before stays."),
    ]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    token_env: TokenEnv = ""
    texts: Annotated[bool, typer.Option("--texts", help="Keep the texts as they are, passwords and codes too.")] = False
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Keep the subscribers' numbers; else each becomes another one.")
    ] = False
    smsc_port: Annotated[
        int,
        typer.Option(
            min=0,
            max=PORT_MAX,
            help="In a capture: write our side as this port; 2775 is SMPP to Wireshark. For others tell it:"
            " Decode As…, or tshark -d tcp.port==PORT,smpp. 0 = the real one.",
        ),
    ] = 0
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 = until Ctrl-C.")] = 0.0

    @property
    def is_capture(self) -> bool:
        """Whether a capture is wanted."""
        return self.file.suffix.lower() == ".pcap"

    def door(self) -> Door:
        """Where to record. Raises ValueError."""
        return door(self.url, self.token_env)

    def check(self) -> None:
        """Refuse what no recording can be made of. Raises ValueError, OSError."""
        if self.smsc_port and not self.is_capture:
            raise ValueError("--smsc-port: only a capture has ports; name the file FILE.pcap")
        if self.file.suffix.lower() in {".pcapng", ".cap", ".csv"}:
            raise ValueError(f"{self.file}: only .pcap and lines of JSON are written")
        if self.file.is_dir() or not self.file.parent.is_dir():
            raise ValueError(f"{self.file} is a folder, or its folder is missing; name a file in one that is")
        if self.file.is_file():
            self._look_at_what_stands_there()

    def _look_at_what_stands_there(self) -> None:
        with self.file.open("rb") as file:
            head = file.read(len(FILE_HEADER)) if self.is_capture else file.readline(FIRST_LINE_MAX)
        is_ours = head == FILE_HEADER if self.is_capture else begins_a_tape(head)
        if head and not is_ours:
            what = "capture" if self.is_capture else "tape"
            raise ValueError(
                f"{self.file}: something else stands there, and no {what} of ours to be continued; name another file"
            )


@takes(RecordOptions)
def record(options: RecordOptions) -> int:
    """Write what passes a running simulator to a tape: letters and digits of texts masked, and numbers changed.

    A number is changed into the same other one throughout a recording. The passwords of binds are never kept.
    """
    typed(options.check)
    simulator = typed(options.door)
    return run(lambda stop: _record(options, simulator, stop))


async def _record(options: RecordOptions, door: Door, stop: asyncio.Event) -> int:
    if options.duration:
        asyncio.get_running_loop().call_later(options.duration, stop.set)
    what = "PDUs" if options.is_capture else "lines"
    async with door.open() as http:
        health = await get(http, "/health")  # without a simulator no file is begun
    if options.is_capture and not health.get("keeps_pdus", True):
        return complain("this simulator keeps no PDUs; start `load` with --strict, or record lines of JSON")
    with _recorder(options, door) as recorder:
        try:
            await recorder.record(stop, lambda: _say_begun(options))
        finally:
            err().print(f"{recorder.written} {what} written to {escape(str(options.file))}")
    if recorder.lost:
        return complain(f"{recorder.lost} {what} passed too fast to be recorded")
    return DONE


def _say_begun(options: RecordOptions) -> None:
    err().print(f"recording {options.url} to {escape(str(options.file))}; Ctrl-C ends it", soft_wrap=True)


@contextmanager
def _recorder(options: RecordOptions, door: Door) -> Iterator[Recorder]:
    pseudonyms = None if options.numbers else Pseudonyms(secrets.token_bytes(KEY_OCTETS))
    masks = Masks(texts=not options.texts, pseudonyms=pseudonyms)
    if options.is_capture:
        with open(options.file, "ab", opener=_private) as capture:
            if not capture.tell():
                capture.write(FILE_HEADER)
            yield PcapRecorder(door, capture, masks, options.smsc_port)
    else:
        if options.file.is_file():
            with open(options.file, "r+b", opener=_private) as tape:
                end_last_line(tape)
        with open(options.file, "a", encoding="utf-8", opener=_private) as lines:
            yield LineRecorder(door, lines, masks)


def _private(path: str, flags: int) -> int:
    """Open what may hold passwords: nobody else reads it, not even a file that was there before."""
    descriptor = os.open(path, flags, 0o600)
    if sys.platform != "win32" and stat.S_ISREG(os.fstat(descriptor).st_mode):  # a pipe or /dev/null stays as it is
        os.fchmod(descriptor, 0o600)
    return descriptor
