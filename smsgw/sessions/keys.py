"""Keys: one 32-byte master per key id, and a sub-key for each purpose, so that no two purposes share a key.

Rule 1: a key is never printed, logged or stored; rows carry the id of the key that they were made with.
Rule 2: new things are made with the current key. Old keys stay in the ring until no row names them.

Sub-keys are HKDF-SHA256 (RFC 5869) of the master with the purpose as its `info`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from smsgw.domain.secret import Secret

# HKDF-SHA256 and AES-256 both want 256 bits.
MASTER_OCTETS: Final = 32
# Half of a SHA-256 HMAC: 128 bits cannot collide by chance, and keep the index of digests small (RFC 2104, section 5).
DIGEST_OCTETS: Final = 16
# The nonce that AES-GCM was made for (NIST SP 800-38D, 5.2.1.1).
NONCE_OCTETS: Final = 12


class UnknownKey(LookupError):  # noqa: N818 -- names what is missing, as LookupError's own children do not
    """A row names a key that is not in the ring: put the old key back into the configuration."""


class SealBroken(ValueError):  # noqa: N818 -- names what was found
    """A sealed part was changed, or belongs to another row."""


class _SubKeys(NamedTuple):
    code: Secret[bytes]
    pepper: Secret[bytes]
    parts: Secret[bytes]
    digest: Secret[bytes]


@dataclass(frozen=True, slots=True)
class Keyring:
    """All sub-keys. `current` is the id of the key that new things are made with."""

    current: str
    _keys: Mapping[str, _SubKeys] = field(repr=False)

    @classmethod
    def from_masters(cls, masters: Mapping[str, bytes], current: str) -> Keyring:
        """Derive every sub-key.

        Raises:
            ValueError: a master that has not 32 octets, or no master with the id *current*.
        """
        for key_id, master in masters.items():
            if len(master) != MASTER_OCTETS:
                raise ValueError(f"master key {key_id!r} has {len(master)} octets; {MASTER_OCTETS} are needed")
        if current not in masters:
            raise ValueError(f"the current key {current!r} is not among the master keys")
        return cls(current, {key_id: _sub_keys(master) for key_id, master in masters.items()})

    def message_digest(self, identity: bytes) -> bytes:
        """16 octets that say "the same delivery" without keeping what was delivered; made with the current key.

        A delivery repeated across a change of keys counts as new: its repeat is then harmless by meaning only.
        """
        return hmac.digest(self._of(self.current).digest.reveal(), identity, "sha256")[:DIGEST_OCTETS]

    def pepper(self, key_id: str, password: Secret[str]) -> bytes:
        """The 32 octets that Argon2id hashes instead of *password*: useless to whoever has the database alone."""
        return hmac.digest(self._of(key_id).pepper.reveal(), password.reveal().encode(), "sha256")

    def code_key(self, key_id: str) -> Secret[bytes]:
        """The key of one-time codes."""
        return self._of(key_id).code

    def seal_part(self, plain: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Encrypt a part of a long text with the current key. *nonce*: 12 random octets, kept beside the result.

        *associated* is whatever the row must not be separated from; it is proved, not hidden.
        """
        assert len(nonce) == NONCE_OCTETS, "AES-GCM needs a nonce of 12 octets"
        return AESGCM(self._of(self.current).parts.reveal()).encrypt(nonce, plain, associated)

    def open_part(self, key_id: str, sealed: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Decrypt what `seal_part` made when *key_id* was current.

        Raises:
            SealBroken: not this text, nonce, row or key.
        """
        try:
            return AESGCM(self._of(key_id).parts.reveal()).decrypt(nonce, sealed, associated)
        except InvalidTag:
            raise SealBroken("a sealed part does not open: changed, or of another row") from None

    def _of(self, key_id: str) -> _SubKeys:
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnknownKey(f"no key with the id {key_id!r} in the ring") from None


def sub_key(master: bytes, purpose: str) -> bytes:
    """32 octets for one purpose (RFC 5869, without salt: the master is uniformly random already)."""
    return HKDF(algorithm=SHA256(), length=MASTER_OCTETS, salt=None, info=f"smsgw {purpose}".encode()).derive(master)


def _sub_keys(master: bytes) -> _SubKeys:
    return _SubKeys(*(Secret(sub_key(master, purpose)) for purpose in _SubKeys._fields))
