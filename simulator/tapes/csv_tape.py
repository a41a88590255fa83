"""Tapes of tables: a header, and a line for each text of a subscriber: `from,to,text,at`.

`at` is a time in seconds, or as ISO 8601 (UTC where it names no zone), and may be missing: then lines follow each other
at once. The separator is a comma, a semicolon or a tab, whichever the header has most of.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from simulator.smsc.mo import Text
from simulator.tapes.tape import AT_S_MAX, Taped, milliseconds_hint

COLUMNS: Final = ("from", "to", "text", "at")
_OPTIONAL: Final = frozenset({"at"})
_SEPARATORS: Final = ",;\t"
_SECONDS: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


def read_columns(words: str) -> Mapping[str, str]:
    """Read `from=msisdn,text=body`: what the columns are called that are not called as ours. Raises ValueError."""
    named = {}
    for pair in filter(None, words.split(",")):
        ours, equals, theirs = pair.partition("=")
        if ours.strip() not in COLUMNS or not equals or not theirs.strip():
            raise ValueError(f"{pair!r}: NAME=COLUMN is needed, with a NAME of {', '.join(COLUMNS)}")
        named[ours.strip()] = theirs.strip()
    return named


def read_table(lines: Iterable[str], named: Mapping[str, str]) -> list[Taped]:
    """Read a table, in the order of time; *named* as from `read_columns`.

    Raises:
        ValueError: the message names the line, counted from 1.
    """
    rest = iter(lines)
    header = next(rest, "").removeprefix("\ufeff")
    separator = max(_SEPARATORS, key=header.count)
    try:
        columns = [column.strip() for column in next(csv.reader([header], delimiter=separator, strict=True), [])]
        places = {name: _place(columns, named.get(name, name), name) for name in COLUMNS}
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line 1: {error}") from None
    return sorted(_rows(rest, separator, places), key=attrgetter("at_s"))


def _place(columns: list[str], called: str, name: str) -> int | None:
    if called in columns:
        return columns.index(called)
    if name in _OPTIONAL and called == name:
        return None
    raise ValueError(
        f"no column {called!r}; there are {', '.join(columns) or 'none'} (--columns {name}=… names another)"
    )


def _rows(rest: Iterable[str], separator: str, places: Mapping[str, int | None]) -> Iterator[Taped]:
    reader = csv.reader(rest, delimiter=separator, strict=True)
    while True:
        where = f"line {reader.line_num + 2}"
        try:
            row = next(reader)
            if any(row):
                yield _taped(row, places, where)
        except StopIteration:
            return
        except (ValueError, IndexError, csv.Error) as error:
            what = "there are too few columns" if isinstance(error, IndexError) else error
            raise ValueError(f"{where}: {what}") from None


def _taped(row: list[str], places: Mapping[str, int | None], where: str) -> Taped:
    values = {name: row[place] for name, place in places.items() if place is not None}
    at_s = read_time(values["at"]) if "at" in values else 0.0
    return Taped(at_s, Text(values["from"].strip(), values["to"].strip(), values["text"]), where)


def read_time(words: str) -> float:
    """Seconds, or a time of ISO 8601 as Unix time. Raises ValueError."""
    if not words.strip():
        raise ValueError("at: empty; only the whole column may be missing")
    if _SECONDS.fullmatch(words.strip()):
        seconds = float(words)
        if not abs(seconds) <= AT_S_MAX:
            raise ValueError(
                f"at: {words!r}: a number of seconds is needed, at most {AT_S_MAX:.0f}{milliseconds_hint(seconds)}"
            )
        return seconds
    try:
        at = datetime.fromisoformat(words.strip())
    except ValueError:
        raise ValueError(f"at: {words!r} is neither seconds nor a time such as 2026-11-28T18:30:00+05:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
