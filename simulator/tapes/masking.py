"""What a tape hides unless told otherwise: what texts say, and whose they are.

Rule 1: letters and digits are replaced; lengths, alphabets and separators stay: a masked tape plays the same load.
Rule 2: one number is always the same other number, and two are never one: a dialogue stays a dialogue.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final

from smsgw.smpp.text import septets
from smsgw.smpp.tracing import SHORT_CODE_MAX

_GSM_MASK: Final = "x"
_UNICODE_MASK: Final = "ж"

HIDDEN_MIN: Final = 7
"""Digits of a number that are hidden at least: ten million subscribers to be confused with."""

PREFIX: Final = 5
"""Digits that stay at most: country and operator, by which a simulator with several operators routes."""

ROUNDS: Final = 10
"""As many as FF1 has (NIST SP 800-38G), whose construction this is, with HMAC-SHA256 as its round function."""


def masked(text: str) -> str:
    """Hide what a text says; it stays in its alphabet, and so as long as it was."""
    return "".join(_mask(character) if character.isalnum() else character for character in text)


def _mask(character: str) -> str:
    if character.isascii():
        return "0" if character.isdigit() else _GSM_MASK
    if character > "\uffff":
        return 2 * _UNICODE_MASK  # it took two units on the air
    return _UNICODE_MASK if septets(character) is None else _GSM_MASK


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Other numbers for numbers, by a key: whoever has not got it cannot look one up, not even by trying them all."""

    key: bytes = field(repr=False)

    def of(self, number: str) -> str:
        """The number that stands for *number*, of the same length and prefix; short codes and names stay."""
        digits = number.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) <= SHORT_CODE_MAX:
            return number
        kept = max(0, min(PREFIX, len(digits) - HIDDEN_MIN))
        plus = number[: len(number) - len(digits)]
        return plus + digits[:kept] + self._permuted(digits[kept:], digits[:kept])

    def _permuted(self, digits: str, prefix: str) -> str:
        """A permutation of all strings of so many digits: a Feistel network."""
        left, right = digits[: len(digits) // 2], digits[len(digits) // 2 :]
        for turn in range(ROUNDS):
            seed = hmac.digest(self.key, f"{prefix}|{len(digits)}|{turn}|{right}".encode(), "sha256")
            mixed = (int(left) + int.from_bytes(seed)) % 10 ** len(left)
            left, right = right, f"{mixed:0{len(left)}d}"
        return left + right


@dataclass(frozen=True, slots=True)
class Masks:
    """What a recording hides: texts, numbers, or both."""

    texts: bool
    pseudonyms: Pseudonyms | None

    @property
    def hides(self) -> bool:
        """Whether it hides anything."""
        return self.texts or self.pseudonyms is not None

    def text(self, text: str) -> str:
        """A text as it may stand on the tape."""
        return masked(text) if self.texts else text

    def number(self, number: str) -> str:
        """A number as it may stand on the tape."""
        return self.pseudonyms.of(number) if self.pseudonyms else number
