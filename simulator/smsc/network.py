"""Several operators side by side: who a subscriber is with, and everything that is asked of all of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from socket import gaierror

from simulator.settings import OperatorSettings
from simulator.smsc.lines import Line
from simulator.smsc.memory import Memory
from simulator.smsc.mo import Mo, Text
from simulator.smsc.server import SmscServer


@contextmanager
def listening(who: str, host: str, port: int, option: str) -> Iterator[None]:
    """Say who cannot listen where, and the mend, which the system's own words do not. Raises OSError."""
    try:
        yield
    except OSError as error:
        # Of a port that is taken the loop's words name the address once more; of an unknown name there are no others.
        why = error.strerror if isinstance(error, gaierror) else os.strerror(error.errno or 0)
        mend = f"choose another address ({option}, or listen in the file)"
        raise OSError(f"{who} cannot listen at {host}:{port}: {why}; {mend}") from None


class Network:
    """The operators by name, in the order in which they were set; the first takes whoever is nobody else's."""

    def __init__(self, operators: Iterable[OperatorSettings], memory: Memory) -> None:
        self.settings = {one.name: one for one in operators}
        self.memory = memory
        self.servers: Mapping[str, SmscServer] = {
            name: SmscServer(one.smsc, name=name, memory=memory) for name, one in self.settings.items()
        }
        self.ports: dict[str, int] = {}

    async def listen(self) -> None:
        """Start to listen at every operator. Raises OSError when a port is taken."""
        for name, server in self.servers.items():
            one = self.settings[name]
            with listening(name, one.host, one.port, "--smpp"):
                self.ports[name] = await server.listen(one.host, one.port, one.tls)

    async def close(self) -> None:
        """Unbind everyone in order, then end."""
        await asyncio.gather(*(server.close() for server in self.servers.values()))

    @property
    def first(self) -> SmscServer:
        """The operator of whoever is nobody else's."""
        return next(iter(self.servers.values()))

    def chosen(self, operator: object) -> list[SmscServer]:
        """The operator of that name; all of them where it is None. Raises ValueError."""
        if operator is None:
            return list(self.servers.values())
        if not isinstance(operator, str) or operator not in self.servers:
            raise ValueError(f"operator: {operator!r} is none of {', '.join(self.servers)}")
        return [self.servers[operator]]

    def home(self, number: str) -> SmscServer:
        """The operator of a subscriber: the one with the longest prefix that fits."""
        if len(self.servers) == 1:
            return self.first
        digits = number.removeprefix("+")
        fits = [(len(p), name) for name, one in self.settings.items() for p in one.prefixes if digits.startswith(p)]
        return self.servers[max(fits)[1]] if fits else self.first

    def send(self, text: Text) -> Mo:
        """Send a subscriber's text at the operator that it names, or the subscriber's own.

        Raises QueueFullError; ValueError: there is no such operator, or the text is too long.
        """
        server = self.chosen(text.operator)[0] if text.operator else self.home(text.sender)
        return server.send(text)

    def lines(self) -> Iterator[tuple[SmscServer, Line]]:
        """Every session, with its operator."""
        return ((server, line) for server in self.servers.values() for line in server.smsc.lines)

    def find(self, line_id: int) -> tuple[SmscServer, Line] | None:
        """One session by its number."""
        found = ((server, server.smsc.lines.get(line_id)) for server in self.servers.values())
        return next(((server, line) for server, line in found if line is not None), None)

    def receiving(self, system_id: str, *, everywhere: bool = False) -> bool:
        """Whether any bind of *system_id* (`ANY_GATEWAY` for any at all) takes texts at any operator, or at each."""
        found = (server.smsc.lines.receiving(system_id) for server in self.servers.values())
        return all(found) if everywhere else any(found)
