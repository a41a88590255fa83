"""Copies of a database: of a SQLite file, made while it is in use, proved, stamped, and put back into its place.

A server has its own tools for copies; only what comes after they have put one back is done here.

Rule 1: a copy gets its name when it is whole, proved and on the disk; until then it is a draft that a crash may leave.
Rule 2: a copy is stamped: the first start from it asks before it pays (see `restored`).
Rule 3: what a copy replaces is kept beside it, with its log.
Rule 4: a log is read to its end before SQLite may write: what it cannot read there it would drop without a word.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from smsgw.store.errors import StoreDamaged, StoreInUse, StoreRefused, TransactionFailed
from smsgw.store.files import beside, read_only
from smsgw.store.lockfile import LockFile
from smsgw.store.migrate import postgres_engine, sqlite_engine, upgrade
from smsgw.store.postgres import WRITERS_LOCK, PostgresConnection
from smsgw.store.proof import QUESTIONS, findings
from smsgw.store.restored import Restored, come_back, look
from smsgw.store.sql import Flavour, compiled
from smsgw.store.sqlite_file import COPIED, damage
from smsgw.store.wal import unreadable, wal_octets

# Pages copied between two words about progress: 4 MB, some ten milliseconds.
PAGES_AT_ONCE: Final = 1000
# What SQLite keeps beside a database; beside another one it would damage that.
COMPANIONS: Final = ("-wal", "-shm", "-journal")

# Each writer of a node holds one of these locks as long as it is connected.
OTHER_WRITERS: Final = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %(space)s::int::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()"
)

Tell = Callable[[int, int], None]
"""How far a copy has come: pages that are left, pages in all."""


def back_up(path: Path, copy: Path, tell: Tell) -> None:
    """Copy a database, which a gateway may have in use, to a new private file; then prove the copy.

    Raises:
        StoreRefused: the copy is there already or cannot be written, or the database is damaged or its books are wrong.
    """
    _refuse_existing(copy)
    _refuse_crashed(path)
    with _draft(copy) as draft:
        _copy(path, draft, tell)
        _refuse_damaged(draft, damage(draft))
        _prove(draft, path)
        _stamp(draft)
        _name(draft, copy)


def restore(copy: Path, path: Path, kept: Path, tell: Tell) -> Restored:
    """Put a copy where *path* is; what is there now is kept as *kept*. The first start from it asks before it pays.

    Returns what is open in the copy.

    Raises:
        StoreRefused: a gateway has the database in use, the copy is damaged or of a newer release, or no file can be
            written there.
    """
    if not copy.is_file() or (path.exists() and copy.samefile(path)):
        raise StoreRefused(f"{copy} is no copy to restore from")
    _refuse_damaged(copy, unreadable(copy) or damage(copy))
    lock = LockFile(path)
    try:
        with _draft(path) as draft:
            _copy(copy, draft, tell)
            upgrade(sqlite_engine(draft), str(copy))
            _prove(draft, copy)
            _stamp(draft)
            found = _look(draft)
            _replace(path, draft, kept)
            return found
    finally:
        lock.release()


def stamp(path: Path) -> Restored:
    """Say of a database that was put into its place by other means that it is a copy; return what is open in it.

    Raises:
        StoreRefused: a gateway has it in use, it is damaged or of a newer release, or its books are wrong.
    """
    lock = LockFile(path)
    try:
        _refuse_damaged(path, unreadable(path) or damage(path))
        upgrade(sqlite_engine(path), str(path))
        _prove(path, path)
        _stamp(path)
        return _look(path)
    finally:
        lock.release()


def mark_server(url: str) -> Restored:
    """Make a PostgreSQL database that was restored fit to go on; its nodes must not run.

    Raises:
        StoreRefused: a node is connected, or the server is out of reach.
    """
    connection = PostgresConnection(url)
    try:
        connection.begin()
        (others,) = connection.execute(OTHER_WRITERS, {"space": WRITERS_LOCK}).fetchone() or (0,)
        connection.rollback()
        if others:
            raise StoreRefused(f"{others} writers are connected to the database: stop every node first")
        upgrade(postgres_engine(url), "the database")
        return come_back(connection)
    except TransactionFailed as failure:
        raise StoreRefused(f"the database: {failure}") from failure
    finally:
        connection.close()


@contextmanager
def _draft(goal: Path) -> Iterator[Path]:
    """A private file beside *goal*, which is gone at the end unless it was put into its place."""
    try:
        file, name = tempfile.mkstemp(prefix=f".{goal.name}.", dir=goal.parent)
    except OSError as error:
        raise StoreRefused(f"{goal}: {error.strerror}") from error
    os.close(file)
    draft = Path(name)
    try:
        yield draft
    except (sqlite3.Error, OSError) as error:
        raise StoreRefused(f"{goal} was not written: {error}") from error
    finally:
        for each in (draft, *(beside(draft, companion) for companion in COMPANIONS)):
            each.unlink(missing_ok=True)


def _copy(source: Path, draft: Path, tell: Tell) -> None:
    """Copy one moment of a database, in pieces, as a file that needs no companion."""
    with (
        closing(sqlite3.connect(read_only(source), uri=True, isolation_level=None)) as database,
        closing(sqlite3.connect(draft, isolation_level=None)) as target,
    ):
        # Without a moment that is held, the copy would begin again whenever somebody writes.
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.backup(target, pages=PAGES_AT_ONCE, progress=lambda _, left, pages: tell(left, pages))
        target.execute("PRAGMA journal_mode = DELETE")


def _refuse_crashed(path: Path) -> None:
    """Refuse a database that a crash left with a damaged log; a gateway that runs has looked at its own start."""
    if not wal_octets(path):
        return
    try:
        lock = LockFile(path)
    except StoreInUse:
        return
    try:
        _refuse_damaged(path, unreadable(path))
    finally:
        lock.release()


def _refuse_damaged(path: Path, found: str) -> None:
    if found:
        raise StoreDamaged(f"{path} is damaged ({found})")


def _prove(draft: Path, source: Path) -> None:
    sql = compiled(Flavour.SQLITE)
    with closing(sqlite3.connect(read_only(draft), uri=True, isolation_level=None)) as database:
        wrong = findings([database.execute(sql[question]).fetchall() for question in QUESTIONS])
    if wrong:
        raise StoreRefused(f"{source}: the books do not balance, so it is nothing to go on from: {wrong[0]}")


def _look(path: Path) -> Restored:
    sql = compiled(Flavour.SQLITE)
    with closing(sqlite3.connect(read_only(path), uri=True, isolation_level=None)) as database:
        return look(lambda statement: database.execute(sql[statement]).fetchone())


def _stamp(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA user_version = {COPIED}")


def _refuse_existing(copy: Path) -> None:
    if copy.exists():
        raise _is_there(copy)


def _is_there(copy: Path) -> StoreRefused:
    return StoreRefused(f"{copy} is there already; a copy replaces nothing")


def _name(draft: Path, copy: Path) -> None:
    """Give a draft its name, unless another copy has got it since."""
    try:
        copy.hardlink_to(draft)
    except FileExistsError as error:
        raise _is_there(copy) from error
    _sync(copy.parent)


def _replace(path: Path, draft: Path, kept: Path) -> None:
    """Put a draft where a database may be, which is kept with its companions: beside the draft its log would be read.

    All of it has both names before its log loses the old one, and the draft takes that of the file itself in one step:
    a start finds a database there at any moment. What fails before is undone.
    """
    present = [each for each in ("", *COMPANIONS) if beside(path, each).exists()]
    linked: list[str] = []
    try:
        for each in present:
            beside(kept, each).hardlink_to(beside(path, each))
            linked.append(each)
        _sync(kept.parent)
        for companion in COMPANIONS:
            beside(path, companion).unlink(missing_ok=True)
        draft.rename(path)
    except OSError:
        for each in linked:
            with suppress(FileExistsError):
                beside(path, each).hardlink_to(beside(kept, each))
            beside(kept, each).unlink()
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have the names of a folder on the disk as well."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
