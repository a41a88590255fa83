"""How the files of a SQLite database are named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from smsgw.store.files import beside, read_only


def test_what_stands_beside_a_database_has_its_whole_name() -> None:
    assert beside(Path("var/smsgw.sqlite"), "-wal") == Path("var/smsgw.sqlite-wal")


def test_a_file_with_any_name_can_be_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "100% ?#é.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
    with closing(sqlite3.connect(read_only(path), uri=True)) as database:
        assert database.execute("SELECT * FROM t").fetchall() == []
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("INSERT INTO t VALUES (1)")
