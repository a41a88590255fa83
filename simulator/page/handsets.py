"""Which phones are on the page: whose number each has, and whom it texts to. Pure.

Rule: the address (or the cookie that remembers it) names each phone by `from`, and beside it by the `to` of its place;
a phone without one texts to where the phone before it texts.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlencode

from simulator.smsc.mo import NUMBER_MAX

PHONES_MAX: Final = 8
"""More are not seen at once on any screen, and each costs a look through the journal."""


class Handset(NamedTuple):
    """A phone: the subscriber's number, and the short code that is texted to."""

    sender: str
    recipient: str

    @property
    def number(self) -> str:
        """The subscriber's number without its plus."""
        return self.sender.removeprefix("+")


DEFAULT: Final = Handset("+998901234567", "1400")


def read_handsets(query: str) -> list[Handset]:
    """Read the phones of a query string: at least one, and none twice. What can be no number is left out."""
    asked = parse_qs(query)
    recipient, found = DEFAULT.recipient, dict[str, Handset]()
    for number, to in zip_longest(asked.get("from", []), asked.get("to", [])):
        recipient = to.strip() if to and _is_number(to) else recipient
        if number and _is_number(number):
            # A plus that is not escaped arrives as a space.
            sender = f"+{number[1:]}" if number[0] == " " else number.strip()
            found.setdefault(sender.removeprefix("+"), Handset(sender, recipient))
    return list(found.values())[:PHONES_MAX] or [DEFAULT._replace(recipient=recipient)]


def write_handsets(handsets: list[Handset]) -> str:
    """Write the query string that names these phones."""
    return urlencode([pair for one in handsets for pair in (("from", one.sender), ("to", one.recipient))])


def _is_number(words: str) -> bool:
    bare = words.strip().removeprefix("+")
    return bare.isascii() and bare.isprintable() and 1 <= len(bare) <= NUMBER_MAX
