"""Makes a fast reader and a fast writer out of each layout, once, when the program starts.

A loop over the fields of a table costs ten times what the same steps cost when they are written out. So we write them
out: for each layout this module generates the source of one straight function, as `dataclasses` does for `__init__`,
and compiles it. For `(CString("system_id", 16), Int("a"), Int("b"))` the reader is

    def read(frame, at):
        try:
            end = frame.find(NUL, at, at + 16)
            if end < 0: return BROKEN['system_id']
            system_id = frame[at:end]
            at = end + 1
            a, b, = UNPACK_2(frame, at)
            at += 2
        except struct_error: return CUT_SHORT
        return {'system_id': system_id, 'a': a, 'b': b}, at

Rule 1: the source is made of our own tables only, never of anything from outside.
Rule 2: neighbouring integers are read and written by one `struct` call.
Rule 3: a reader never raises; a writer raises LocalProtocolError, struct.error or TypeError, and only for our own bug.
"""

import struct
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple, NoReturn

from smsgw.smpp.constants import Status
from smsgw.smpp.layouts import CString, Field, Int, Layout, OctetString, Repeated
from smsgw.smpp.pdu import FieldValue, LocalProtocolError

NUL: Final = b"\x00"


class Broken(NamedTuple):
    """Why a body cannot be read, and the status to answer."""

    status: Status
    reason: str


Fields = dict[str, FieldValue]
Reader = Callable[[bytes, int], tuple[Fields, int] | Broken]
Writer = Callable[[Fields], bytes]

CUT_SHORT: Final = Broken(Status.ESME_RINVCMDLEN, "the body ends before its last mandatory field")


def make_reader(layout: Layout) -> Reader:
    """Make `read(frame, at) -> (fields, where the TLVs begin) | Broken`."""
    names: dict[str, Any] = {"NUL": NUL, "struct_error": struct.error, "CUT_SHORT": CUT_SHORT, "Broken": Broken}
    names["BROKEN"] = {f.name: _broken(f) for f in layout if not isinstance(f, Int)}
    lines = ["def read(frame, at):", " try:", "  pass"]
    for number, step in enumerate(_steps(layout)):
        lines += [f"  {line}" for line in _reading(step, number, names)]
    values = ", ".join(f"{f.name!r}: {f.name}" for f in layout)
    lines += [" except struct_error: return CUT_SHORT", f" return {{{values}}}, at"]
    reader: Reader = _compiled("read", lines, names)
    return reader


def make_writer(layout: Layout) -> Writer:
    """Make `write(fields) -> octets`; a field that is not given is 0 or empty."""
    names: dict[str, Any] = {"NUL": NUL, "refuse": _refuse}
    lines, pieces = ["def write(fields):", " get = fields.get"], []
    for field in layout:
        lines += [f" {line}" for line in _checking(field)]
    for number, step in enumerate(_steps(layout)):
        pieces.append(_writing(step, number, names))
    lines.append(f" return b''.join(({' '.join(pieces)}))")
    writer: Writer = _compiled("write", lines, names)
    return writer


_Step = tuple[Int, ...] | CString | OctetString | Repeated


def _steps(layout: Layout) -> Iterator[_Step]:
    """Cut a layout into runs of integers and single variable fields; lengths and counts are integers of their run."""
    flat: list[Field] = []
    for field in layout:
        if isinstance(field, OctetString):
            flat.append(Int(field.length))
        if isinstance(field, Repeated):
            flat.append(Int(field.count))
        flat.append(field)
    for is_int, group in groupby(flat, key=lambda field: isinstance(field, Int)):
        if is_int:
            yield tuple(field for field in group if isinstance(field, Int))
        else:
            yield from (field for field in group if not isinstance(field, Int))


def _reading(step: _Step, number: int, names: dict[str, Any]) -> list[str]:
    if isinstance(step, tuple):
        run = _run(step)
        names[f"UNPACK_{number}"] = run.unpack_from
        return [f"{_targets(step)} = UNPACK_{number}(frame, at)", f"at += {run.size}"]
    if isinstance(step, CString):
        return [
            f"end = frame.find(NUL, at, at + {step.size_max})",
            f"if end < 0: return BROKEN[{step.name!r}]",
            f"{step.name} = frame[at:end]",
            "at = end + 1",
        ]
    if isinstance(step, OctetString):
        return [
            f"end = at + {step.length}",
            f"if end > len(frame): return BROKEN[{step.name!r}]",
            f"{step.name} = frame[at:end]",
            "at = end",
        ]
    names[f"READ_{number}"] = _make_list_reader(step)
    return [
        f"entries = READ_{number}(frame, at, {step.count})",
        "if type(entries) is Broken: return entries",
        f"{step.name}, at = entries",
    ]


def _checking(field: Field) -> list[str]:
    if isinstance(field, Int):
        return [f"{field.name} = get({field.name!r}, 0)"]
    if isinstance(field, Repeated):
        return [f"{field.name} = get({field.name!r}, ())", f"{field.count} = len({field.name})"]
    lines = [f"{field.name} = get({field.name!r}, b'')"]
    if isinstance(field, CString):
        long_or_cut = f"(len({field.name}) >= {field.size_max} or NUL in {field.name})"
        return [*lines, f"if {field.name} and {long_or_cut}: refuse({field.name!r})"]
    length = field.length
    return [*lines, f"{length} = len({field.name})", f"if {length} > {field.size_max}: refuse({field.name!r})"]


def _writing(step: _Step, number: int, names: dict[str, Any]) -> str:
    if isinstance(step, tuple):
        names[f"PACK_{number}"] = _run(step).pack
        return f"PACK_{number}({_targets(step)}),"
    if isinstance(step, CString):
        return f"{step.name}, NUL,"
    if isinstance(step, OctetString):
        return f"{step.name},"
    names[f"WRITE_{number}"] = _make_list_writer(step)
    return f"WRITE_{number}({step.name}),"


def _run(step: tuple[Int, ...]) -> struct.Struct:
    return struct.Struct(">" + "".join({1: "B", 4: "I"}[field.size] for field in step))


def _targets(step: tuple[Int, ...]) -> str:
    return " ".join(f"{field.name}," for field in step)


def _broken(field: CString | OctetString | Repeated) -> Broken:
    return Broken(field.status, f"{field.name} does not end where it must")


def _refuse(name: str) -> NoReturn:
    raise LocalProtocolError(f"{name} is too long, or a NUL stands in it")


def _make_list_reader(step: Repeated) -> Callable[[bytes, int, int], tuple[tuple[Fields, ...], int] | Broken]:
    """A plain loop is enough here: submit_multi is rare, and a list has at most 255 entries."""
    readers = {flag: make_reader(layout) for flag, layout in step.entries.items()}
    unknown_flag = Broken(step.status, f"an entry of {step.name} is of no known kind")

    def read_entries(frame: bytes, at: int, count: int) -> tuple[tuple[Fields, ...], int] | Broken:
        entries = []
        for _ in range(count):
            reader = readers.get(frame[at] if step.flag and at < len(frame) else 0)
            if reader is None:
                return CUT_SHORT if at >= len(frame) else unknown_flag
            entry = reader(frame, at)
            if isinstance(entry, Broken):
                return entry
            fields, at = entry
            entries.append(fields)
        return tuple(entries), at

    return read_entries


def _make_list_writer(step: Repeated) -> Callable[[tuple[Fields, ...]], bytes]:
    writers = {flag: make_writer(layout) for flag, layout in step.entries.items()}

    def write_entry(entry: Fields) -> bytes:
        kind = entry.get(step.flag, 0) if step.flag else 0
        if not isinstance(kind, int) or kind not in writers:
            raise LocalProtocolError(f"an entry of {step.name} is of no known kind")
        return writers[kind](entry)

    return lambda entries: b"".join(map(write_entry, entries))


def _compiled(name: str, lines: list[str], names: dict[str, Any]) -> Any:
    exec("\n".join(lines), names)  # noqa: S102 - the source is made above, from our own tables only
    return names[name]
