"""A disk whose power can be cut, and that can fail: SQLite writes to it through a VFS of ours.

What was synced stays. Of what was only written, a cut leaves any part: writes arrive in any order or not at all, and a
single one may be torn at each sector. The model is stricter than most disks; it does not lie about a sync.

SQLite is the one that apsw brings: the standard library's lets nobody put a VFS below it. Everything above the driver
is the product's: `Driver` looks like a connection of `sqlite3` to it.
"""

# ruff: noqa: ARG002, FBT001, N802 -- the methods of a VFS have SQLite's names and arguments

from __future__ import annotations

import copy
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, pairwise
from typing import Any, Final, cast

import apsw

from smsgw.store.schema import schema
from smsgw.store.sql import Flavour

# Of a disk; the smallest part that is written whole or not at all.
SECTOR: Final = 512
# What the system's own VFS says of a file: a write harms no octet beside it.
BESIDE_IS_SAFE: Final = apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE
# How likely each sector that was not synced survives; drawn for each cut, so that extremes come as well.
SURVIVAL: Final = (0.0, 0.1, 0.5, 0.9, 1.0)

_names = count(1)


class Step(StrEnum):
    """What the disk is asked to do, and may fail at."""

    READ = "read"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"


CODES: Final = {
    Step.READ: apsw.SQLITE_IOERR_READ,
    Step.WRITE: apsw.SQLITE_IOERR_WRITE,
    Step.TRUNCATE: apsw.SQLITE_IOERR_TRUNCATE,
    Step.SYNC: apsw.SQLITE_IOERR_FSYNC,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A write at an offset, or (no octets) a new end of the file there."""

    offset: int
    octets: bytes = b""


@dataclass(slots=True)
class Content:
    """A file: what programs see, what the disk surely has, and the changes in between. `exists` = after a cut too."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    unsynced: list[Change] = field(default_factory=list)
    exists: bool = False

    def change(self, change: Change) -> None:
        _apply(self.seen, change)
        self.unsynced.append(change)

    def sync(self) -> None:
        for change in self.unsynced:
            _apply(self.durable, change)
        self.unsynced.clear()
        self.exists = True

    def lose_power(self, chance: random.Random) -> None:
        """Keep what was synced, and of the rest whatever chance leaves."""
        survival = chance.choice(SURVIVAL)
        for change in self.unsynced:
            for part in _sectors(change):
                if chance.random() < survival:
                    _apply(self.durable, part)
                    self.exists = True
        self.unsynced.clear()
        self.seen[:] = self.durable


def _error(error: Any, code: int) -> apsw.Error:
    """An error as apsw makes its own."""
    error.result, error.extendedresult = code & 0xFF, code
    return cast("apsw.Error", error)


def _apply(octets: bytearray, change: Change) -> None:
    if not change.octets:
        del octets[change.offset :]
        return
    octets.extend(bytes(max(0, change.offset - len(octets))))
    octets[change.offset : change.offset + len(change.octets)] = change.octets


def _sectors(change: Change) -> Sequence[Change]:
    if not change.octets:
        return [change]
    first, end = change.offset, change.offset + len(change.octets)
    edges = [first, *range(first // SECTOR * SECTOR + SECTOR, end, SECTOR), end]
    return [Change(begin, change.octets[begin - first : until - first]) for begin, until in pairwise(edges)]


class Disk:
    """Files in memory. After `cut_after` changes and syncs the power goes.

    `failing` steps end with an I/O error; a `full` disk takes no write.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- a seed must bring the same cut again
        self.files: dict[str, Content] = {}
        self.cut_after: int | None = None
        self.failing: set[Step] = set()
        self.full = False
        self.steps: list[Step] = []
        self.dead = False
        self._vfs = _Vfs(f"disk-{next(_names)}", self)

    def open(self, name: str = "smsgw.db") -> sqlite3.Connection:
        """Connect to a database on this disk, as the product's code does."""
        return cast("sqlite3.Connection", Driver(name, self._vfs.name))

    def with_tables(self) -> Disk:
        """Make an empty database, as a first start does."""
        with closing(self.open()) as database:
            for statement in schema(Flavour.SQLITE):
                database.execute(statement)
        return self

    def twin(self) -> Disk:
        """Another disk with the same files, to look at them without changing them."""
        twin = Disk(0)
        twin.files = copy.deepcopy(self.files)
        return twin

    def lose_power(self) -> None:
        """Cut the power, and put it on again."""
        for name, content in list(self.files.items()):
            content.lose_power(self.chance)
            if not content.exists:
                del self.files[name]
        self.dead, self.cut_after = False, None

    def step(self, step: Step) -> None:
        """Take a step.

        Raises:
            apsw.IOError: the power goes at this moment or went before, or the disk fails.
            apsw.FullError: it is full.
        """
        self.steps.append(step)
        if self.cut_after is not None and step is not Step.READ:
            self.cut_after -= 1
            self.dead = self.dead or self.cut_after < 0
        if self.dead or step in self.failing:
            raise _error(apsw.IOError(f"{step} failed"), CODES[step])
        if self.full and step is Step.WRITE:
            raise _error(apsw.FullError("no space left"), apsw.SQLITE_FULL)


class _Vfs(apsw.VFS):
    """Where the names of files lead."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.name = name
        self._disk = disk
        super().__init__(name, base="")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        filename = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        content = self._disk.files.setdefault(filename, Content())
        flags[1] = flags[0]
        return cast("apsw.VFSFile", _File(self._disk, content))

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.step(Step.WRITE)
        self._disk.files.pop(filename, None)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self._disk.files

    def xFullPathname(self, name: str) -> str:
        return name


class _File:
    """An open file, as SQLite sees it. One connection has it, so there is nobody to lock out."""

    def __init__(self, disk: Disk, content: Content) -> None:
        self._disk = disk
        self._content = content

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.step(Step.READ)
        return bytes(self._content.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._change(Step.WRITE, Change(offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        self._change(Step.TRUNCATE, Change(newsize))

    def xSync(self, flags: int) -> None:
        self._disk.step(Step.SYNC)
        self._content.sync()

    def xFileSize(self) -> int:
        return len(self._content.seen)

    def xLock(self, level: int) -> None:
        """Nobody else is there."""

    def xUnlock(self, level: int) -> None:
        """Nobody else is there."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return BESIDE_IS_SAFE

    def xClose(self) -> None:
        """Nothing is kept open."""

    def _change(self, step: Step, change: Change) -> None:
        """The write in hand when the power goes may be torn as well."""
        try:
            self._disk.step(step)
        except apsw.IOError:
            # Of a cut; a disk that fails, or is full, has not taken it.
            self._content.unsynced.append(change)
            raise
        self._content.change(change)


class Driver:
    """Looks like a connection of `sqlite3` that autocommits; an error carries SQLite's code as one of its own would."""

    def __init__(self, name: str, vfs: str) -> None:
        with _as_sqlite3():
            self._connection = apsw.Connection(name, vfs=vfs)
        # Without shared memory, which a VFS of Python's cannot offer, WAL wants to be alone.
        self.execute("PRAGMA locking_mode = EXCLUSIVE")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Mapping[str, object] | Sequence[object] = ()) -> Rows:
        with _as_sqlite3():
            found = self._connection.execute(sql, cast("Any", values or None)).fetchall()
            return Rows(found, self._connection.changes())

    def close(self) -> None:
        with _as_sqlite3():
            self._connection.close()


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raised = sqlite3.OperationalError(str(error))
        raised.sqlite_errorcode = getattr(error, "extendedresult", apsw.SQLITE_ERROR)
        raise raised from error


@dataclass(slots=True)
class Rows:
    """What a statement has found, and how many rows it has changed."""

    found: list[Any]
    rowcount: int

    def fetchone(self) -> Any:
        return self.found.pop(0) if self.found else None

    def fetchall(self) -> list[Any]:
        return self.found
