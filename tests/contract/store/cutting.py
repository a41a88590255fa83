"""A way over TCP to a PostgreSQL server that is cut at a COMMIT, before or after the server has got it."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final, Self

from psycopg.conninfo import conninfo_to_dict

READ_OCTETS: Final = 65_536
COMMIT: Final = b"COMMIT"


class Cut(Enum):
    """When the link is lost."""

    BEFORE = auto()
    """The server never gets the COMMIT: nothing stands."""
    AT = auto()
    """The server gets it when the link is gone already: it may stand or not."""
    AFTER = auto()
    """The server has committed and answered, and the answer is lost."""


class CuttingProxy:
    """Passes everything on; *cuts* are for the next COMMITs, one each, None = this one passes."""

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self._server = str(Path(str(given["host"])) / ".s.PGSQL.5432")
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = f"postgresql://{given['user']}@127.0.0.1:{port}/{given['dbname']}"
        self.cuts: deque[Cut | None] = deque()
        self.made = 0

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _start(self, run: Callable[..., None], *args: object) -> None:
        threading.Thread(target=run, args=args, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                lost = threading.Event()
                self._start(self._to_server, client, server, lost)
                self._start(self._to_client, client, server, lost)

    def _to_server(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(READ_OCTETS):
                cut = self.cuts.popleft() if COMMIT in data and self.cuts else None
                self.made += cut is not None
                if cut is Cut.AFTER:
                    lost.set()
                if cut is Cut.AT:
                    _end(client)  # first, or the answer could be quicker
                if cut is not Cut.BEFORE:
                    server.sendall(data)
                if cut in {Cut.BEFORE, Cut.AT}:
                    break
        if not lost.is_set():
            _end(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(READ_OCTETS):
                if lost.is_set():
                    break
                client.sendall(data)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for each in ends:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
