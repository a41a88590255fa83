"""The write-ahead log: it stays small, says when it does not, and damage in it is told from what a power cut leaves."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from structlog.testing import capture_logs

from smsgw.domain.money import UZS, Money
from smsgw.domain.phones import Msisdn
from smsgw.ledger.rules import top_up
from smsgw.store import wal
from smsgw.store.copies import back_up, restore, stamp
from smsgw.store.errors import StoreDamaged
from smsgw.store.files import beside, read_only
from smsgw.store.opening import open_store
from smsgw.store.proof import ACCOUNTS
from smsgw.store.sqlite_file import WRITING
from smsgw.store.store import SqlStore
from smsgw.store.wal import Log, WalLimit, WalWatch, read_log, unreadable, wal_octets
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, as_killed, opened, payment, sms, surroundings
from tests.contract.store.test_copies import silent

HEADER: Final = 32
FRAME: Final = 24 + 4096
MB: Final = 1024 * 1024
UNREADABLE: Final = r"is damaged \(1[0-9] commits of its write-ahead log cannot be read\)"


def pay_in(number: int, tx: Tx) -> None:
    who = Msisdn(f"+9989012{number % 1000:05d}")
    tx.subscribers.lock(who)
    tx.ledger.apply(top_up(str(number), who, "till", Money(1, UZS)))
    tx.outbox.add(sms(who, values={"sum": "x" * 200}))


async def paid_in(store: SqlStore, first: int, count: int) -> None:
    await asyncio.gather(*(store.write(str(n % 7), partial(pay_in, n)) for n in range(first, first + count)))


async def killed(folder: Path, commits: int = 20) -> Path:
    """A database as a kill leaves it: nothing of its log is in the file yet."""
    async with opened(f"sqlite:///{folder}/living.db") as store:
        for number in range(commits):
            await store.write(ALISHER, partial(pay_in, number))
        return as_killed(folder / "living.db", folder / "smsgw.db")


def flip(path: Path, place: int) -> None:
    """One bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)


def commits_of(path: Path) -> tuple[int, ...]:
    with beside(path, "-wal").open("rb") as file:
        found = read_log(file)
    assert found.sound
    return found.commits


async def test_a_log_that_a_kill_left_is_whole(tmp_path: Path) -> None:
    path = await killed(tmp_path)
    before = beside(path, "-wal").read_bytes()
    assert len(commits_of(path)) >= 20
    assert unreadable(path) == ""
    assert beside(path, "-wal").read_bytes() == before


@pytest.mark.proves("F14")
@pytest.mark.parametrize("place", ["a page", "the salt of a frame", "the size after a commit"])
async def test_a_flipped_bit_in_the_log_is_refused_and_changes_nothing(tmp_path: Path, place: str) -> None:
    """SQLite would go on without all the commits behind it, and say nothing."""
    path = await killed(tmp_path)
    third = HEADER + (commits_of(path)[2] - 1) * FRAME
    offset = {"a page": 24 + 1000, "the salt of a frame": 8, "the size after a commit": 7}[place]
    flip(beside(path, "-wal"), third + offset)
    files = {each: each.read_bytes() for each in (path, beside(path, "-wal"))}
    with pytest.raises(StoreDamaged, match=UNREADABLE):
        await open_store(f"sqlite:///{path}", surroundings())
    assert {each: each.read_bytes() for each in files} == files


TAKEN: Final = pytest.mark.parametrize("taken", ["a snapshot in place", "a copy with a log", "a backup after a crash"])


def take(taken: str, path: Path) -> Path:
    """Take a database that a kill has left for a copy, or make one of it; where the copy is."""
    other = path.with_name("other.db")
    match taken:
        case "a snapshot in place":
            stamp(path)
            return path
        case "a copy with a log":
            restore(path, other, path.with_name("kept.db"), silent)
        case _:
            back_up(path, other, silent)
    return other


@pytest.mark.proves("F14")
@TAKEN
async def test_with_a_flipped_bit_in_its_log_nothing_is_taken_for_a_copy(tmp_path: Path, taken: str) -> None:
    """It would be stamped, or copied, without the commits that SQLite drops; nothing is changed, and nothing made."""
    path = await killed(tmp_path)
    flip(beside(path, "-wal"), HEADER + (commits_of(path)[2] - 1) * FRAME + 1000)
    files = {each: each.read_bytes() for each in (path, beside(path, "-wal"))}
    with pytest.raises(StoreDamaged, match=UNREADABLE):
        take(taken, path)
    assert {each: each.read_bytes() for each in files} == files
    assert not (tmp_path / "other.db").exists()


@TAKEN
async def test_all_of_a_whole_log_is_in_the_copy(tmp_path: Path, taken: str) -> None:
    with closing(sqlite3.connect(read_only(take(taken, await killed(tmp_path))), uri=True)) as database:
        assert database.execute("SELECT count(*) FROM transfers").fetchone() == (20,)


@pytest.mark.proves("F14")
async def test_a_flipped_bit_in_the_header_of_the_log_is_refused(tmp_path: Path) -> None:
    path = await killed(tmp_path)
    for place in range(HEADER):
        flip(beside(path, "-wal"), place)
        assert unreadable(path) == "the header of its write-ahead log is damaged"
        flip(beside(path, "-wal"), place)


async def test_what_a_power_cut_tears_is_no_damage(tmp_path: Path) -> None:
    """The end of the log: the commit that was under way, which nobody was told of."""
    path = await killed(tmp_path)
    flip(beside(path, "-wal"), HEADER + (commits_of(path)[-1] - 1) * FRAME + 100)
    assert unreadable(path) == ""
    async with opened(f"sqlite:///{path}") as store:
        assert await store.reads.unbalanced() == []


@pytest.mark.parametrize("octets", [b"", bytes(10), bytes(HEADER), bytes(5000)])
def test_a_log_that_was_never_written_is_empty(octets: bytes) -> None:
    assert read_log(io.BytesIO(octets)) == Log(sound=True, commits=())


async def test_frames_from_before_the_last_checkpoint_are_no_commits(tmp_path: Path) -> None:
    """The log begins again at its head; what stands behind is of the time before."""
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await paid_in(store, 0, 500)
        await store.write("", lambda tx: tx.now_us)
        with closing(sqlite3.connect(tmp_path / "smsgw.db")) as database:
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
        assert len(commits_of(tmp_path / "smsgw.db")) == 1
        assert wal_octets(tmp_path / "smsgw.db") > 30 * FRAME


async def reading(store: SqlStore, stop: asyncio.Event) -> None:
    """Quick questions, each on a connection of its own, one after the other."""
    while not stop.is_set():
        await store._reader.snapshot([ACCOUNTS])


@pytest.mark.proves("F15")
async def test_under_a_long_load_the_log_stays_at_its_limit_although_somebody_always_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three that overlap; the limit is 1 MB here, 16 MB in earnest, and quarters come on top where they are slow."""
    monkeypatch.setattr(wal, "WAL_LIMIT", MB)
    monkeypatch.setattr("smsgw.store.sqlite_file.WRITING", (*WRITING, "PRAGMA wal_autocheckpoint = 0"))
    largest, stop = 0, asyncio.Event()
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        readers = [asyncio.ensure_future(reading(store, stop)) for _ in range(3)]
        for first in range(0, 5000, 200):
            await paid_in(store, first, 200)
            largest = max(largest, wal_octets(tmp_path / "smsgw.db"))
        stop.set()
        await asyncio.gather(*readers)
    assert MB < largest < 3 * MB


def test_a_reader_that_stays_is_waited_for_at_each_quarter_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "WAL_LIMIT", 12)
    sizes = (0, 11, 12, 14, 15, 17, 18, 500, 502)
    limit = WalLimit(iter((*sizes, 12)).__next__)
    reached = [limit.is_reached() for _ in sizes]
    assert reached == [False, False, True, False, True, False, True, True, False]
    limit.is_well()
    assert limit.is_reached()


@pytest.mark.proves("F15")
async def test_a_reader_that_stays_lets_it_grow_which_is_told_until_it_is_cut_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "smsgw.db"
    monkeypatch.setattr(wal, "WAL_LARGE", 6 * MB)
    monkeypatch.setattr("smsgw.store.sqlite_file.WRITING", (*WRITING, "PRAGMA journal_size_limit = 1048576"))
    watch = WalWatch(path)
    async with opened(f"sqlite:///{path}") as store:
        await paid_in(store, 0, 200)
        with capture_logs() as told, closing(sqlite3.connect(read_only(path), uri=True)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM payments").fetchone()
            assert await watch.look() < 6 * MB
            for first in range(200, 7_000, 200):
                await paid_in(store, first, 200)
            assert await watch.look() == await watch.look() > 6 * MB
            reader.execute("ROLLBACK")
            for first in range(10_000, 10_600, 200):
                await paid_in(store, first, 200)
            assert await watch.look() <= 6 * MB
    assert [each["event"] for each in told if each["event"].startswith("store.wal")] == [
        "store.wal_large",
        "store.wal_well",
    ]


async def test_a_server_has_no_such_log() -> None:
    assert (WalWatch(None).octets(), await WalWatch(None).look()) == (0, 0)
