"""`smsgw backup`, `smsgw restore`: what they say, what they refuse, and what they leave."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from smsgw.store.lockfile import LockFile
from tests.integration.commands.conftest import Shell

NOTHING_OPEN = "open calls  0\nvoid codes  0\n"
FIRST_START = "Its first start asks about every open payment before it pays."


@pytest.fixture
def database(smsgw: Shell) -> Path:
    """A database with its tables."""
    smsgw("migrate")
    return smsgw.folder / "var" / "smsgw.sqlite"


@pytest.fixture
def copy(smsgw: Shell, database: Path) -> Path:
    """A copy of it."""
    assert smsgw("backup", "copy.sqlite").code == 0
    return smsgw.folder / "copy.sqlite"


def next_number(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT next FROM numbers").fetchone()[0])


def test_a_backup_is_a_whole_database_and_never_overwrites(smsgw: Shell) -> None:
    assert smsgw("backup", "copy.sqlite").code == 1
    smsgw("migrate")
    made, again = smsgw("backup", "copy.sqlite"), smsgw("backup", "copy.sqlite")

    assert (made.code, again.code, again.err) == (
        0,
        1,
        "smsgw: copy.sqlite is there already; a copy replaces nothing\n",
    )
    assert (made.out.endswith(" octets, whole and proved\n"), made.err) == (True, "")
    with closing(sqlite3.connect(smsgw.folder / "copy.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_backup_tells_programs_what_it_has_made(smsgw: Shell, database: Path) -> None:
    made = json.loads(smsgw("backup", "copy.sqlite", "--json").out)
    assert made == {"file": "copy.sqlite", "octets": (smsgw.folder / "copy.sqlite").stat().st_size}


def test_a_server_is_backed_up_by_its_own_tools(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_STORE__URL", "postgresql://smsgw@db.example/smsgw")
    refused, restored = smsgw("backup", "copy.sqlite"), smsgw("restore", "copy.sqlite")

    assert (refused.code, restored.code) == (1, 1)
    assert "pg_basebackup" in refused.err
    assert "smsgw restore --in-place" in restored.err


@pytest.mark.proves("F58")
def test_a_copy_takes_an_empty_place_and_is_started_as_a_copy(smsgw: Shell, database: Path, copy: Path) -> None:
    before = next_number(database)
    database.unlink()
    restored = smsgw("restore", "copy.sqlite")

    assert restored == (0, f"{NOTHING_OPEN}{FIRST_START}\n", "")
    assert smsgw("ledger", "check").code == 0
    assert next_number(database) == before + 1_000_000


def test_a_database_is_replaced_only_when_that_is_said_and_is_kept(smsgw: Shell, database: Path, copy: Path) -> None:
    refused = smsgw("restore", "copy.sqlite")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(
        "smsgw: var/smsgw.sqlite is there already, and may know of payments that the copy does not"
    )
    assert "--replace" in refused.err

    with closing(sqlite3.connect(database, isolation_level=None)) as one:
        one.execute("UPDATE numbers SET next = 77")
    restored = smsgw("restore", "copy.sqlite", "--replace", "--json")
    kept = Path(json.loads(restored.out)["kept"])
    assert (restored.code, next_number(kept), next_number(database)) == (0, 77, 10_000_000)
    assert smsgw("restore", "nowhere.sqlite", "--replace").code == 1


def test_a_running_gateway_s_database_is_never_replaced(smsgw: Shell, database: Path, copy: Path) -> None:
    lock = LockFile(database)
    refused = smsgw("restore", "copy.sqlite", "--replace"), smsgw("restore", "--in-place")
    lock.release()
    assert [(each.code, "in use by process" in each.err) for each in refused] == [(1, True), (1, True)]


@pytest.mark.proves("F14")
def test_a_damaged_copy_is_two_and_changes_nothing(smsgw: Shell, database: Path, copy: Path) -> None:
    copy.write_bytes(b"no database " * 1000)
    refused = smsgw("restore", "copy.sqlite", "--replace")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "smsgw: copy.sqlite is damaged (file is not a database)\n"
    assert next_number(database) == 10_000_000


def test_what_was_put_back_by_other_means_is_started_as_a_copy(smsgw: Shell, database: Path) -> None:
    restored = smsgw("restore", "--in-place")
    smsgw("ledger", "check")
    assert (restored.out, next_number(database)) == (f"{NOTHING_OPEN}{FIRST_START}\n", 11_000_000)


def test_a_database_that_is_not_there_is_not_marked(smsgw: Shell) -> None:
    refused = smsgw("restore", "--in-place")
    assert (refused.code, "does not exist" in refused.err) == (1, True)


@pytest.mark.postgres
def test_a_server_that_was_put_back_is_marked(smsgw: Shell, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_STORE__URL", postgres_url)
    restored = smsgw("restore", "--in-place", "--json")
    found = {"open_calls": 0, "void_codes": 0, "newest_payment": None, "kept": None}
    assert (restored.code, json.loads(restored.out)) == (0, found)


@pytest.mark.parametrize("arguments", [(), ("copy.sqlite", "--in-place")])
def test_wrong_usage_is_two(smsgw: Shell, arguments: tuple[str, ...]) -> None:
    refused = smsgw("restore", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "name a copy, or say --in-place" in refused.err
