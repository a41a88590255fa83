"""One master key makes a different key for each purpose, old keys still open old rows, and none of them ever prints."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from smsgw.domain.secret import Secret
from smsgw.sessions.keys import Keyring, SealBroken, UnknownKey, sub_key

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
NONCE = b"123456789012"
ring = Keyring.from_masters({"k1": OLD, "k2": NEW}, current="k2")


def hkdf(master: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 as RFC 5869, 2.2 and 2.3 write it."""
    key = hmac.digest(salt or bytes(32), master, hashlib.sha256)
    octets, block = b"", b""
    while len(octets) < length:
        block = hmac.digest(key, block + info + bytes([len(octets) // 32 + 1]), hashlib.sha256)
        octets += block
    return octets[:length]


@pytest.mark.parametrize(
    ("salt", "info", "okm"),
    [
        (  # RFC 5869, A.1
            bytes(range(13)),
            bytes(range(0xF0, 0xFA)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (  # RFC 5869, A.3
            b"",
            b"",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_the_yardstick_is_right(salt: bytes, info: bytes, okm: str) -> None:
    """The derivation of these tests gives the vectors of RFC 5869."""
    assert okm == hkdf(b"\x0b" * 22, salt, info, 42).hex()


@pytest.mark.parametrize("purpose", ["code", "pepper", "parts", "digest"])
def test_a_sub_key_is_hkdf_of_the_master_for_its_purpose(purpose: str) -> None:
    assert hkdf(OLD, b"", f"smsgw {purpose}".encode(), 32) == sub_key(OLD, purpose)


def test_no_two_purposes_or_masters_share_a_key() -> None:
    keys = {sub_key(master, purpose) for master in (OLD, NEW) for purpose in ("code", "pepper", "parts", "digest")}

    assert len(keys) == 8


def test_each_thing_is_made_with_the_key_of_its_purpose() -> None:
    """Held against the definition, so that a swap of two purposes shows."""
    assert sub_key(OLD, "code") == ring.code_key("k1").reveal()
    assert hmac.digest(sub_key(OLD, "pepper"), b"parol1", "sha256") == ring.pepper("k1", Secret("parol1"))
    assert hmac.digest(sub_key(NEW, "digest"), b"same", "sha256")[:16] == ring.message_digest(b"same")


def test_a_part_opens_again() -> None:
    sealed = ring.seal_part(b"canary-parol1", NONCE, b"row 1")

    assert ring.open_part("k2", sealed, NONCE, b"row 1") == b"canary-parol1"
    assert b"canary" not in sealed


def test_a_part_that_was_sealed_with_the_key_before_opens_after_the_change() -> None:
    before = Keyring.from_masters({"k1": OLD}, current="k1")

    assert ring.open_part("k1", before.seal_part(b"text", NONCE, b""), NONCE, b"") == b"text"


@pytest.mark.parametrize(
    ("key_id", "flip", "nonce", "associated"),
    [
        ("k1", 0, NONCE, b"row 1"),
        ("k2", 1, NONCE, b"row 1"),
        ("k2", 0, b"210987654321", b"row 1"),
        ("k2", 0, NONCE, b"row 2"),
    ],
    ids=["key", "octets", "nonce", "row"],
)
def test_a_part_that_was_changed_or_moved_does_not_open(
    key_id: str, flip: int, nonce: bytes, associated: bytes
) -> None:
    sealed = ring.seal_part(b"text", NONCE, b"row 1")
    with pytest.raises(SealBroken):
        ring.open_part(key_id, bytes([sealed[0] ^ flip]) + sealed[1:], nonce, associated)


@pytest.mark.parametrize("octets", [11, 13])
def test_a_nonce_of_another_length_is_a_bug(octets: int) -> None:
    with pytest.raises(AssertionError, match="12 octets"):
        ring.seal_part(b"text", bytes(octets), b"")


def test_a_row_of_a_key_that_is_gone_says_which() -> None:
    with pytest.raises(UnknownKey, match="k0"):
        ring.code_key("k0")


@pytest.mark.parametrize("octets", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(octets: int) -> None:
    with pytest.raises(ValueError, match="32 are needed"):
        Keyring.from_masters({"k1": bytes(octets)}, current="k1")


def test_the_current_key_must_be_there() -> None:
    with pytest.raises(ValueError, match="k9"):
        Keyring.from_masters({"k1": OLD}, current="k9")


@pytest.mark.proves("A87")
def test_no_key_ever_prints() -> None:
    """Neither the masters nor what is made from them, in any usual form."""
    shown = repr(ring) + str(ring)
    secrets = [OLD, NEW, *(sub_key(master, "code") for master in (OLD, NEW))]

    assert "k2" in shown
    assert not any(form in shown for secret in secrets for form in (secret.hex(), repr(secret)[2:-1]))
