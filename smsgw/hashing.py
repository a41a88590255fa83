"""The slow hash in its bounded pool: one thread a core, a short queue, a short wait.

Argon2id takes about 36 ms of a core and 19 MiB, so this pool is the ceiling of payments begun with passwords that are
not remembered, and the cheapest thing to flood. It therefore says "no room" early instead of piling up.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self

from smsgw.sessions.passwords import check

# More texts than these waiting means more than a second of wait on two cores: the SMSC should keep the rest.
QUEUE_MAX: Final = 64
# An SMSC waits 10 to 60 s for our answer; two seconds for a turn leave room for the hash and the commit.
WAIT_S_MAX: Final = 2.0


class HashPool:
    """Implements `ports.PasswordHasher`."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="argon2")
        self._turn = asyncio.Semaphore(self._threads)
        self._waiting = 0

    async def verify(self, verifier: str, digest: bytes) -> bool | None:
        """Check a digest against a verifier; None = no place in the queue, or no turn within `WAIT_S_MAX`."""
        if self._waiting >= QUEUE_MAX:
            return None
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), WAIT_S_MAX)
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, check, verifier, digest)
        finally:
            self._turn.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
