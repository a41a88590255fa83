"""Reading answers of strangers: statuses, charsets, JSON, XML, and text that may be shown.

Rule 1: an answer is read whole and strictly, or it is not read; None stands for "not readable".
Rule 2: nothing here raises for anything that can be in a body.
Rule 3: text of a provider is stripped of everything unprintable, cut short, and shown to operators only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NoReturn

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from smsgw.domain.calls import Unknown
from smsgw.providers.http import Completed

# The longest reference that providers were seen to give is a UUID of 36 characters.
TEXT_LENGTH_MAX: Final = 64
# A 63-bit sum has 19 digits; what is larger or finer by far is no sum.
EXPONENT_MAX: Final = 30

# "Later" in HTTP: the request may have been carried out all the same (RFC 9110, 15.5.9; RFC 6585, 4).
_LATER: Final = frozenset({408, 429})
# Waiting mends none of these: our credentials or our right to call are wrong.
_NOT_ALLOWED: Final = frozenset({401, 403, 407})

# The charsets seen in the region. Each has ASCII as its lower half, so tags can be found before decoding.
_CODECS: Final = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "windows-1251": "cp1251",
    "cp1251": "cp1251",
    "koi8-r": "koi8-r",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-5": "iso-8859-5",
    "cp866": "cp866",
}
_XML_ENCODING: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_RESPONSE: Final = re.compile(r"<response[\s>/].*</response\s*>", re.DOTALL)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE", re.IGNORECASE)


def fault_of(completed: Completed) -> Unknown | None:
    """What a status says before the body is looked at; None = the body has the word.

    A 4xx with a body of the protocol is an answer; a 5xx never is, because the payment may stand behind it.
    """
    status = completed.status
    if status in _LATER or status >= 500:
        return Unknown(f"HTTP {status}", retry_after_s=completed.retry_after_s)
    if status in _NOT_ALLOWED or 300 <= status < 400 or status < 200:
        return Unknown(f"HTTP {status}", alarm=True)
    return None


def unreadable(status: int, why: str) -> Unknown:
    """The meaning of a body that is not of the protocol: with a 4xx, our address or request is wrong."""
    return Unknown(why) if status < 400 else Unknown(f"HTTP {status}", alarm=True)


def shown(text: str) -> str:
    """Text of a provider, fit to be stored and shown: one line of at most TEXT_LENGTH_MAX printable characters."""
    return "".join(character for character in text.strip()[:TEXT_LENGTH_MAX] if character.isprintable())


def is_sane(number: Decimal) -> bool:
    """False for exponents that no sum has: `int` of 1e999999999 would keep the machine busy for hours."""
    return abs(number.adjusted()) <= EXPONENT_MAX


def json_object(body: bytes) -> Mapping[str, object] | None:
    """The JSON object that *body* is; None for anything else (RFC 8259, 4 and 6).

    Anything else is a repeated key, NaN, Infinity, an exponent beyond EXPONENT_MAX, and endless digits or depth, too.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_decimal
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def xml_response(body: bytes, content_type: str) -> Mapping[str, str] | None:
    """The texts of the outermost `<response>` by tag, stripped; the named `<fields>` stand under `fields/NAME`.

    Junk around the element is cut off. None: no such element, no XML, a document type, a charset that is unknown or
    not kept, or one tag with two different texts.
    """
    text = _decoded(body, content_type)
    if text is None or _DOCTYPE.search(text):
        return None
    element = _RESPONSE.search(text)
    if element is None:
        return None
    try:
        root = fromstring(element[0], forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    pairs = [(child.tag, child.text or "") for child in root if len(child) == 0]
    pairs += [(f"fields/{field.get('name', field.tag)}", field.text or "") for field in root.iterfind("./fields/*")]
    texts = {tag: text.strip() for tag, text in pairs}
    return texts if all(texts[tag] == text.strip() for tag, text in pairs) else None


def _decoded(body: bytes, content_type: str) -> str | None:
    """The text by the charset of the XML declaration, else of the header, else UTF-8 (RFC 7303, 3)."""
    declared = _XML_ENCODING.search(body[:1024])
    header = _HEADER_CHARSET.search(content_type)
    name = declared[1].decode("ascii") if declared else header[1] if header else "utf-8"
    codec = _CODECS.get(name.lower())
    try:
        return body.decode(codec) if codec else None
    except UnicodeDecodeError:
        return None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not is_sane(number):
        raise ValueError("larger or finer than any sum")
    return number


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
