"""One way to write each character, before anything is compared.

Rule 1: `visible` works on the whole text and touches only what cannot be part of a password: invisible marks go,
look-alikes of the separators `* # ; | /` and of line ends become those. The NUL that ends a C string goes too where an
SMSC counts it as text: in the GSM alphabet octet 0 is an @, and nothing that is asked for ends in one.
Rule 2: `clean` works on one field and never on a password: NFKC, one apostrophe, ASCII digits.
Rule 3: a numeral that is no decimal digit (superscript, fraction, circled, Roman) is never turned into one: NFKC
would make `50²` into 502.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Four UCS-2 or three GSM segments: longer than the longest payment (name, 3 accounts of 32, amount, password of 64)
# and than every text of ours that could be forwarded.
TEXT_LENGTH_MAX: Final = 480

# Unicode TR 36 and the general categories Cf and Mn (variation selectors): what no reader sees. NUL pads some SMS.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u2800\u3164\ufeff\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F))))
    + "".join(map(chr, (*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xFFF9, 0xFFFC))))
    + "".join(map(chr, (*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0))))
    + "\0"
)
_SEPARATORS: Final = {
    "*": "＊﹡∗⁎٭✱✲✳⋆×",
    "#": "＃﹟",
    ";": "；﹔\u037e",
    "|": "｜￨",
    "/": "／",
    "\n": "\r\v\f\x85\u2028\u2029",
}
_VISIBLE: Final = dict.fromkeys(map(ord, _INVISIBLE), "") | {
    ord(twin): plain for plain, twins in _SEPARATORS.items() for twin in twins
}
_APOSTROPHES: Final = dict.fromkeys(map(ord, "’‘‛ʻʼʹˈ`´′＇ʾʿ"), "'")
# Nearly every text: ASCII and the Cyrillic letters of our languages are already in their one form.
_PLAIN: Final = re.compile("[\\x00-_a-\\x7fА-Яа-яЁёЎўҚқҒғҲҳӨөҮүҢң]*")
_FOREIGN_DIGIT: Final = re.compile(r"[^\D0-9]")
# What people put around a text that they copy; no password ends in them.
QUOTES: Final = frozenset({'""', "''", "“”", "„“", "«»", "‘’", "()", "<>", "[]"})
# RFC 3676, 4.3: a line of two dashes opens the signature.
_SIGNATURE: Final = re.compile(r"\n\s*--.*\Z", re.DOTALL)


def visible(text: str) -> str:
    """The text without invisible marks, signature, outer quotes, filling and outer white space; separators in ASCII."""
    body = text.replace("\r\n", "\n") if "\r" in text else text
    if "\0" in body or "\r" in body or not _PLAIN.fullmatch(body):
        body = body.translate(_VISIBLE)
    if "--" in body:
        body = _SIGNATURE.sub("", body)
    body = body.strip().rstrip("@").rstrip()
    return body[1:-1].strip() if len(body) > 1 and body[0] + body[-1] in QUOTES else body


def clean(field: str) -> str:
    """One field in compatibility form, with ASCII apostrophes and ASCII decimal digits. Not for passwords."""
    if _PLAIN.fullmatch(field):
        return field
    if any(char.isnumeric() and not char.isdecimal() for char in field):
        return field
    composed = unicodedata.normalize("NFKC", field.translate(_APOSTROPHES))
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), composed)


def comparable(text: str) -> str:
    """A text in the form in which two copies of one SMS are equal, however they were forwarded."""
    return " ".join(clean(visible(text)).split())
