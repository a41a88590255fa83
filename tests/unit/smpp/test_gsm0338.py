"""The GSM 7-bit alphabet is the one of 3GPP 23.038, 6.2.1, to the septet."""

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.gsm0338 import BASIC, EXTENDED, EXTENSION, from_septets, to_septets, unpack

ALPHABET = st.text(st.sampled_from(sorted({*BASIC, *EXTENDED} - {"\x1b"})), max_size=200)

FACTS = [
    (0x00, "@"),
    (0x01, "£"),
    (0x02, "$"),
    (0x03, "¥"),
    (0x04, "è"),
    (0x05, "é"),
    (0x06, "ù"),
    (0x07, "ì"),
    (0x08, "ò"),
    (0x09, "Ç"),
    (0x0A, "\n"),
    (0x0B, "Ø"),
    (0x0C, "ø"),
    (0x0D, "\r"),
    (0x0E, "Å"),
    (0x0F, "å"),
    (0x10, "Δ"),
    (0x11, "_"),
    (0x12, "Φ"),
    (0x13, "Γ"),
    (0x14, "Λ"),
    (0x15, "Ω"),
    (0x16, "Π"),
    (0x17, "Ψ"),
    (0x18, "Σ"),
    (0x19, "Θ"),
    (0x1A, "Ξ"),
    (0x1C, "Æ"),
    (0x1D, "æ"),
    (0x1E, "ß"),
    (0x1F, "É"),
    (0x20, " "),
    (0x23, "#"),
    (0x24, "¤"),
    (0x2A, "*"),
    (0x30, "0"),
    (0x39, "9"),
    (0x3F, "?"),
    (0x40, "¡"),
    (0x41, "A"),
    (0x5A, "Z"),
    (0x5B, "Ä"),
    (0x5C, "Ö"),
    (0x5D, "Ñ"),
    (0x5E, "Ü"),
    (0x5F, "§"),
    (0x60, "¿"),
    (0x61, "a"),
    (0x7A, "z"),
    (0x7B, "ä"),
    (0x7C, "ö"),
    (0x7D, "ñ"),
    (0x7E, "ü"),
    (0x7F, "à"),
]

ESCAPED_FACTS = [
    (0x0A, "\f"),
    (0x14, "^"),
    (0x28, "{"),
    (0x29, "}"),
    (0x2F, "\\"),
    (0x3C, "["),
    (0x3D, "~"),
    (0x3E, "]"),
    (0x40, "|"),
    (0x65, "€"),
]


@pytest.mark.parametrize(("septet", "character"), FACTS)
def test_basic_table(septet: int, character: str) -> None:
    """Each septet of the basic table is its character, both ways."""
    assert (from_septets(bytes([septet])), to_septets(character)) == (character, bytes([septet]))


@pytest.mark.parametrize(("septet", "character"), ESCAPED_FACTS)
def test_extension_table(septet: int, character: str) -> None:
    """Each character of the extension table is the escape and one septet, both ways."""
    assert (from_septets(bytes([0x1B, septet])), to_septets(character)) == (character, bytes([0x1B, septet]))


def test_the_tables_have_no_other_cells() -> None:
    """128 cells of which one is the escape, and ten characters behind it; no character stands twice."""
    assert (len(BASIC), len(set(BASIC)), BASIC.index("\x1b")) == (128, 128, 0x1B)
    assert sorted(EXTENSION) == [septet for septet, _ in ESCAPED_FACTS]
    assert not EXTENDED & set(BASIC)


@pytest.mark.parametrize("character", ["\x1b", "`", "ç", "ı", "ş", "ğ", "ʻ", "’", "№", "–", "…", "ж", "₽", "\t", "😀"])
def test_characters_from_elsewhere_are_not_gsm(character: str) -> None:
    """One character from elsewhere makes the whole text not GSM; the bare escape is no character."""
    assert to_septets(f"sum {character} paid") is None


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"a\x1b", "a "),
        (b"\x1b\x1b", " "),
        (b"\x1b\x1b\x65", " e"),
        (b"\x1b\x1b\x1b\x65", " €"),
        (b"\x1bA", "A"),
        (b"\x1b\x00", "@"),
        (b"\x1b\x0d", "\r"),
        (b"a\x80b", "a\ufffdb"),
        (b"", ""),
    ],
    ids=[
        "escape at the end",
        "two escapes",
        "two escapes, then a letter",
        "two escapes, then a pair",
        "escaped letter",
        "escaped at sign",
        "escaped carriage return",
        "no septet",
        "nothing",
    ],
)
def test_odd_escapes_are_read(septets: bytes, text: str) -> None:
    """What the tables leave open is read as 3GPP 23.038 says: a space, or the basic character."""
    assert from_septets(septets) == text


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        ("e8329bfd4697d9ec37", "hellohello"),
        ("d4f29c0e", "Test"),
        ("31d98c56b3dd1a", "1234567"),
        ("31d98c56b3dd70", "12345678"),
        ("31d98c56b3dd00", "1234567"),
        ("9b32", "\x1be"),
        ("", ""),
    ],
    ids=["ten letters", "four letters", "seven and CR", "eight", "seven and zero", "escape pair", "nothing"],
)
def test_packed_septets(packed: str, text: str) -> None:
    """Packed septets spread over octets; the filling after seven of them is dropped."""
    assert unpack(bytes.fromhex(packed)) == text.encode("ascii")


@given(ALPHABET)
@settings(max_examples=200)
def test_reading_gives_back_what_was_written(text: str) -> None:
    """Writing and reading is the identity on the whole alphabet."""
    septets = to_septets(text)
    assert septets is not None
    assert from_septets(septets) == text


@given(st.binary(max_size=140))
@settings(max_examples=200)
def test_unpacking_gives_septets(packed: bytes) -> None:
    """Every unpacked octet is a septet, and there are as many as the bits allow, less one filling."""
    septets = unpack(packed)
    assert septets.isascii()
    assert len(packed) * 8 // 7 - len(septets) in (0, 1)
