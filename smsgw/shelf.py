"""The shelf: a folder in which the files for providers stand, each whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

# A registry names accounts of people: nobody but the gateway's user and whoever sends it reads it.
FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640


class FolderShelf:
    """Implements `ports.Shelf`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, octets: bytes) -> None:
        """Put a file there under its name; a reader sees all of it or none. The same file again changes nothing.

        Raises:
            OSError: the folder cannot be made or written.
        """
        assert Path(name).name == name, f"{name!r} is no plain file name"
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / name)
