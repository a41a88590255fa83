"""A SQLite database on disk: made privately, checked, copied; what was acknowledged survives a kill."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from smsgw.domain.payment import State
from smsgw.ports import StoreUnavailable
from smsgw.store import sqlite_file
from smsgw.store.errors import StoreDamaged, StoreRefused
from smsgw.store.files import read_only
from smsgw.store.opening import open_store
from smsgw.store.sqlite_file import has_wal_reset_bug, prepare
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, files, opened, part, payment, sms, surroundings

CANARY = b"canary-password"
# Writes top-ups of one tiyin for ever, and prints the number of each once it is acknowledged.
CHILD = """
import asyncio, sys
from smsgw.domain.money import UZS, Money
from smsgw.ledger.rules import top_up
from smsgw.store.opening import open_store
from tests.contract.store.samples import ALISHER, surroundings

async def main():
    store = await open_store(sys.argv[1], surroundings())
    async def one(lane):
        for number in range(lane, 10**9, 8):
            transfer = top_up(f"{sys.argv[2]}-{number}", ALISHER, "till", Money(1, UZS))
            await store.write(ALISHER, lambda tx: (tx.subscribers.lock(ALISHER), tx.ledger.apply(transfer)))
            print(number, flush=True)
    await asyncio.gather(*(one(lane) for lane in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("version", "has_bug"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_with_the_wal_reset_bug(version: tuple[int, ...], has_bug: bool) -> None:  # noqa: FBT001 -- a column
    assert has_wal_reset_bug(version) == has_bug


@pytest.mark.proves("A88")
async def test_every_file_is_private(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, lambda tx: add_payment(tx, payment()))
        modes = {each.name: each.stat().st_mode & 0o777 for each in files(tmp_path)}
    assert modes == dict.fromkeys(["smsgw.db", "smsgw.db-wal", "smsgw.db-shm", "smsgw.db.lock"], 0o600)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="no_such_folder"):
        prepare(tmp_path / "no_such_folder" / "smsgw.db")


async def filled(path: Path) -> None:
    """A database of several hundred pages."""

    def fill(tx: Tx) -> None:
        for number in range(1, 500):
            add_payment(tx, payment(number, state=State.EXECUTED, refusal="x" * 400))

    async with opened(f"sqlite:///{path}") as store:
        await store.write(ALISHER, fill)


@pytest.mark.proves("F14")
async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "smsgw.db"
    await filled(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = os.urandom(20_000)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="is damaged"):
        await open_store(f"sqlite:///{path}", surroundings())


@pytest.mark.proves("F14")
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "smsgw.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDamaged, match="is damaged"):
        await open_store(f"sqlite:///{tmp_path}/smsgw.db", surroundings())


async def test_a_large_file_is_not_checked_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(tmp_path / "smsgw.db")
    monkeypatch.setattr(sqlite_file, "CHECKED_AT_START_MAX", 4096)
    monkeypatch.setattr(sqlite_file, "damage", lambda _: "found although nobody asked")
    prepare(tmp_path / "smsgw.db")


async def test_no_part_of_a_text_stands_in_any_file(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        await store.write(ALISHER, lambda tx: tx.messages.add_part(ALISHER, part(payload=CANARY, identity=CANARY)))
        await store.reads.counts()
        contents = b"".join(each.read_bytes() for each in files(tmp_path))
    assert ALISHER.encode() in contents
    forms = [CANARY, CANARY.hex().encode(), CANARY[::-1], CANARY.decode().encode("utf-16-be")]
    assert not [form for form in forms if form in contents]


def acknowledged_until_killed(url: str, run: int) -> list[int]:
    """Run the writing child for a moment, kill it, and return what it had acknowledged."""
    command = [sys.executable, "-c", CHILD, url, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 -- our own code
        assert child.stdout is not None
        while not (first := child.stdout.readline().strip()).isdigit():
            """A log line of the start."""
        time.sleep(0.2)
        child.kill()
        lines = child.stdout.read().split("\n")
    # The last line may be cut by the kill.
    return [int(line) for line in (first, *lines[:-1])]


async def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/smsgw.db"
    expected = {f"topup:till:{run}-{number}" for run in range(3) for number in acknowledged_until_killed(url, run)}
    assert len(expected) > 50
    async with opened(url) as store:
        with closing(sqlite3.connect(read_only(tmp_path / "smsgw.db"), uri=True)) as database:
            kept = {row[0] for row in database.execute("SELECT id FROM transfers")}
        assert expected <= kept
        assert await store.reads.unbalanced() == []


async def test_a_file_that_disappears_below_the_reader_is_an_outage(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        (tmp_path / "smsgw.db").unlink()
        with pytest.raises(StoreUnavailable):
            await store.reads.unbalanced()


async def test_leases_of_a_process_that_is_gone_hold_nothing_up(tmp_path: Path) -> None:
    """The lock file proves that whoever held a lease is dead, so its rows are due at once after a restart."""
    url = f"sqlite:///{tmp_path / 'smsgw.sqlite'}"
    async with opened(url) as store:
        await store.write(ALISHER, lambda tx: tx.outbox.add(sms()))
    async with opened(url) as store:
        claimed = await store.write("", lambda tx: tx.outbox.claim(tx.now_us + 1, 10))

    assert [each.epoch for each in claimed] == [2]
