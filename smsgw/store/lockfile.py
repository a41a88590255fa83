"""The lock file beside a SQLite database: one process writes it, and a second one is told which.

The lock is the operating system's (flock), so it ends with its process however that ends; the number inside the file
is only for people.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from smsgw.store.errors import StoreInUse, StoreRefused

# Only the service's own user reads what it stores.
PRIVATE = 0o600


class LockFile:
    """Holds the lock of one database from its making to `release`."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except FileNotFoundError as error:
            folder = database.parent.absolute()
            raise StoreRefused(
                f"{database}: there is no folder {folder}; mount it, or make it: mkdir -m 700 {folder}"
            ) from error
        except OSError as error:
            raise StoreRefused(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise StoreInUse(
                f"{database} is in use by process {holder} ({self._path.name} is locked); "
                "stop it, or ask the running service over its operations API"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process have the database. The file stays: deleting it could free a lock that is held."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
        os.close(self._file)
