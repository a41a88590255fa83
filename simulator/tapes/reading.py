"""Tapes out of files: what a file is, its beginning says, or its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from simulator.tapes.capture import pdus
from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.captured_texts import texts
from simulator.tapes.csv_tape import read_table
from simulator.tapes.jsonl import read_lines
from simulator.tapes.pcap_read import MAGICS, packets
from simulator.tapes.tape import Taped
from smsgw.smpp.text import Alphabet

TABLES: Final = frozenset({".csv", ".tsv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read: `columns` of a table; `wanted` connections and the `alphabet` of a capture."""

    columns: Mapping[str, str] = field(default_factory=dict)
    wanted: CaptureFilter = field(default_factory=CaptureFilter)
    alphabet: Alphabet = Alphabet.GSM0338


class Tape(NamedTuple):
    """The texts of a tape in the order of time, and what was left out of it, in words."""

    texts: list[Taped]
    notes: list[str]


def read_tape(path: Path, how: Reading) -> Tape:
    """Read a capture, a table, or lines of JSON.

    Raises:
        ValueError: the message names the file and the line or packet.
        OSError: the file cannot be opened.
    """
    try:
        return _read(path, how)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _read(path: Path, how: Reading) -> Tape:
    with path.open("rb") as file:
        if file.read(4) in MAGICS:
            file.seek(0)
            return Tape(*texts(pdus(packets(file), how.wanted), how.alphabet))
    if path.suffix.lower() in {".pcap", ".pcapng", ".cap"}:
        raise ValueError("no capture: it begins as neither pcap nor pcapng does")
    if how.wanted != CaptureFilter():
        raise ValueError("--filter is for captures; --only chooses numbers of any tape")
    # Line ends are the table's business: a text may hold some.
    with path.open(encoding="utf-8", newline="" if path.suffix.lower() in TABLES else None) as lines:
        if path.suffix.lower() in TABLES:
            return Tape(read_table(lines, how.columns), [])
        return Tape(read_lines(lines), [])
