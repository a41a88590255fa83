"""Statements in JSON, read as they arrive: a day of payments may be larger than anything that is held in memory.

Rule 1: a statement is whole and strict, or there is none. Nothing is concluded from half of one.
Rule 2: of the body no more is held than one item, what stands around the items, and the lines that were read.
Rule 3: what the lines were read from is told by the SHA-256 of the whole body, decompressed, byte for byte.
"""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

# By name, and not by ijson's own choice: its backends differ in strictness. This one is in C and knows neither NaN
# nor Infinity, no comments, nothing after the document, and no bytes that are not UTF-8.
from ijson.backends import yajl2_c
from ijson.common import JSONError
from ijson.utils import sendable_list

from smsgw.domain.statement import NoStatement, Statement, StatementLine
from smsgw.providers.http import Completed, Lane, Request
from smsgw.providers.reading import is_sane

# A provider reads a day from its books at the time of the nightly reports; some minutes for that are no fault.
STATEMENT_DEADLINE_S: Final = 300.0
# A payment takes 100 to 300 bytes of a statement: this holds some 300,000 in a day, after decompression.
STATEMENT_BYTES_MAX: Final = 64 * 1024 * 1024
# One item with all that its provider tells of it, or all that stands around the items, is a few kilobytes at most.
PART_BYTES_MAX: Final = 256 * 1024
# The deepest statement that was seen (Payme: result, transactions, item, receivers, receiver, its account) has 6.
DEPTH_MAX: Final = 16

ReadLine = Callable[[Mapping[str, object]], StatementLine | None]

# JSONError is what ijson finds. ArithmeticError, ValueError and SystemError are what numbers end in that no Decimal
# and no int can be: the parser converts them in C and passes on what comes (of 5,000 digits, a SystemError).
_UNREADABLE: Final = (JSONError, ArithmeticError, ValueError, SystemError)


# What a report's sums can hold.
TOTAL_MINOR_MAX: Final = 2**63 - 1


class NotStrictError(Exception):
    """There is no statement: the text says why."""


async def json_statement(
    lane: Lane, request: Request, deadline_s: float, path: str, read_line: ReadLine
) -> Statement | NoStatement:
    """Ask for a statement and read it.

    *path* leads to the items (`result.transactions.item`). *read_line* makes a line of an item, None where it is not
    credited; what raises ValueError there voids the whole. Never raises for anything that network or peer do.
    """
    reader = StatementReader(path, read_line)
    try:
        exchange = await lane.stream(request, deadline_s, reader.feed)
        if not isinstance(exchange, Completed):
            return NoStatement(exchange.why)
        return reader.statement() if exchange.status == 200 else NoStatement(f"HTTP {exchange.status}")
    except NotStrictError as fault:
        return NoStatement(str(fault))


class StatementReader:
    """The body's bytes in, lines out."""

    def __init__(self, path: str, read_line: ReadLine) -> None:
        self._digest = hashlib.sha256()
        self._size = 0
        self._document = _Document(path, read_line)
        self._events = sendable_list()
        self._parser = yajl2_c.basic_parse_coro(self._events)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes. Raises NotStrictError."""
        self._digest.update(piece)
        self._size += len(piece)
        if self._size > STATEMENT_BYTES_MAX:
            raise NotStrictError("it is larger than any honest one")
        self._document.grow(len(piece))
        whole = piece.removeprefix(BOM_UTF8) if self._size == len(piece) else piece
        self._parse(lambda: self._parser.send(whole))

    def statement(self) -> Statement:
        """What was read, once all was fed. Raises NotStrictError."""
        self._parse(self._parser.close)
        return Statement(self._document.lines(), self._digest.hexdigest())

    def _parse(self, step: Callable[[], object]) -> None:
        try:
            step()
        except _UNREADABLE as error:
            raise NotStrictError(f"it is no strict JSON ({type(error).__name__})") from None
        for event, value in self._events:
            self._document.take(event, value)
        del self._events[:]


class _Document:
    """The document as its events tell it: everything but the items, which become lines one by one."""

    def __init__(self, path: str, read_line: ReadLine) -> None:
        *self._path, item = path.split(".")
        assert item == "item", "a path ends in the items of an array"
        self._read_line = read_line
        self._lines: list[StatementLine] = []
        self._root: object = None
        self._items: list[object] | None = None
        # Containers that are open, outermost first, and the keys that wait for their values, one for each open object.
        self._open: list[dict[str, object] | list[object]] = []
        self._keys: list[str] = []
        self._part_size = 0
        self._total_minor = 0

    def grow(self, size: int) -> None:
        """Count bytes against the part that is being read."""
        self._part_size += size
        if self._part_size > PART_BYTES_MAX:
            raise NotStrictError("one part of it is larger than any honest one")

    def take(self, event: str, value: object) -> None:
        """Follow one event of the parser."""
        match event:
            case "map_key":
                self._name(str(value))
            case "start_map":
                self._enter({})
            case "start_array":
                self._enter([])
            case "end_map" | "end_array":
                self._put(self._open.pop())
            case _:
                if isinstance(value, Decimal) and not is_sane(value):
                    raise NotStrictError("a number is larger than any honest one")
                self._put(value)

    def lines(self) -> tuple[StatementLine, ...]:
        """All lines, if the document was one of items and no error."""
        root = self._root if isinstance(self._root, dict) else {}
        # Some billings put the code of an error beside a list that means nothing then.
        result = root.get("result")
        status = result.get("status") if isinstance(result, dict) else None
        if root.get("error") is not None or str(status or 0) != "0":
            raise NotStrictError("the provider answered with an error")
        if root.get("complete", True) is not True:
            raise NotStrictError("the provider says that it is not the whole")
        if self._items is None:
            raise NotStrictError("it has no list of payments")
        return tuple(self._lines)

    def _name(self, key: str) -> None:
        container = self._open[-1]
        if key in container:
            raise NotStrictError("a key stands twice in one object")
        self._keys.append(key)

    def _enter(self, container: dict[str, object] | list[object]) -> None:
        if len(self._open) == DEPTH_MAX:
            raise NotStrictError("it is nested too deeply")
        # As many keys as containers: each of them is an object, so that this is the path and no look-alike.
        if isinstance(container, list) and self._keys == self._path and len(self._open) == len(self._path):
            self._items = container
        self._open.append(container)

    def _put(self, value: object) -> None:
        container = self._open[-1] if self._open else None
        if container is None:
            self._root = value
        elif container is self._items:
            self._item(value)
        elif isinstance(container, dict):
            container[self._keys.pop()] = value
        else:
            container.append(value)

    def _item(self, value: object) -> None:
        if not isinstance(value, dict):
            raise NotStrictError("an item is no object")
        self._part_size = 0
        try:
            line = self._read_line(value)
        except ValueError:
            raise NotStrictError("an item cannot be read") from None
        if line is not None:
            self._lines.append(line)
            self._total_minor += line.amount_minor or 0
        if self._total_minor > TOTAL_MINOR_MAX:
            raise NotStrictError("its sum is larger than any honest one")
