"""Right passwords, remembered in memory for a while, so that a regular payer does not cost an Argon2id each time.

Rule 1: what is kept is a digest under a key that lives and dies with this process; the password is not kept.
Rule 2: a hit names the credential version that it was verified against. Whoever uses it compares that version in the
    transaction, so a changed password, a block or an unblock on any node ends it at once.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from typing import Final

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret

# About 30 MB; the regular payers of a large operator's busy day.
REMEMBERED_MAX: Final = 100_000
KEY_OCTETS_MIN: Final = 32
# 128 bits, as nothing can be searched for without the key.
_DIGEST_OCTETS: Final = 16


class Remembered:
    """The least recently used entries leave first. For one thread."""

    __slots__ = ("_capacity", "_entries", "_key")

    def __init__(self, key: bytes, capacity: int = REMEMBERED_MAX) -> None:
        assert len(key) >= KEY_OCTETS_MIN, "the key of this process has at least 32 random octets"
        assert capacity > 0, "no room at all"
        self._key = key
        self._capacity = capacity
        self._entries: OrderedDict[Msisdn, tuple[int, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def hit(self, msisdn: Msisdn, password: Secret[str]) -> int | None:
        """The credential version that this password was right for; None = verify it the slow way."""
        entry = self._entries.get(msisdn)
        if entry is None:
            return None
        version, digest = entry
        if not hmac.compare_digest(digest, self._digest(msisdn, version, password)):
            return None
        self._entries.move_to_end(msisdn)
        return version

    def remember(self, msisdn: Msisdn, password: Secret[str], credential_version: int) -> None:
        """Keep a password that was just verified against this version."""
        self._entries[msisdn] = (credential_version, self._digest(msisdn, credential_version, password))
        self._entries.move_to_end(msisdn)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def forget(self, msisdn: Msisdn) -> None:
        """Drop what is kept of a number."""
        self._entries.pop(msisdn, None)

    def _digest(self, msisdn: Msisdn, version: int, password: Secret[str]) -> bytes:
        # A number and a version have digits only, so the two bars cannot be misread; the password ends the text.
        return hmac.digest(self._key, f"{msisdn}|{version}|{password.reveal()}".encode(), "sha256")[:_DIGEST_OCTETS]
