"""Texts on the wire: alphabets, data_coding, and how much of a short message a text takes.

Writing is strict: the GSM 7-bit alphabet when every character is in it, else UCS-2. Reading never fails, and what it
gives can be stored anywhere: no lone surrogate, no NUL. What the sender said in data_coding is believed, except where
the octets plainly say otherwise; these are all the exceptions:

1. Said one octet a character, but even and two units or more long with Latin or Cyrillic high octets: UCS-2.
2. Said GSM, ASCII or Latin-1, holds octets above 0x7F and is valid UTF-8: UTF-8.
3. The same, but not UTF-8, with octets that no Latin-1 text has, and its packed septets are plain ASCII: packed GSM.
   Otherwise Latin-1.
4. Said ASCII or Latin-1, holds only octets below 0x80 and among them control codes: GSM, unpacked.
5. Said UCS-2, but all printable ASCII, or of odd length and valid UTF-8: that. (No command is written in the rare
   Chinese that this could be.) Otherwise an odd last octet is dropped.
6. A byte order mark is obeyed and removed; without one, high octets that stand second mean little-endian.
7. Half a surrogate pair, or a NUL inside a text, becomes U+FFFD; NULs at the end are filling and are dropped.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.smpp.gsm0338 import EXTENDED, from_septets, to_septets, unpack

GSM_UNITS_MAX: Final = 160  # septets in 140 octets of user data (3GPP 23.040, 9.2.3.24)
UCS2_UNITS_MAX: Final = 70  # 16-bit units in the same 140 octets
GSM_PART_UNITS_MAX: Final = 153  # what a six-octet concatenation header leaves
UCS2_PART_UNITS_MAX: Final = 67

# SMPP 3.4, 5.2.19.
DEFAULT_ALPHABET: Final = 0x00
ASCII: Final = 0x01
LATIN1: Final = 0x03
CYRILLIC: Final = 0x06
HEBREW: Final = 0x07
UCS2: Final = 0x08


class Alphabet(StrEnum):
    """An alphabet of the wire; as a link's setting, what its SMSC means by data_coding 0."""

    GSM0338 = "gsm0338"
    LATIN1 = "latin1"
    UCS2 = "ucs2"


class Coding(NamedTuple):
    """The alphabet a text is written in, and the data_coding that says so."""

    alphabet: Alphabet
    data_coding: int


_IN_GSM: Final = Coding(Alphabet.GSM0338, DEFAULT_ALPHABET)
_IN_UCS2: Final = Coding(Alphabet.UCS2, UCS2)


class Encoded(NamedTuple):
    """A text as octets, with its data_coding. It may hold a code or a password, so `repr` shows its length only."""

    data: bytes
    data_coding: int

    def __repr__(self) -> str:
        return f"Encoded(<{len(self.data)} octets>, data_coding={self.data_coding})"


class Length(NamedTuple):
    """What a text takes: units of its alphabet (septets, or 16-bit units), and the segments needed.

    *units_max* is what one unsplit segment holds; the segments are counted with the six-octet header.
    """

    alphabet: Alphabet
    units: int
    units_max: int
    segments: int


def choose(text: str, default_alphabet: Alphabet) -> Coding:
    """Choose how to write *text* to an SMSC that means *default_alphabet* by data_coding 0.

    Only a text of the GSM alphabet travels in one octet a character, whatever the link: the phone gets 7-bit or UCS-2.
    Where data_coding 0 is not GSM, such a text is written in Latin-1, and says so as soon as it is more than ASCII.
    """
    if to_septets(text) is None:
        return _IN_UCS2
    if default_alphabet is Alphabet.GSM0338:
        return _IN_GSM
    if not _is_latin1(text):
        return _IN_UCS2
    said = default_alphabet is not Alphabet.LATIN1 or not text.isascii()
    return Coding(Alphabet.LATIN1, LATIN1 if said else DEFAULT_ALPHABET)


def to_octets(text: str, alphabet: Alphabet) -> bytes:
    """Write *text* in *alphabet*, which `choose` named for it or for a longer text. Half a surrogate pair becomes "?".

    Raises:
        ValueError: a character is not in the alphabet.
    """
    if alphabet is Alphabet.UCS2:
        return text.encode("utf-16-be", "replace")
    octets = to_septets(text) if alphabet is Alphabet.GSM0338 else text.encode("latin-1")
    if octets is None:
        raise ValueError("a character is not in the GSM 7-bit alphabet")
    return octets


def encode(text: str, default_alphabet: Alphabet = Alphabet.GSM0338) -> Encoded:
    """Write *text* for a link, unsplit: GSM where it fits, else UCS-2 (see `choose`)."""
    alphabet, data_coding = choose(text, default_alphabet)
    return Encoded(to_octets(text, alphabet), data_coding)


def septets(text: str) -> int | None:
    """Count the septets of *text*, two for each character of the extension table; None when it is not GSM."""
    octets = to_septets(text)
    return None if octets is None else len(octets)


def length(text: str, default_alphabet: Alphabet = Alphabet.GSM0338) -> Length:
    """Measure *text* as the phone will get it through such a link."""
    if choose(text, default_alphabet).alphabet is Alphabet.UCS2:
        alphabet, units_max, part_max = Alphabet.UCS2, UCS2_UNITS_MAX, UCS2_PART_UNITS_MAX
    else:
        alphabet, units_max, part_max = Alphabet.GSM0338, GSM_UNITS_MAX, GSM_PART_UNITS_MAX
    units = len(to_octets(text, alphabet)) // (2 if alphabet is Alphabet.UCS2 else 1)
    return Length(alphabet, units, units_max, 1 if units <= units_max else len(cut(text, alphabet, part_max)))


def fits_one_segment(text: str) -> bool:
    """Whether *text* goes unsplit: 160 septets, or 70 16-bit units."""
    units = septets(text)
    return len(text.encode("utf-16-be", "replace")) <= 2 * UCS2_UNITS_MAX if units is None else units <= GSM_UNITS_MAX


def width(character: str, alphabet: Alphabet) -> int:
    """Count the units of one character: 16-bit units in UCS-2, else septets on the air."""
    return 1 + (character > "\uffff" if alphabet is Alphabet.UCS2 else character in EXTENDED)


def cut(text: str, alphabet: Alphabet, units_max: int) -> list[str]:
    """Cut *text* into pieces of at most *units_max* units, never inside an escape or surrogate pair."""
    pieces, start, used = [], 0, 0
    for position, character in enumerate(text):
        units = width(character, alphabet)
        if used + units > units_max:
            pieces.append(text[start:position])
            start, used = position, 0
        used += units
    return [*pieces, text[start:]]


def decode(data: bytes, data_coding: int, default_alphabet: Alphabet = Alphabet.GSM0338) -> str:
    """Read a message from a link whose SMSC means *default_alphabet* by data_coding 0.

    Never raises, whatever the octets and the data_coding; the module's rules say what is tolerated.
    """
    codec = _CODECS.get(data_coding)
    if codec is not None:
        text = data.decode(codec, "replace")
    else:
        alphabet = alphabet_of(data_coding) or default_alphabet
        text = _READERS[alphabet](data)
    return text.removeprefix("\ufeff").rstrip("\0").replace("\0", "\ufffd")


def alphabet_of(data_coding: int) -> Alphabet | None:
    """Say which alphabet a data_coding names; None for the SMSC's default and for reserved values.

    SMPP 3.4, 5.2.19 below 0x10; above it the groups of 3GPP 23.038, 4: SMSCs pass them on with class and waiting bits.
    """
    group = data_coding >> 4
    if group == 0:
        return _ALPHABETS.get(data_coding)
    if group < 0x8:  # bits 3..2: 0 default, 1 eight-bit data, 2 UCS-2, 3 reserved
        return (None, Alphabet.LATIN1, Alphabet.UCS2, None)[data_coding >> 2 & 3]
    if group == 0xE:  # message waiting, UCS-2
        return Alphabet.UCS2
    return Alphabet.LATIN1 if group == 0xF and data_coding & 4 else None


# Binary (2, 4) is read as text: people's phones do send text so, and a command reads no worse for it.
_ALPHABETS: Final = dict.fromkeys((ASCII, 0x02, LATIN1, 0x04), Alphabet.LATIN1) | {UCS2: Alphabet.UCS2}
_CODECS: Final = {CYRILLIC: "iso8859_5", HEBREW: "iso8859_8"}

# High octets of the letters and signs of our languages: Latin, Cyrillic, and then ʻ (U+02BB), ’ (U+2019), № (U+2116).
_LETTER_HIGHS: Final = b"\x00\x04"
_TEXT_HIGHS: Final = b"\x00\x02\x04\x20\x21"
_BYTE_ORDER_MARKS: Final = (b"\xfe\xff", b"\xff\xfe")

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]+")
_PLAIN: Final = re.compile(rb"[\x20-\x23\x25-\x3f\x41-\x5a\x61-\x7a\r\n]+")  # septets that are the same in ASCII

PACKED_OCTETS_MAX: Final = 140  # user data of one short message; unpacking is quadratic


def _is_latin1(text: str) -> bool:
    return all(character <= "\xff" for character in text)


def _read_gsm(data: bytes) -> str:
    if _PLAIN.fullmatch(data):
        return data.decode("ascii")
    if _looks_like_ucs2(data):
        return _read_ucs2(data)
    return from_septets(data) if data.isascii() else _read_eight_bit(data)


def _read_latin1(data: bytes) -> str:
    if _looks_like_ucs2(data):
        return _read_ucs2(data)
    data = data.rstrip(b"\0")
    if not data.isascii():
        return _read_eight_bit(data)
    return from_septets(data) if _CONTROL.search(data) else data.decode("ascii")


def _read_eight_bit(data: bytes) -> str:
    """Read octets of which some are above 0x7F, so that they are no unpacked septets (rules 2 and 3)."""
    text = _utf8(data)
    if text is not None:
        return text
    latin1 = data.decode("latin-1")
    if len(data) <= PACKED_OCTETS_MAX and _CONTROL_CHARACTER.search(latin1):
        unpacked = unpack(data)
        if _PLAIN.fullmatch(unpacked):
            return from_septets(unpacked)
    return latin1


def _read_ucs2(data: bytes) -> str:
    if len(data) % 2:
        text = None if _CONTROL.search(data) else _utf8(data)
        return _read_ucs2(data[:-1]) if text is None else text
    if _PRINTABLE.fullmatch(data):
        return data.decode("ascii")
    little_endian = data.startswith(b"\xff\xfe") or (_are_highs(data[1::2]) and not _are_highs(data[::2]))
    return data.decode("utf-16-le" if little_endian else "utf-16-be", "replace")


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _looks_like_ucs2(data: bytes) -> bool:
    if len(data) % 2:
        return False
    if data.startswith(_BYTE_ORDER_MARKS):
        return True
    return _are_highs(data[::2]) and not _CONTROL_CHARACTER.search(data.decode("utf-16-be", "replace"))


def _are_highs(octets: bytes) -> bool:
    """Whether *octets* can be the high octets of a text: two or more, all in our blocks, most of them letters."""
    strange = octets.translate(None, _TEXT_HIGHS)
    signs = octets.translate(None, _LETTER_HIGHS)
    return len(octets) > 1 and not strange and 2 * len(signs) < len(octets)


_READERS: Final = {Alphabet.GSM0338: _read_gsm, Alphabet.LATIN1: _read_latin1, Alphabet.UCS2: _read_ucs2}
