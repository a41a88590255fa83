"""The write-ahead log beside a SQLite file: how large it is, and whether all of it can still be read.

SQLite reads its log up to the first frame that does not fit and passes over the rest in silence: a power cut tears the
end of it, and that was never acknowledged. But each commit is synced before the next begins, so a cut can tear one
commit and no more. Where more commits stand behind the place, the log was damaged, and texts that we acknowledged would
be gone without a word.

The form of the log and of its index: https://www.sqlite.org/walformat.html
"""

from __future__ import annotations

import sqlite3
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from smsgw.log import get_logger
from smsgw.store.files import beside, read_only

# Checkpoints keep the log near 4 MB (1000 pages). A backup or another long look under load may bring it to some tens;
# more than this means that somebody has left a reader open, and each start would have to read it all.
WAL_LARGE: Final = 256 * 1024 * 1024
# The log's file keeps what it once had; after such a time it is cut back to this.
WAL_KEPT: Final = 64 * 1024 * 1024
# Readers that come one after the other let no checkpoint of SQLite's own begin the log anew. From here on the writer
# waits for those that are reading before its next transaction, and again for every quarter that comes on top.
WAL_LIMIT: Final = 16 * 1024 * 1024
# Quick questions are over within this; for a longer reader, a backup, nobody waits longer.
READERS_WAIT_MS: Final = 50
# How often the size is looked at: a full disk is further away than that.
LOOK_EVERY_S: Final = 10.0

# Both in big-endian 32-bit words: magic, version, page size, sequence, two salts, two sums; page, size of the database
# after a commit (0 = not the end of one), two salts, two sums.
_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_SUMMED: Final = 24
_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}
# Where the index (native words) has the number of the last frame that can be read.
_LAST_FRAME: Final = slice(16, 20)
# What a power cut may leave of the commit that it fell into.
TORN_MAX: Final = 1

log = get_logger(__name__)


class Log(NamedTuple):
    """What the frames of a log say: the numbers of those that end a commit. `sound`: its header is whole."""

    sound: bool
    commits: tuple[int, ...]


def wal_octets(path: Path) -> int:
    """The size of the log; 0 = there is none."""
    try:
        return beside(path, "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def unreadable(path: Path) -> str:
    """What is wrong with the log of a database that nobody has open; "" = nothing. Nothing is changed by the look."""
    if not wal_octets(path):
        return ""
    with beside(path, "-wal").open("rb") as file:
        found = read_log(file)
    if not found.sound:
        return "the header of its write-ahead log is damaged"
    if not found.commits:
        return ""
    try:
        last = _last_frame(path)
    except sqlite3.DatabaseError as error:
        return str(error)
    lost = sum(commit > last for commit in found.commits)
    return f"{lost} commits of its write-ahead log cannot be read" if lost > TORN_MAX else ""


def read_log(file: BinaryIO) -> Log:
    """Read the headers of a log and of its frames."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not any(header):
        return Log(sound=True, commits=())
    magic, _, page_size, _, *salts_and_sums = _HEADER.unpack(header)
    order = _MAGIC.get(magic)
    if order is None or _sums(header[:_SUMMED], order) != tuple(salts_and_sums[2:]):
        return Log(sound=False, commits=())
    frames = enumerate(_frames(file, page_size), 1)
    # Behind the newest frames stand those of the time before the last checkpoint, with other salts.
    return Log(True, tuple(n for n, (_, ends, *rest) in frames if ends and rest[:2] == salts_and_sums[:2]))


class WalLimit:
    """Says when the writer should begin the log anew. While a reader stays, each quarter more is a new try.

    *octets* says how large the log is now.
    """

    def __init__(self, octets: Callable[[], int]) -> None:
        self._octets = octets
        self._limit = WAL_LIMIT

    def is_reached(self) -> bool:
        """True once the log is so long."""
        octets = self._octets()
        if octets < self._limit:
            return False
        self._limit = octets + WAL_LIMIT // 4
        return True

    def is_well(self) -> None:
        """The log is empty."""
        self._limit = WAL_LIMIT


class WalWatch:
    """Tells operations once when the log becomes large, and once when it is well again. *path* = None: no file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._is_large = False

    def octets(self) -> int:
        """The size of the log now."""
        return 0 if self._path is None else wal_octets(self._path)

    async def look(self) -> int:
        """One look; return the size."""
        octets = self.octets()
        if self._is_large != (octets > WAL_LARGE):
            self._is_large = not self._is_large
            if self._is_large:
                log.error("store.wal_large", octets=octets)
            else:
                log.info("store.wal_well", octets=octets)
        return octets


def _last_frame(path: Path) -> int:
    """The last frame that SQLite can read: a reader recovers the index, and changes neither database nor log."""
    with closing(sqlite3.connect(read_only(path), uri=True)) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        index = beside(path, "-shm").read_bytes()
    return int.from_bytes(index[_LAST_FRAME], sys.byteorder)


def _frames(file: BinaryIO, page_size: int) -> Iterator[tuple[int, ...]]:
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        yield _FRAME.unpack(head)
        file.seek(page_size, 1)


def _sums(octets: bytes, order: str) -> tuple[int, int]:
    """SQLite's running sums, over pairs of words."""
    first = second = 0
    for one, other in struct.iter_unpack(f"{order}2I", octets):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
