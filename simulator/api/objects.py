"""JSON objects and what stands in them, key by key. Pure.

Rule: whatever cannot be read is a ValueError whose message names the key and what may stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any, Final

from simulator.configuration.addresses import PORT_MAX
from simulator.faults.fault import REPEATS_MAX, Form, IdForm
from simulator.faults.reading import message_state, one_of
from simulator.smsc.pdus import FRAME_MAX
from simulator.smsc.receipt_desk import ReceiptOrder
from smsgw.smpp.tlv import TLV_OCTETS_MAX, Tag, Tlvs

Reader = Callable[[object], Any]

TLVS_MAX: Final = 100
"""In one PDU: SMPP 3.4 knows some forty."""

CHUNKS_MAX: Final = 1_000
"""Of octets that are written bit by bit."""


def read_object(value: object, readers: Mapping[str, Reader], needed: Iterable[str] = ()) -> dict[str, Any]:
    """Read the keys of an object, each with its reader; those of *needed* must be there."""
    if not isinstance(value, Mapping):
        raise ValueError(f"an object is needed, with any of {', '.join(readers)}")  # noqa: TRY004 -- the caller answers every bad request alike
    unknown = [key for key in value if key not in readers]
    if unknown:
        raise ValueError(f"{unknown[0]}: unknown; there are {', '.join(readers)}")
    missing = [key for key in needed if key not in value]
    if missing:
        raise ValueError(f"{missing[0]}: is missing")
    return {key: _read(key, readers[key], one) for key, one in value.items()}


def _read(key: str, reader: Reader, value: object) -> Any:
    try:
        return reader(value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def whole(low: int, high: int) -> Reader:
    """Read a whole number from *low* to *high*."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high} is needed")
        return value

    return read


def seconds(high: float) -> Reader:
    """Read seconds from 0 to *high*."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            raise ValueError(f"seconds from 0 to {high:.0f} are needed")
        return float(value)

    return read


def words(high: int) -> Reader:
    """Read at most *high* ASCII characters."""

    def read(value: object) -> str:
        if not (
            (isinstance(value, str) and value.isascii() and len(value) <= high and value.isprintable()) or value == ""
        ):
            raise ValueError(f"at most {high} ASCII characters are needed")
        return str(value)

    return read


def octets(value: object) -> bytes:
    """Read hexadecimal digits, two for each octet; spaces may stand between octets."""
    try:
        if isinstance(value, str):
            return bytes.fromhex(value)
    except ValueError:
        pass
    raise ValueError('octets in hexadecimal are needed, such as "0605040b8423f0"')


def tlvs(value: object) -> Tlvs:
    """Read optional parameters: an object from tag, a number or SMPP's name for it, to octets in hexadecimal."""
    if not isinstance(value, Mapping) or len(value) > TLVS_MAX:
        raise ValueError(f'an object of at most {TLVS_MAX} parameters is needed, such as {{"0x0424": "48454c50"}}')
    read = tuple((_tag(key), octets(one)) for key, one in value.items())
    if any(len(one) > TLV_OCTETS_MAX for _, one in read):
        raise ValueError(f"a parameter has at most {TLV_OCTETS_MAX} octets")
    return read


def write_tlvs(parameters: Tlvs) -> dict[str, str]:
    """Write optional parameters as `tlvs` reads them; of a tag that stands there twice the last."""
    return {f"0x{tag:04X}": octets.hex() for tag, octets in parameters}


def _tag(written: object) -> int:
    word = str(written)
    if word.upper() in Tag.__members__:
        return int(Tag[word.upper()])
    try:
        tag = int(word, 0)
    except ValueError:
        tag = -1
    if not 0 <= tag <= 0xFFFF:
        raise ValueError(f"{word!r} is no tag: give a number such as 0x0424, or a name such as message_payload")
    return tag


def numbers(value: object) -> tuple[int, ...]:
    """Read a list of whole numbers above 0."""
    if not isinstance(value, list) or not value or not all(type(one) is int and one > 0 for one in value):
        raise ValueError("a list of whole numbers above 0 is needed, such as [2, 1, 2]")
    return tuple(value)


_RAW: Final = {"hex": octets, "chunks": numbers, "gap_s": seconds(60.0)}


def read_raw(value: object) -> tuple[list[bytes], float]:
    """Read octets to write, cut into chunks of the sizes that are given and what is left, and the seconds between."""
    read = read_object(value, _RAW, ("hex",))
    data: bytes = read["hex"]
    sizes: tuple[int, ...] = read.get("chunks", ())
    if not 1 <= len(data) <= FRAME_MAX:
        raise ValueError(f"hex: 1 to {FRAME_MAX} octets")
    if len(sizes) > CHUNKS_MAX or sum(sizes) > len(data):
        raise ValueError(f"chunks: at most {CHUNKS_MAX}, and together no more than the {len(data)} octets of hex")
    cuts = [0, *accumulate(sizes), len(data)]
    return [data[start:end] for start, end in pairwise(cuts) if start < end], read.get("gap_s", 0.0)


_ORDER: Final = {"state": message_state, "copies": whole(1, REPEATS_MAX), "form": one_of(Form), "id": one_of(IdForm)}


def read_order(value: object) -> ReceiptOrder:
    """Read a receipt to send by hand."""
    return ReceiptOrder(**read_object(value, _ORDER))


_OUTBIND: Final = {
    "host": words(255),
    "port": whole(1, PORT_MAX),
    "system_id": words(15),
    "password": words(8),
    "operator": words(255),
}


def read_outbind(value: object) -> dict[str, Any]:
    """Read where to connect to, and as whom (SMPP 3.4, 4.1.7)."""
    return read_object(value, _OUTBIND, ("host", "port"))
