"""Bank card numbers: they must never come by SMS, so they are found before anything is stored.

The numbers are those of ISO/IEC 7812: 13 to 19 digits with a Luhn check digit. Sixteen digits are a card even with a
wrong check digit (a typing error does not make the number harmless), and so are four groups of four.
"""

from __future__ import annotations

import re
from typing import Final

from smsgw.domain.catalogue import luhn_valid
from smsgw.parser.normalise import clean

CARD_DIGITS: Final = 16
# The first digits of bank cards: 2 to 6 abroad, 8600 Uzcard, 9860 Humo, 9417 Elcart.
_BANK_STARTS: Final = frozenset("2345689")
_PERHAPS: Final = re.compile(r"(?:[0-9][ -]?){13}")
_RUN: Final = re.compile(r"(?<![0-9])[0-9]{13,19}(?![0-9])")
_GROUPS: Final = re.compile(r"(?<![0-9])[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?![0-9])")


def has_card_number(text: str) -> bool:
    """True if a bank card number stands anywhere in *text*."""
    if text.isascii() and not _PERHAPS.search(text):
        return False
    plain = clean(text)
    return bool(_GROUPS.search(plain)) or any(_is_card(run) for run in _RUN.findall(plain))


def _is_card(digits: str) -> bool:
    return len(digits) == CARD_DIGITS or (digits[0] in _BANK_STARTS and luhn_valid(digits))
