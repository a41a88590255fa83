"""One-time codes: a text that is a code and nothing else.

Rule 1: only a text of exactly one code is an attempt at it. Spaces and dashes between the digits, a CODE or YES word
before them and punctuation around them are allowed: they cannot make a wrong code right.
Rule 2: here O may be 0 and l may be 1, because the code must match anyway.
Rule 3: digits inside a longer text are no attempt: it may be another sender's SMS.
"""

from __future__ import annotations

import re
from typing import Final

from smsgw.domain.secret import Secret
from smsgw.parser.fold import digit_looks, fold
from smsgw.parser.intents import Confirm, Forwarded
from smsgw.parser.normalise import clean
from smsgw.parser.words import Command, Lexicon

# `код подтверждения: 483 920` and a little punctuation; whatever is longer is a text, not a code.
CODE_TEXT_LENGTH_MAX: Final = 32
# Our code SMS has one group of this length, or three if account and sum happen to have it too.
FORWARDED_CODES_MAX: Final = 4

_AROUND: Final = " \t\n.,:;!*#\"'()<>[]=-"
_AFTER_WORD: Final = re.compile(r"([^\W\d_]+)[\s:.,=#№*-]*([0-9OoОоlIІіЗз].*)", re.DOTALL)
_BETWEEN: Final = str.maketrans("", "", " -")
_GROUP: Final = re.compile(r"(?<![0-9])[0-9]+(?![0-9])")


def confirmation(body: str, lexicon: Lexicon) -> Confirm | None:
    """The code, if the visible text *body* is one."""
    if len(body) > CODE_TEXT_LENGTH_MAX:
        return None
    text = clean(body).strip(_AROUND)
    worded = _AFTER_WORD.fullmatch(text)
    if worded and lexicon.commands.get(fold(worded[1])) in (Command.CODE, Command.YES):
        text = worded[2]
    digits = text.translate(_BETWEEN)
    if len(digits) != lexicon.code_digits or 2 * sum(map(str.isdigit, digits)) < lexicon.code_digits:
        return None
    code = digit_looks(digits)
    return Confirm(Secret(code)) if code.isascii() and code.isdigit() else None


def forwarded(body: str, lexicon: Lexicon) -> Forwarded | None:
    """The groups of digits in *body* that are as long as a code, if there are any."""
    codes = [group for group in _GROUP.findall(clean(body)) if len(group) == lexicon.code_digits]
    return Forwarded(tuple(codes[:FORWARDED_CODES_MAX])) if codes else None
