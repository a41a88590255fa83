"""`smsgw backup`, `smsgw restore`: copies of the database, and the way back.

A SQLite file is copied here, while the gateway runs; a PostgreSQL server is copied by its own tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from smsgw.commands.terminal import CONFIG, ConfigOption, Failed, JsonOption, err, fields, print_json, say
from smsgw.settings.load import environment, load
from smsgw.store.copies import Tell, back_up, mark_server, restore as restore_store, stamp
from smsgw.store.migrate import sqlite_path
from smsgw.store.restored import Restored

SERVER: Final = "the store is a PostgreSQL server: back it up with pg_basebackup or pg_dump"
ASKS_FIRST: Final = "Its first start asks about every open payment before it pays."


def backup(
    file: Annotated[Path, typer.Argument(help="The copy; there must be no such file yet.")],
    config: ConfigOption = CONFIG,
    *,
    as_json: JsonOption = False,
) -> None:
    """Copy a SQLite database while it is in use, and prove the copy: whole, private, its books balanced."""
    path = sqlite_path(load(config, environment()).settings.store.url.get_secret_value())
    if path is None:
        raise Failed(SERVER)
    if not path.exists():
        raise Failed(f"{path} does not exist; relative paths start at the working directory")
    with _progress(f"Copying {path}") as tell:
        back_up(path, file, tell)
    octets = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "octets": octets})
    else:
        say(f"{file}: {octets} octets, whole and proved")


def restore(
    file: Annotated[Path | None, typer.Argument(help="A copy that `smsgw backup` has made.")] = None,
    config: ConfigOption = CONFIG,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="There is a database already: keep it under another name.")
    ] = False,
    in_place: Annotated[
        bool,
        typer.Option("--in-place", help="It was put back by other means: PostgreSQL's, a disk's."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a copy in the database's place, the gateway being stopped. Its first start asks before it pays."""
    if in_place == (file is not None):
        raise typer.BadParameter("name a copy, or say --in-place", param_hint="FILE")
    url = load(config, environment()).settings.store.url.get_secret_value()
    path = sqlite_path(url)
    if file is None:
        found, kept = _mark(url, path), None
    elif path is None:
        raise Failed(f"{SERVER}; after its own restore: smsgw restore --in-place")
    else:
        found, kept = _put_back(file, path, replace=replace)
    document: dict[str, object] = {
        "open_calls": found.calls,
        "void_codes": found.codes,
        "newest_payment": found.newest or None,
        "kept": str(kept) if kept else None,
    }
    if as_json:
        print_json(document)
    else:
        fields(document)
        say(ASKS_FIRST)


def _mark(url: str, path: Path | None) -> Restored:
    if path is None:
        return mark_server(url)
    if not path.exists():
        raise Failed(f"{path} does not exist; relative paths start at the working directory")
    return stamp(path)


def _put_back(file: Path, path: Path, *, replace: bool) -> tuple[Restored, Path | None]:
    """Restore *file*; return what is open in it, and where the database that was there is kept."""
    replaced = path.exists()
    if replaced and path.stat().st_size and not replace:
        raise Failed(
            f"{path} is there already, and may know of payments that the copy does not; to replace it: --replace"
        )
    kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    with _progress(f"Restoring {file}") as tell:
        found = restore_store(file, path, kept, tell)
    return found, kept if replaced else None


@contextmanager
def _progress(what: str) -> Iterator[Tell]:
    """A bar on a terminal; nothing in a pipe."""
    console = err()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda left, pages: bar.update(task, total=pages, completed=pages - left)
