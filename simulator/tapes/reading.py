"""Tapes out of files: what a file is, its beginning says, or its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from simulator.tapes.capture import WHOLE, pdus
from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.captured_texts import texts
from simulator.tapes.csv_tape import read_table
from simulator.tapes.jsonl import read_lines, without_rest
from simulator.tapes.pcap_read import MAGIC_OCTETS, MAGICS, packets
from simulator.tapes.tape import Taped
from smsgw.smpp.text import Alphabet

NOT_UTF_8: Final = "not UTF-8; save it as UTF-8 (iconv -f cp1251 -t utf-8)"

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
        # Looked at and not taken: a pipe cannot be read twice.
        if file.peek(MAGIC_OCTETS)[:MAGIC_OCTETS] in MAGICS:
            return _captured(file, how)
        if path.suffix.lower() in {".pcap", ".pcapng", ".cap"}:
            raise ValueError("no capture: it begins as neither pcap nor pcapng does")
        if how.wanted != CaptureFilter():
            raise ValueError("--filter is for captures; --only chooses numbers of any tape")
        is_table = path.suffix.lower() in TABLES
        # Line ends are the table's business: a text may hold some.
        newline = "" if is_table else None
        # What is not UTF-8 becomes half surrogate pairs, so that its line can be named.
        with TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=newline) as lines:
            if is_table:
                return Tape(read_table(_utf_8(lines), how.columns), [])
            notes: list[str] = []
            return Tape(read_lines(_utf_8(without_rest(lines, notes))), notes)


def _captured(file: BinaryIO, how: Reading) -> Tape:
    found, cut = pdus(packets(file), how.wanted)
    tape = Tape(*texts(found, how.alphabet))
    if cut and not tape.texts:
        raise ValueError(f"no text is on it, and octets are missing of {cut} of its packets; {WHOLE}")
    return tape


def _utf_8(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            line.encode()
        except UnicodeEncodeError:
            raise ValueError(f"line {number}: {NOT_UTF_8}") from None
        yield line
