"""Ports for whoever has to be told one before it listens."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

# Between the ports of well-known services and those of connections (Linux gives these from 32,768 on).
FIRST_PORT: Final = 20_000
WORKERS: Final = 20
PORTS_EACH: Final = 600


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, and that nobody else takes meanwhile.

    They are below those that the system gives to connections, which could be given away before anybody listens; and
    each worker of a test run looks among its own, because what one has found another could take before it is used.
    """
    found: list[int] = []
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + worker % WORKERS * PORTS_EACH
    for port in range(first + os.getpid() % (PORTS_EACH // 2), first + PORTS_EACH):
        with suppress(OSError), socket.socket() as tried:
            tried.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found


def free_port() -> int:
    """One such port."""
    (port,) = free_ports(1)
    return port
