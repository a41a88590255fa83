"""Payment passwords: which are good enough, and how they are kept as Argon2id verifiers (RFC 9106).

Rule 1: what is hashed is the peppered digest of a password, never the password.
Rule 2: an unknown sender costs the same full Argon2id as a wrong password, so that time tells nothing.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from argon2.exceptions import VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret, verify_secret

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret

LENGTH_MIN: Final = 6
# Longer texts are no passwords but mistakes; they are refused, never cut.
LENGTH_MAX: Final = 64
# RFC 9106, 3.1: 16 octets of salt are enough for passwords; 32 octets of tag are as strong as the digest that goes in.
SALT_OCTETS: Final = 16
TAG_OCTETS: Final = 32
# So many last digits of a number are what people know it by, without country and operator.
_NUMBER_TAIL: Final = 7
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertyuiop", "asdfghjkl", "zxcvbnm")
# What people choose first, here and everywhere; runs of the keyboard and repeated pieces are found by rule.
# fmt: off
_COMMON: Final = frozenset({
    "1q2w3e", "1q2w3e4r", "1qaz2wsx", "a1b2c3", "abc123", "admin123", "dragon", "iloveyou", "letmein", "master",
    "monkey", "mypass", "passw0rd", "password", "password1", "password123", "parol123", "parolparol", "q1w2e3",
    "q1w2e3r4", "qazwsx", "qwe123", "qwerty1", "qwerty12", "qwerty123", "secret", "sunshine", "superman",
    "tashkent", "toshkent", "trustno1", "uzbekistan", "welcome", "welcome1", "zaq12wsx",
})
# fmt: on


class PasswordProblem(StrEnum):
    """Why a new password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_LATIN = "not_latin"
    THE_NUMBER = "the_number"
    TOO_SIMPLE = "too_simple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Settings:
    """The cost of one Argon2id (OWASP's choice for little memory: 19 MiB, 2 passes, 1 lane)."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1

    def __post_init__(self) -> None:
        if self.passes < 1 or self.lanes < 1 or self.memory_kib < 8 * self.lanes:
            raise ValueError("argon2: at least 1 pass, 1 lane and 8 KiB a lane (RFC 9106, 3.1)")


def problem(password: Secret[str], msisdn: Msisdn) -> PasswordProblem | None:
    """Say what is wrong with a new password for this number; None = it is good.

    Digits alone are too simple: a six-digit number is guessed soon, and looks like a code when it is texted.
    """
    text = password.reveal()
    if len(text) < LENGTH_MIN:
        return PasswordProblem.TOO_SHORT
    if len(text) > LENGTH_MAX:
        return PasswordProblem.TOO_LONG
    if not (text.isascii() and text.isalnum()):
        return PasswordProblem.NOT_LATIN
    if msisdn[-_NUMBER_TAIL:] in text:
        return PasswordProblem.THE_NUMBER
    return PasswordProblem.TOO_SIMPLE if _simple(text.lower()) else None


def make_verifier(digest: bytes, salt: bytes, settings: Argon2Settings) -> str:
    """The PHC string of a peppered digest. Slow on purpose. *salt*: 16 random octets."""
    assert len(salt) == SALT_OCTETS, "the salt has 16 octets"
    return hash_secret(digest, salt, settings.passes, settings.memory_kib, settings.lanes, TAG_OCTETS, Type.ID).decode()


def check(verifier: str, digest: bytes) -> bool:
    """True if *digest* is what *verifier* was made from. Slow on purpose.

    Raises:
        ValueError: *verifier* is no PHC string of Argon2id (the stored row is damaged), or there is no memory for it.
    """
    try:
        return verify_secret(verifier.encode(), digest, Type.ID)
    except VerifyMismatchError:
        return False
    except VerificationError as error:
        raise ValueError(f"a password verifier cannot be checked: {error}") from None


def _unpadded(octets: bytes) -> str:
    return b64encode(octets).decode().rstrip("=")


def dummy_verifier(settings: Argon2Settings) -> str:
    """A verifier of those settings that no password fits; checking it costs what a real check costs."""
    salt, tag = _unpadded(bytes(SALT_OCTETS)), _unpadded(bytes(TAG_OCTETS))
    cost = f"m={settings.memory_kib},t={settings.passes},p={settings.lanes}"
    return "$".join(("", "argon2id", f"v={ARGON2_VERSION}", cost, salt, tag))


DUMMY_VERIFIER: Final = dummy_verifier(Argon2Settings())
"""For unknown senders, with the default cost."""


def _simple(text: str) -> bool:
    if text.isdigit() or text in _COMMON or len(set(text)) < 3:
        return True
    if text in (text + text)[1:-1]:  # one piece repeated: abcabc
        return True
    return any(text in row or text[::-1] in row for row in _ROWS)
