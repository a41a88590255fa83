"""Recorded traffic: one JSON object a line, to be kept, read by people, and played again.

Rule: a text may hold a password or a code, so it is masked unless told otherwise: letters and digits are replaced,
lengths, alphabets and separators stay. A masked tape still plays the same load.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from simulator.smsc.mo import Text
from smsgw.smpp.text import septets

RECORDED: Final = frozenset({"mo", "mt"})
"""Entries of the traffic that are texts; answers and receipts follow from them."""

AT_S_MAX: Final = 1e11
"""Some three thousand years, in seconds: a longer time is no time, and nobody could wait until it."""

_GSM_MASK: Final = "x"
_UNICODE_MASK: Final = "ж"


class Taped(NamedTuple):
    """A text of a subscriber, and when it was sent (Unix time, or seconds from any beginning)."""

    at_s: float
    text: Text


def masked(text: str) -> str:
    """Hide what a text says; it stays in its alphabet, and so as long as it was."""
    return "".join(_mask(character) if character.isalnum() else character for character in text)


def _mask(character: str) -> str:
    if character.isascii():
        return "0" if character.isdigit() else _GSM_MASK
    return _UNICODE_MASK if septets(character) is None else _GSM_MASK


def write_line(entry: Mapping[str, Any], *, with_text: bool) -> str | None:
    """Write one entry of GET /traffic as a line; None for what is no text."""
    if entry["kind"] not in RECORDED:
        return None
    kept = {key: entry[key] for key in ("at_s", "kind", "from", "to", "segments")}
    text = entry["text"] if with_text else masked(entry["text"])
    return json.dumps({**kept, "text": text, "masked": not with_text}, ensure_ascii=False)


def read_lines(lines: Iterable[str]) -> list[Taped]:
    """Read the texts of subscribers from a tape, in the order of time; other kinds and empty lines are left out.

    Raises:
        ValueError: the message names the line, counted from 1.
    """
    texts = []
    for number, line in enumerate(lines, start=1):
        try:
            taped = _read(line) if line.strip() else None
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"line {number}: {what}") from None
        if taped is not None:
            texts.append(taped)
    return sorted(texts, key=lambda taped: taped.at_s)


def _read(line: str) -> Taped | None:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise TypeError('an object is needed: {"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}')
    if value.get("kind", "mo") != "mo":
        return None
    return Taped(_seconds(value["at_s"]), Text(_words(value, "from"), _words(value, "to"), _words(value, "text")))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= AT_S_MAX:
        raise TypeError(f"at_s: a number of seconds is needed, at most {AT_S_MAX}")
    return float(value)


def _words(value: Mapping[str, Any], key: str) -> str:
    words = value[key]
    if not isinstance(words, str):
        raise TypeError(f"{key}: a text is needed")
    words.encode()  # raises ValueError: half a surrogate pair is no character, and no request could carry it
    return words
