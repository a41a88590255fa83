"""Where the files of a SQLite database stand, and how they are named to SQLite."""

from __future__ import annotations

from pathlib import Path


def beside(path: Path, suffix: str) -> Path:
    """A file that SQLite keeps beside the database: `-wal`, `-shm`, `-journal`."""
    return path.with_name(path.name + suffix)


def read_only(path: Path) -> str:
    """The URI of a file that can only be read through it."""
    return f"{path.absolute().as_uri()}?mode=ro"
