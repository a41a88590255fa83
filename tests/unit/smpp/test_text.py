"""Texts are written strictly, measured exactly, and read whatever the sender said about them."""

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.smpp.gsm0338 import BASIC, EXTENDED
from smsgw.smpp.text import (
    Alphabet,
    Encoded,
    Length,
    alphabet_of,
    choose,
    cut,
    decode,
    encode,
    fits_one_segment,
    length,
    septets,
    to_octets,
    width,
)

GSM, LATIN1, UCS2 = Alphabet.GSM0338, Alphabet.LATIN1, Alphabet.UCS2
PACKED = bytes.fromhex("e8329bfd4697d9")  # "hellohel": eight septets in seven octets
ORDER = "SARKOR*n25656*50000*secret1"

GSM_CHARACTERS = sorted({*BASIC, *EXTENDED} - {"\x1b"})
CYRILLIC = [chr(code) for code in range(0x0410, 0x0450)]
LETTERS = st.text(st.sampled_from([*"ABCxyz0189 *#.,-", *CYRILLIC, "ʻ", "№", "😀"]), min_size=2, max_size=90)


@pytest.mark.parametrize(
    ("text", "alphabet", "encoded"),
    [
        ("Pay @ $_", GSM, Encoded(b"Pay \x00 \x02\x11", 0)),
        ("5€", GSM, Encoded(b"5\x1b\x65", 0)),
        ("да", GSM, Encoded(b"\x04\x34\x04\x30", 8)),
        ("o‘", GSM, Encoded(b"\x00o\x20\x18", 8)),
        ("😀", GSM, Encoded(b"\xd8\x3d\xde\x00", 8)),
        ("Pay @ $_", LATIN1, Encoded(b"Pay @ $_", 0)),
        ("£5", LATIN1, Encoded(b"\xa35", 3)),
        ("5€", LATIN1, Encoded(b"\x005\x20\xac", 8)),
        ("ç", LATIN1, Encoded(b"\x00\xe7", 8)),
        ("да", LATIN1, Encoded(b"\x04\x34\x04\x30", 8)),
        ("Pay @ $_", UCS2, Encoded(b"Pay @ $_", 3)),
        ("да", UCS2, Encoded(b"\x04\x34\x04\x30", 8)),
        ("", GSM, Encoded(b"", 0)),
        ("\ud83d!", GSM, Encoded(b"\x00?\x00!", 8)),
    ],
)
def test_encode(text: str, alphabet: Alphabet, encoded: Encoded) -> None:
    """GSM when it fits, else UCS-2; where data_coding 0 is not GSM, a GSM text travels as Latin-1."""
    assert encode(text, alphabet) == encoded


def test_choose_names_the_alphabet_of_the_wire() -> None:
    """The alphabet chosen is the one the octets are written in, with its data_coding."""
    assert choose("Pay", GSM) == (GSM, 0)
    assert choose("Pay", LATIN1) == (LATIN1, 0)
    assert choose("Pay", UCS2) == (LATIN1, 3)


@pytest.mark.parametrize(("text", "alphabet"), [("ж", GSM), ("ж", LATIN1)])
def test_an_alphabet_that_does_not_fit_is_a_bug_of_the_caller(text: str, alphabet: Alphabet) -> None:
    """Nothing is replaced silently in a text of ours."""
    with pytest.raises(ValueError, match=r"alphabet|latin-1"):
        to_octets(text, alphabet)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("abc", 3), ("€", 2), ("a[b]", 6), ("^{}\\[~]|€\f", 20), ("o’", None), ("ж", None), ("\x1b", None)],
)
def test_septets(text: str, count: int | None) -> None:
    """A character of the extension table counts two; a text with any other character has no septets."""
    assert septets(text) == count


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("", Length(GSM, 0, 160, 1)),
        ("a" * 160, Length(GSM, 160, 160, 1)),
        ("a" * 161, Length(GSM, 161, 160, 2)),
        ("a" * 158 + "€", Length(GSM, 160, 160, 1)),
        ("a" * 159 + "€", Length(GSM, 161, 160, 2)),
        ("a" * 306, Length(GSM, 306, 160, 2)),
        ("a" * 307, Length(GSM, 307, 160, 3)),
        ("a" * 152 + "€" + "a" * 152, Length(GSM, 306, 160, 3)),
        ("ж" * 70, Length(UCS2, 70, 70, 1)),
        ("ж" * 71, Length(UCS2, 71, 70, 2)),
        ("ж" * 134, Length(UCS2, 134, 70, 2)),
        ("ж" * 135, Length(UCS2, 135, 70, 3)),
        ("😀" * 35, Length(UCS2, 70, 70, 1)),
        ("😀" * 36, Length(UCS2, 72, 70, 2)),
        ("ж" * 66 + "😀" + "ж" * 66, Length(UCS2, 134, 70, 3)),
    ],
)
def test_length(text: str, measured: Length) -> None:
    """160 septets or 70 units go unsplit, 153 or 67 in each part, and a pair that would be cut moves on whole."""
    assert length(text) == measured
    assert fits_one_segment(text) is (measured.segments == 1)


def test_length_follows_the_link() -> None:
    """A euro sign is GSM, but a Latin-1 link can only carry it in UCS-2."""
    assert length("5€", LATIN1) == Length(UCS2, 2, 70, 1)
    assert length("[5]", LATIN1) == Length(GSM, 5, 160, 1)


@pytest.mark.parametrize(
    ("character", "alphabet", "units"),
    [
        ("a", GSM, 1),
        ("€", GSM, 2),
        ("[", LATIN1, 2),
        ("€", UCS2, 1),
        ("ж", UCS2, 1),
        ("\uffff", UCS2, 1),
        ("😀", UCS2, 2),
    ],
)
def test_width(character: str, alphabet: Alphabet, units: int) -> None:
    """A character of the extension table, or one beyond the basic plane, is two units."""
    assert width(character, alphabet) == units


@pytest.mark.parametrize(
    ("text", "alphabet", "units_max", "pieces"),
    [
        ("", GSM, 3, [""]),
        ("abc", GSM, 3, ["abc"]),
        ("abcd", GSM, 3, ["abc", "d"]),
        ("ab€c", GSM, 3, ["ab", "€c"]),
        ("a€bc", GSM, 3, ["a€", "bc"]),
        ("ab😀c", UCS2, 3, ["ab", "😀c"]),
        ("a😀bc", UCS2, 3, ["a😀", "bc"]),
    ],
)
def test_cut(text: str, alphabet: Alphabet, units_max: int, pieces: list[str]) -> None:
    """Each piece is as full as it can be without a pair cut in two."""
    assert cut(text, alphabet, units_max) == pieces


@pytest.mark.parametrize(
    ("data_coding", "alphabet"),
    [
        (0x00, None),
        (0x01, LATIN1),
        (0x02, LATIN1),
        (0x03, LATIN1),
        (0x04, LATIN1),
        (0x08, UCS2),
        (0x05, None),
        (0x0F, None),
        (0x10, None),
        (0x13, None),
        (0x14, LATIN1),
        (0x18, UCS2),
        (0x1B, UCS2),
        (0x1C, None),
        (0x48, UCS2),
        (0x80, None),
        (0xC8, None),
        (0xD0, None),
        (0xE0, UCS2),
        (0xF0, None),
        (0xF3, None),
        (0xF4, LATIN1),
        (0xF5, LATIN1),
        (0xF7, LATIN1),
        (0xFF, LATIN1),
    ],
)
def test_alphabet_of(data_coding: int, alphabet: Alphabet | None) -> None:
    """SMPP's own values, then the groups of 3GPP 23.038 with their class and waiting bits; None is the default."""
    assert alphabet_of(data_coding) is alphabet


@pytest.mark.parametrize(
    ("data", "data_coding", "alphabet", "text"),
    [
        (b"\x00\x02\x11\x1b\x65", 0, GSM, "@$_€"),
        (b"@$_", 0, LATIN1, "@$_"),
        (b"\xa35", 0, LATIN1, "£5"),
        ("да 5".encode("utf-16-be"), 0, UCS2, "да 5"),
        (b"\x00\x02", 0xF0, GSM, "@$"),
        (b"@$_", 0xF5, GSM, "@$_"),
        (b"@$_", 0x01, GSM, "@$_"),
        (b"\xe9", 0x03, GSM, "é"),
        (b"\xe9", 0x04, GSM, "é"),
        (b"\xbf\xde", 0x06, GSM, "По"),
        (b"\xe9\xe5", 0x07, GSM, "יו"),
        ("да".encode("utf-16-be"), 0x08, GSM, "да"),
        ("да".encode("utf-16-be"), 0x18, GSM, "да"),
        ("😀".encode("utf-16-be"), 0x08, GSM, "😀"),
        (b"a\x00", 0x0F, GSM, "a@"),
        (b"", 0, GSM, ""),
        (b"", 8, GSM, ""),
    ],
)
def test_decode_as_the_sender_said(data: bytes, data_coding: int, alphabet: Alphabet, text: str) -> None:
    """A data_coding that tells the truth is believed; 0 and reserved values mean the link's alphabet."""
    assert decode(data, data_coding, alphabet) == text


@pytest.mark.proves("A23")
@pytest.mark.parametrize(
    ("data", "data_coding", "text"),
    [
        pytest.param("Оплата 5".encode("utf-16-be"), 0, "Оплата 5", id="1 UCS-2 said default"),
        pytest.param("№1 да’".encode("utf-16-be"), 3, "№1 да’", id="1 UCS-2 with signs said Latin-1"),
        pytest.param("10".encode("utf-16-be"), 0, "10", id="1 two units are enough"),
        pytest.param("1".encode("utf-16-be"), 0, "@1", id="1 one unit is not"),
        pytest.param(b"@1", 0, "¡1", id="1 plain GSM stays GSM"),
        pytest.param(b"\x00\x02\x00\x02", 0, "@$@$", id="1 control codes are no UCS-2"),
        pytest.param(b"\x20\x31\x20\x32\x20\x33", 0, " 1 2 3", id="1 spaces are no high octets"),
        pytest.param(b"\x00\x31\x20\x32", 0, "@1 2", id="1 half of them letters is too few"),
        pytest.param(b"\x00a\x00bAA", 0, "@a@bAA", id="1 one strange high octet is too many"),
        pytest.param("Оплата".encode(), 0, "Оплата", id="2 UTF-8 said default"),
        pytest.param("Оплата".encode(), 3, "Оплата", id="2 UTF-8 said Latin-1"),
        pytest.param("\ufeffОплата".encode(), 0, "Оплата", id="2 UTF-8 with a byte order mark"),
        pytest.param(bytes.fromhex("e8329bfd4697d9ec37"), 0, "hellohello", id="3 packed said default"),
        pytest.param(bytes.fromhex("e8329bfd4697d9ec37"), 4, "hellohello", id="3 packed said binary"),
        pytest.param(b"caf\xe9", 0, "café", id="3 Latin-1 said default"),
        pytest.param(PACKED * 20, 4, "hellohel" * 20, id="3 packed as long as a short message"),
        pytest.param(PACKED * 21, 4, (PACKED * 21).decode("latin-1"), id="3 too long to be packed"),
        pytest.param(b"a\x1b\x65\x00b", 1, "a€@b", id="4 GSM said ASCII"),
        pytest.param(b"a\x11b", 3, "a_b", id="4 GSM said Latin-1"),
        pytest.param(b"a\tb\r\nc", 1, "a\tb\r\nc", id="4 tabs and lines are ASCII"),
        pytest.param(ORDER.encode() + b"*", 8, ORDER + "*", id="5 ASCII said UCS-2, even"),
        pytest.param(ORDER.encode(), 8, ORDER, id="5 ASCII said UCS-2, odd"),
        pytest.param("а1".encode(), 8, "а1", id="5 UTF-8 said UCS-2, odd"),
        pytest.param("да".encode("utf-16-be") + b"\x04", 8, "да", id="5 odd last octet"),
        pytest.param(b"\x04", 8, "", id="5 one odd octet"),
        pytest.param(b"\xfe\xff\x04\x34\x04\x30", 8, "да", id="6 byte order mark"),
        pytest.param(b"\xff\xfe\x34\x04\x30\x04", 8, "да", id="6 little-endian mark"),
        pytest.param(b"\xff\xfe\x34\x04\x30\x04", 0, "да", id="6 little-endian mark said default"),
        pytest.param("Оплата 5".encode("utf-16-le"), 8, "Оплата 5", id="6 little-endian, no mark"),
        pytest.param("ЀЄ".encode("utf-16-be"), 8, "ЀЄ", id="6 what reads both ways is big-endian"),
        pytest.param("5".encode("utf-16-le"), 8, "\u3500", id="6 one unit gives no hint"),
        pytest.param(b"\xd8\x3d\x00a", 8, "\ufffda", id="7 half a pair"),
        pytest.param(b"\xde\x00", 8, "\ufffd", id="7 the other half"),
        pytest.param(b"12\x0034\x00\x00", 6, "12\ufffd34", id="7 NUL inside and at the end"),
        pytest.param(b"123456\x00", 1, "123456", id="7 NUL at the end of ASCII"),
        pytest.param(b"\x041\x00\x00", 8, "б", id="7 NUL at the end of UCS-2"),
        pytest.param(b"\0" * 7, 8, "", id="7 only NULs, odd"),
        pytest.param(b"\0" * 8, 3, "", id="7 only NULs said Latin-1"),
    ],
)
def test_decode_tolerates(data: bytes, data_coding: int, text: str) -> None:
    """The rules at the head of the module, by number."""
    assert decode(data, data_coding, GSM) == text


def test_padding_of_gsm_is_not_stripped() -> None:
    """Septet 0 is the at sign: a password may end with it."""
    assert decode(b"secret\x00", 0, GSM) == "secret@"


@given(st.text(st.sampled_from(GSM_CHARACTERS), max_size=200))
@settings(max_examples=200)
def test_gsm_texts_come_back(text: str) -> None:
    """Reading gives back what was written. A letter in front is no high octet, so rule 1 keeps out."""
    assert decode(*encode("Z" + text, GSM), GSM) == "Z" + text


@pytest.mark.parametrize("alphabet", list(Alphabet))
@given(LETTERS)
@settings(max_examples=100)
def test_texts_come_back_on_every_link(alphabet: Alphabet, text: str) -> None:
    """Reading gives back what was written, whatever the SMSC means by data_coding 0."""
    assert decode(*encode(text, alphabet), alphabet) == text


@given(LETTERS, st.integers(min_value=2, max_value=70), st.sampled_from([GSM, UCS2]))
@settings(max_examples=200)
def test_pieces_are_full_and_whole(text: str, units_max: int, alphabet: Alphabet) -> None:
    """Pieces join to the text, none is too long, and none could have taken the next character."""
    pieces = cut(text, alphabet, units_max)
    units = [sum(width(character, alphabet) for character in piece) for piece in pieces]
    assert "".join(pieces) == text
    assert max(units) <= units_max
    for used, following in zip(units, pieces[1:], strict=False):
        assert used + width(following[0], alphabet) > units_max
