"""One node of the gateway as a test sees it: started, killed, gone; a process that shares nothing with the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.integration.gateway import CONFIG, SECRETS

# To load the program, on a machine that does other things too.
LOAD_S: Final = 30.0
END_S: Final = 30.0
KILLED: Final = signal.SIGKILL.value


class Node:
    """The processes that follow one another in one place; at most one of them lives."""

    def __init__(self, config: Path, nursery: asyncio.subprocess.Process, log: Path) -> None:
        self._config = config
        self._nursery = nursery
        self._log = log
        self.pid = 0
        self._ended: asyncio.Future[str] | None = None

    @property
    def lives(self) -> bool:
        """True while there is a process."""
        return self._ended is not None and not self._ended.done()

    async def start(self, failpoint: str = "") -> None:
        """Start the gateway, to die at a failpoint or to live."""
        assert not self.lives, "one after another"
        assert self._nursery.stdin is not None, "the nursery was started with a pipe"
        self._nursery.stdin.write(f"{self._config} {failpoint}\n".encode())
        self.pid = int(await asyncio.wait_for(self._told(), LOAD_S))
        self._ended = asyncio.ensure_future(self._told())

    async def dies(self, timeout_s: float) -> None:
        """Wait until it has killed itself.

        Raises:
            TimeoutError: it lives on.
        """
        assert self._ended is not None, "started first"
        status = await asyncio.wait_for(asyncio.shield(self._ended), timeout_s)
        assert int(status) == KILLED, f"the gateway ended by itself, with {status}:\n{self.said()}"

    async def kill(self) -> None:
        """Kill it, now."""
        if self.lives:
            os.kill(self.pid, signal.SIGKILL)
            await self.dies(END_S)

    async def leave(self) -> None:
        """Let it leave in order."""
        assert self._ended is not None, "started first"
        os.kill(self.pid, signal.SIGTERM)
        assert int(await asyncio.wait_for(self._ended, END_S)) == 0, self.said()

    def log(self) -> str:
        """What all nodes have said."""
        return self._log.read_text()

    def said(self) -> str:
        """The end of it."""
        return self.log()[-4000:]

    async def _told(self) -> str:
        assert self._nursery.stdout is not None, "the nursery was started with a pipe"
        return (await self._nursery.stdout.readline()).decode()


@asynccontextmanager
async def nodes(config: Path, count: int = 1, environment: dict[str, str] | None = None) -> AsyncIterator[list[Node]]:
    """Places for so many nodes of one configuration; what still lives at the end is killed."""
    log = config.with_name("gateway.log")
    command = (sys.executable, "-m", "tests.chaos.nursery")
    made: list[Node] = []
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            with log.open("ab") as told:
                nursery = await asyncio.create_subprocess_exec(
                    *command,
                    cwd=CONFIG.parent,
                    env=os.environ | SECRETS | (environment or {}),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=told,
                )
            stack.push_async_callback(_closed, nursery)
            made.append(Node(config, nursery, log))
            stack.push_async_callback(made[-1].kill)
        yield made


async def _closed(nursery: asyncio.subprocess.Process) -> None:
    assert nursery.stdin is not None, "it was started with a pipe"
    nursery.stdin.close()
    await asyncio.wait_for(nursery.wait(), END_S)
