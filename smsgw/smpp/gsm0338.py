"""The GSM 7-bit default alphabet and its extension table (3GPP 23.038, 6.2.1), unpacked and packed.

Rule 1: unpacked means one septet in each octet, as SMPP's short_message carries it.
Rule 2: a character of the extension table is the escape 0x1B and one more septet: it costs two.
Rule 3: reading never fails; writing answers None for a text that holds a character from elsewhere.
"""

import codecs
import re
from typing import Final

ESCAPE: Final = "\x1b"

# 3GPP 23.038, 6.2.1: sixteen characters a row. The escape stands for itself and is resolved afterwards.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# 3GPP 23.038, 6.2.1.1: septet after the escape → character.
EXTENSION: Final[dict[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
EXTENDED: Final = frozenset(EXTENSION.values())

_OCTETS: Final[dict[int, int | bytes]] = {
    **{ord(character): septet for septet, character in enumerate(BASIC) if character != ESCAPE},
    **{ord(character): bytes((0x1B, septet)) for septet, character in EXTENSION.items()},
}

# Keyed by what the septet after the escape means in the basic table, because that is read first. An escape that
# introduces nothing (at the end, or another escape) is shown as a space: 3GPP 23.038, 6.2.1, note 1.
_ESCAPED: Final = {BASIC[septet]: character for septet, character in EXTENSION.items()} | {ESCAPE: " ", "": " "}
_ESCAPE_PAIR: Final = re.compile("\x1b(.?)", re.DOTALL)


# Most texts hold nothing else, and are then written five times as fast.
_SAME_IN_ASCII: Final = re.compile("[A-Za-z0-9 !\"#%&'()*+,./:;<=>?\n\r-]*")


def to_septets(text: str) -> bytes | None:
    """Write *text* as unpacked septets; None when a character is in neither table."""
    if _SAME_IN_ASCII.fullmatch(text):
        return text.encode("ascii")
    try:
        return codecs.charmap_encode(text, "strict", _OCTETS)[0]
    except UnicodeEncodeError:
        return None


def from_septets(septets: bytes) -> str:
    """Read unpacked septets. An octet above 0x7F is no septet and reads as U+FFFD.

    An escape before a septet that the extension table leaves open gives the basic character (3GPP 23.038, 6.2.1.1).
    """
    text = codecs.charmap_decode(septets, "replace", BASIC)[0]
    return _ESCAPE_PAIR.sub(_unescape, text) if ESCAPE in text else text


def unpack(packed: bytes) -> bytes:
    """Spread packed septets, low bits first, over one octet each (3GPP 23.038, 6.1.2.1).

    Seven octets hold eight septets; when the text had only seven, the eighth is filling (0x00 or CR) and is dropped.
    The cost grows with the square of the length: callers give one short message, at most 140 octets.
    """
    bits = int.from_bytes(packed, "little")
    septets = bytes(bits >> shift & 0x7F for shift in range(0, len(packed) * 8 - 6, 7))
    filled = len(packed) % 7 == 0 and septets[-1:] in (b"\0", b"\r")
    return septets[:-1] if filled else septets


def _unescape(pair: re.Match[str]) -> str:
    return _ESCAPED.get(pair[1], pair[1])
