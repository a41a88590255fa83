"""Other numbers and words in place of those on a tape: real subscribers and passwords become those of a test."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

from simulator.smsc.mo import NUMBER_MAX
from simulator.tapes.tape import Taped
from smsgw.smpp.tracing import SHORT_CODE_MAX

HEADER: Final = ("old", "new")


@dataclass(frozen=True, slots=True)
class Substitutes:
    """What stands for what: numbers without plus; words as they stand in texts (a mapped number is one as well).

    Subscribers without a number of their own get the free ones from `first_number` on, in the order in which they come;
    0 = they keep theirs.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    first_number: int = 0


def read_csv(lines: Iterable[str]) -> Substitutes:
    """Read lines of `old,new` under that header: what looks like a subscriber's number is one, the rest are words.

    Raises:
        ValueError: the message names the line.
    """
    reader = csv.reader(lines, strict=True)
    numbers: dict[str, str] = {}
    words: dict[str, str] = {}
    try:
        for row in filter(any, reader):
            old, new = (value.strip() for value in row)
            if (old.removeprefix("\ufeff"), new) == HEADER:
                continue
            (numbers if _is_number(old) else words)[old] = new
        return _checked(numbers, words)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {reader.line_num}: {error}; two columns are needed, old,new") from None


def read_toml(text: str) -> Substitutes:
    """Read the tables `[numbers]` and `[words]`, old = "new". Raises ValueError."""
    document = tomllib.loads(text)
    for key, table in document.items():
        if key not in {"numbers", "words"} or not isinstance(table, dict):
            raise ValueError(f"{key}: unknown; there are the tables [numbers] and [words]")
        for old, new in table.items():
            if not isinstance(new, str):
                raise ValueError(f"{key}.{old}: a text is needed")  # noqa: TRY004 -- the file is wrong, not the program
    return _checked(document.get("numbers", {}), document.get("words", {}))


def first_number(words: str) -> int:
    """Read `998900000000+`. Raises ValueError."""
    digits = words.removesuffix("+").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and SHORT_CODE_MAX < len(digits) < NUMBER_MAX) or digits[0] == "0":
        raise ValueError(f"{words!r}: the first number of a range is needed, such as 998900000000+")
    return int(digits)


def _checked(numbers: Mapping[str, Any], words: Mapping[str, Any]) -> Substitutes:
    for old, new in numbers.items():
        if not _is_number(old) or not _is_number(new):
            raise ValueError(f"{old!r} = {new!r}: both must be numbers, such as +998901234567")
    if not all(words):
        raise ValueError("an empty word stands for nothing")
    bare = {old.removeprefix("+"): new.removeprefix("+") for old, new in numbers.items()}
    return Substitutes(bare, dict(words))


def _is_number(words: str) -> bool:
    digits = words.removeprefix("+")
    return digits.isascii() and digits.isdecimal() and SHORT_CODE_MAX < len(digits) <= NUMBER_MAX


def substituted(tape: Sequence[Taped], substitutes: Substitutes) -> list[Taped]:
    """The tape with all that is to be replaced replaced, in its replies too."""
    numbers = _all_numbers(tape, substitutes)
    words = {**numbers, **substitutes.words}
    # The longest first, so that no word is taken for the beginning of another.
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)") if words else None

    def replaced(text: str) -> str:
        return pattern.sub(lambda found: words[found[0]], text) if pattern else text

    return [_replaced(taped, numbers, replaced) for taped in tape]


def _replaced(taped: Taped, numbers: Mapping[str, str], replaced: Callable[[str], str]) -> Taped:
    text, replies = taped.text, taped.recorded.replies
    sender = numbers.get(taped.number)
    plus = "+" if text.sender.startswith("+") else ""
    said = replaced(text.text) if text.octets is None else ""  # octets are sent as they were
    text = replace(text, sender=text.sender if sender is None else plus + sender, text=said or text.text)
    kept = None if replies is None else tuple(map(replaced, replies))
    return taped._replace(text=text, recorded=taped.recorded._replace(replies=kept))


def _all_numbers(tape: Sequence[Taped], substitutes: Substitutes) -> Mapping[str, str]:
    """The mapped numbers, and those that are spread over the range."""
    numbers = dict(substitutes.numbers)
    if substitutes.first_number:
        free = _free(substitutes.first_number, frozenset(numbers.values()))
        for taped in tape:
            if taped.number not in numbers and _is_number(taped.number):
                numbers[taped.number] = next(free)
    return numbers


def _free(first: int, taken: frozenset[str]) -> Iterator[str]:
    return (str(number) for number in count(first) if str(number) not in taken)
