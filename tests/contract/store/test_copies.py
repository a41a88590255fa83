"""Copies of a database: of one that is in use, proved, stamped, and put back without losing what they replace."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.ledger.rules import top_up
from smsgw.store import copies
from smsgw.store.copies import back_up, restore, stamp
from smsgw.store.errors import StoreDamaged, StoreRefused
from smsgw.store.files import beside, read_only
from smsgw.store.sqlite_file import COPIED, damage
from smsgw.store.store import SqlStore
from tests.contract.store.migrations.steps import migrate_to
from tests.contract.store.samples import (
    ALISHER,
    as_killed,
    executed,
    files,
    nobody,
    opened,
    payment,
)


def silent(left: int, pages: int) -> None:
    """A copy whose progress nobody looks at."""


def refuse(*_: object) -> None:
    """A step of the disk that fails."""
    raise OSError(errno.EIO, "Input/output error")


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(read_only(path), uri=True)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


async def paid_in(store: SqlStore, first: int, count: int) -> None:
    """So many top-ups, each a transaction of its own."""
    for number in range(first, first + count):
        transfer = top_up(str(number), ALISHER, "till", Money(1, UZS))
        await store.write(ALISHER, lambda tx, t=transfer: (tx.subscribers.lock(ALISHER), tx.ledger.apply(t)))  # type: ignore[misc]


@pytest.mark.proves("A88")
async def test_a_copy_is_private_whole_stamped_and_one_file(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, lambda tx: executed(tx, payment()))
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
    copy = tmp_path / "copy.db"
    assert (copy.stat().st_mode & 0o777, damage(copy), version_of(copy)) == (0o600, "", COPIED)
    assert [each.name for each in files(tmp_path)] == ["copy.db", "smsgw.db", "smsgw.db.lock"]


async def test_a_copy_is_of_one_moment_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made in pieces, nobody waits for it, and it does not begin again."""
    monkeypatch.setattr(copies, "PAGES_AT_ONCE", 1)
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 50)
        loop, seen = asyncio.get_running_loop(), list[int]()

        def tell(left: int, pages: int) -> None:
            seen.append(left)
            if len(seen) < 5:
                asyncio.run_coroutine_threadsafe(paid_in(store, 1000 * len(seen), 5), loop).result(10)

        await asyncio.to_thread(back_up, tmp_path / "smsgw.db", tmp_path / "copy.db", tell)
        assert len(await store.reads.accounts()) == 2
    assert seen == list(range(len(seen) - 1, -1, -1))
    assert len(seen) > 20
    with closing(sqlite3.connect(read_only(tmp_path / "copy.db"), uri=True)) as database:
        assert database.execute("SELECT count(*) FROM transfers").fetchone() == (50,)


@pytest.mark.parametrize("what", ["a file", "a missing folder"])
async def test_a_copy_replaces_nothing_and_leaves_nothing_half_done(tmp_path: Path, what: str) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, nobody)
    copy = tmp_path / "copy.db" if what == "a file" else tmp_path / "nowhere" / "copy.db"
    if what == "a file":
        copy.write_bytes(b"precious")
    before = files(tmp_path)
    with pytest.raises(StoreRefused, match=r"copy\.db"):
        back_up(tmp_path / "smsgw.db", copy, silent)
    assert files(tmp_path) == before
    assert what != "a file" or copy.read_bytes() == b"precious"


async def test_of_two_backups_to_one_name_the_first_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both had looked, and there was none."""
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, nobody)
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"precious")
    monkeypatch.setattr(copies, "_refuse_existing", nobody)
    with pytest.raises(StoreRefused, match=r"copy\.db is there already"):
        back_up(tmp_path / "smsgw.db", copy, silent)
    assert copy.read_bytes() == b"precious"
    assert [each for each in files(tmp_path) if "copy" in each.name] == [copy]


async def test_a_copy_that_is_damaged_or_does_not_balance_is_none(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, lambda tx: executed(tx, payment()))
    with closing(sqlite3.connect(tmp_path / "smsgw.db", isolation_level=None)) as database:
        database.execute("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE name LIKE 'wallet%'")
    with pytest.raises(StoreRefused, match="the books do not balance"):
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
    with pytest.raises(StoreRefused, match="the books do not balance"):
        stamp(tmp_path / "smsgw.db")
    assert version_of(tmp_path / "smsgw.db") == 0
    content = bytearray((tmp_path / "smsgw.db").read_bytes())
    content[8192:40960] = os.urandom(32768)
    (tmp_path / "smsgw.db").write_bytes(content)
    with pytest.raises(StoreDamaged):
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
    assert not [each for each in files(tmp_path) if "copy" in each.name]


async def test_what_a_copy_replaces_is_kept_with_its_log(tmp_path: Path) -> None:
    """A log that was left beside the copy would be read as the copy's."""
    path, copy, kept = tmp_path / "smsgw.db", tmp_path / "copy.db", tmp_path / "kept.db"
    async with opened(f"sqlite:///{path}") as store:
        await paid_in(store, 0, 3)
        back_up(path, copy, silent)
        await paid_in(store, 100, 3)
        as_killed(path, tmp_path / "killed.db")
    path = tmp_path / "killed.db"
    restore(copy, path, kept, silent)
    assert not beside(path, "-wal").exists()
    for each, top_ups in ((path, 3), (kept, 6)):
        async with opened(f"sqlite:///{each}") as store:
            wallet = (await store.reads.accounts())[-1]
            assert (wallet.name, wallet.credits_posted) == (f"wallet:{ALISHER}", top_ups)
    assert damage(copy) == ""


@pytest.mark.parametrize("failing", ["the name to keep it", "the name to keep its log", "the last step"])
async def test_a_restore_that_fails_in_the_middle_leaves_the_database_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path, copy, kept = tmp_path / "killed.db", tmp_path / "copy.db", tmp_path / "kept.db"
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 3)
        back_up(tmp_path / "smsgw.db", copy, silent)
        await paid_in(store, 100, 3)
        as_killed(tmp_path / "smsgw.db", path)
    taken = {"the name to keep it": kept, "the name to keep its log": beside(kept, "-wal")}.get(failing)
    if taken is None:
        monkeypatch.setattr(Path, "rename", refuse)
    else:
        taken.write_bytes(b"precious")
    before = {each: each.read_bytes() for each in files(tmp_path)}
    with pytest.raises(StoreRefused, match=r"killed\.db was not written"):
        restore(copy, path, kept, silent)
    assert {each: each.read_bytes() for each in before} == before
    assert {each.name for each in files(tmp_path)} <= {each.name for each in before} | {"killed.db.lock"}
    async with opened(f"sqlite:///{path}") as store:
        assert (await store.reads.accounts())[-1].credits_posted == 6


async def test_an_empty_place_gets_the_copy_and_keeps_nothing(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 1)
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
    (tmp_path / "new").mkdir()
    restore(tmp_path / "copy.db", tmp_path / "new" / "smsgw.db", tmp_path / "new" / "kept.db", silent)
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["smsgw.db", "smsgw.db.lock"]


async def test_a_database_in_use_is_neither_replaced_nor_stamped(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 1)
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
        with pytest.raises(StoreRefused, match="in use by process"):
            restore(tmp_path / "copy.db", tmp_path / "smsgw.db", tmp_path / "kept.db", silent)
        with pytest.raises(StoreRefused, match="in use by process"):
            stamp(tmp_path / "smsgw.db")
        await paid_in(store, 1, 1)


@pytest.mark.parametrize("name", ["nowhere.db", "smsgw.db", "damaged.db"])
async def test_what_is_no_copy_is_not_restored(tmp_path: Path, name: str) -> None:
    """There is none, it is the database itself, or it is damaged: nothing changes."""
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 1)
    (tmp_path / "damaged.db").write_bytes(b"no database " * 1000)
    before = (tmp_path / "smsgw.db").read_bytes()
    with pytest.raises(StoreRefused, match=name):
        restore(tmp_path / name, tmp_path / "smsgw.db", tmp_path / "kept.db", silent)
    assert (tmp_path / "smsgw.db").read_bytes() == before
    assert not (tmp_path / "kept.db").exists()


async def test_a_copy_of_an_earlier_release_is_brought_up_to_date_and_one_of_a_later_refused(tmp_path: Path) -> None:
    migrate_to(f"sqlite:///{tmp_path}/copy.db", "0001")
    restore(tmp_path / "copy.db", tmp_path / "smsgw.db", tmp_path / "kept.db", silent)
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        assert await store.reads.actions(None, 1) == []
    with closing(sqlite3.connect(tmp_path / "copy.db", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreRefused, match=r"copy\.db has schema 9999, made by a newer smsgw"):
        restore(tmp_path / "copy.db", tmp_path / "other.db", tmp_path / "kept.db", silent)
