"""Reading an account: decoration goes, meaning stays.

Rule 1: a field that fits the provider's rule as it was sent is taken as it was sent.
Rule 2: spaces, dashes and `/` go only where the rule has digits alone; a Cyrillic look-alike becomes its Latin twin
only where the rule has no Cyrillic; case is folded only where the provider says that it means nothing.
Rule 3: the letter O never becomes 0 and l never 1: that gives somebody else's account. It is only suggested.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from smsgw.domain.catalogue import ACCOUNT_LENGTH_MAX, AccountPart
from smsgw.parser.cards import CARD_DIGITS
from smsgw.parser.fold import digit_looks, fold, latin_looks
from smsgw.parser.normalise import clean

# A field with more letters than this may be a password in the wrong place; it is not repeated to anybody.
SHOWN_LETTERS_MAX: Final = 2
HIDDEN: Final = ".."
# So many digits are lost or doubled in copying; more make another kind of number.
DIGITS_OFF_MAX: Final = 2

_DECORATION: Final = str.maketrans("", "", " -/\xa0")


@dataclass(frozen=True, slots=True)
class PartRule:
    """One part of an account with what its pattern says, worked out once."""

    part: AccountPart
    digits_only: bool
    latin_only: bool
    counts: tuple[int, ...]

    @classmethod
    def of(cls, part: AccountPart) -> PartRule:
        """The rule of *part*. `counts` are the numbers of characters that an account can have."""
        return cls(part, part.digits_only, part.latin_only, _counts(part))

    @property
    def need(self) -> str:
        """How many characters people are told: `14`, `14/16`, `4-9`."""
        if self.part.lengths or len(self.counts) == 1:
            return "/".join(map(str, self.counts))
        return f"{self.counts[0]}-{self.counts[-1]}" if self.counts else ""

    def miscounted(self, field: str) -> bool:
        """True if the number of characters is what is wrong with the field."""
        return bool(self.counts) and len(self.normalised(field)) not in self.counts

    def normalised(self, field: str) -> str:
        """The field in the provider's spelling; whether it is accepted is another question."""
        value = clean(field).strip()
        if self.latin_only and not value.isascii():
            value = latin_looks(value)
        if self.part.fold_case:
            value = value.lower()
        return value.translate(_DECORATION) if self.digits_only and not self.part.accepts(value) else value

    def accepts(self, field: str) -> bool:
        """True if the normalised field is an account."""
        return self.part.accepts(self.normalised(field))

    def fits(self, field: str) -> bool:
        """True if the field has the shape of an account, whatever its check digit says."""
        value = self.normalised(field)
        shape = re.fullmatch(self.part.pattern, value, re.ASCII)
        return bool(shape) and (not self.part.lengths or len(value) in self.part.lengths)

    def nearly_fits(self, field: str) -> bool:
        """True if the field is an account with a digit or two too many or too few, and not as long as a bank card."""
        value = self.normalised(field)
        off = min((abs(len(value) - count) for count in self.counts), default=DIGITS_OFF_MAX + 1)
        return self.digits_only and value.isdigit() and len(value) != CARD_DIGITS and off <= DIGITS_OFF_MAX

    def suggestion(self, field: str) -> str | None:
        """What was meant if signs mean nothing, letters look like digits or stand for Latin ones; or None."""
        value = self.normalised(field)
        bare = "".join(filter(str.isalnum, self.normalised(field.replace("№", ""))))
        twins = (bare, self.normalised(digit_looks(bare)), fold(bare))
        return next((twin for twin in twins if twin != value and self.part.accepts(twin)), None)

    def shown(self, field: str) -> str:
        """The field as it may be repeated in an answer: hidden where it could be a password in the wrong place."""
        value = self.normalised(field)
        letters = sum(char.isalpha() for char in value)
        plain = value.isalnum() and letters <= SHOWN_LETTERS_MAX < len(value) and len(value) <= ACCOUNT_LENGTH_MAX
        return value if plain else HIDDEN


def _counts(part: AccountPart) -> tuple[int, ...]:
    """Found by trial, with digits, with letters and with one letter in front; a stranger pattern has none."""
    if part.lengths:
        return part.lengths
    every = range(1, ACCOUNT_LENGTH_MAX + 1)
    samples = {count: ("1" * count, "a" * count, "a" + "1" * (count - 1)) for count in every}
    return tuple(count for count in every if any(re.fullmatch(part.pattern, text) for text in samples[count]))
