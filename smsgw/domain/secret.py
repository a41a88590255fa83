"""A secret as a value: it travels through the program, and only who asks for it by name sees it.

Rule 1: `reveal` is called where the secret is used up: hashed, compared, or written to the wire. One search finds all.
Rule 2: whatever makes values into text gets a placeholder (`repr`, `str`, a log line) or an error (f-strings, pickle,
JSON), so that a slip shows in a test and not in a log.
"""

from __future__ import annotations

import hmac
from typing import AnyStr, Final, Generic, NoReturn

PLACEHOLDER: Final = "Secret(...)"


class Secret(Generic[AnyStr]):
    """A text or octets that nobody may read by accident: a password, a code, a token, a key."""

    __slots__ = ("__value",)

    def __init__(self, value: AnyStr) -> None:
        self.__value: AnyStr = value

    def reveal(self) -> AnyStr:
        """The secret itself."""
        return self.__value

    def __len__(self) -> int:
        """Lengths are checked, and an empty secret is none."""
        return len(self.__value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; a secret equals no plain value."""
        return isinstance(other, Secret) and hmac.compare_digest(_octets(self.reveal()), _octets(other.reveal()))

    def __hash__(self) -> int:
        return hash(self.__value)

    def __repr__(self) -> str:
        return PLACEHOLDER

    def __format__(self, _: str) -> NoReturn:
        raise TypeError("a secret is not formatted; reveal() it where it is used up")

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")


def _octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode(errors="surrogatepass")
