"""Where one field ends and the next begins.

Rule 1: one class of separators per text, the strongest that stands in it: `*`, then `#`, then `;` `|` line end TAB,
then `/` (if no space comes before the first), then spaces. A comma, a dot or a dash never separates: they belong to
amounts and accounts.
Rule 2: one `*` or `#` at the start and one at the end is a habit from USSD and means nothing; an empty field in the
middle is an error and stays visible as an empty string.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

_LINE: Final = re.compile(r"[;|\n\t]")
_USSD: Final = "*#"


class Separator(Enum):
    """What separates the fields of a text."""

    STAR = "*"
    HASH = "#"
    LINE = ";"
    SLASH = "/"
    SPACE = " "


class Fields(NamedTuple):
    """The fields of one text, each without outer white space."""

    values: list[str]
    separator: Separator


def split(body: str) -> Fields:
    """Cut a visible text (`normalise.visible`) into its fields: none if nothing but a separator is left."""
    body = without_ussd(body)
    separator = _strongest(body)
    if separator is Separator.SPACE:
        return Fields(body.split(), separator)
    parts = _LINE.split(body) if separator is Separator.LINE else body.split(separator.value)
    return Fields([part.strip() for part in parts], separator)


def without_ussd(body: str) -> str:
    """The text without one `*` or `#` at each end."""
    start = body[:1] in _USSD and bool(body)
    end = len(body) > 1 and body[-1] in _USSD
    return body[start : len(body) - end]


def _strongest(body: str) -> Separator:
    if "*" in body:
        return Separator.STAR
    if "#" in body:
        return Separator.HASH
    if _LINE.search(body):
        return Separator.LINE
    slash = body.find("/")
    return Separator.SLASH if slash >= 0 and " " not in body[:slash] else Separator.SPACE
