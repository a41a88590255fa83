"""Pages of what passes a running simulator: GET /traffic and GET /pdus, from now on."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import aiohttp

FROM_NOW: Final = 2**53
"""A cursor beyond every entry: the answer says where things stand."""

WAIT_S: Final = 1
"""A long poll: how late an end may be noticed."""


REQUEST_S: Final = 30.0
"""A simulator answers in milliseconds, a long poll within a second; one that takes so long stands still."""


class Door(NamedTuple):
    """Where a running simulator is, and the token that opens it, if it has one."""

    url: str
    token: str = ""

    def open(self, connector: aiohttp.TCPConnector | None = None) -> aiohttp.ClientSession:
        """Whoever goes in by this door."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=REQUEST_S)
        return aiohttp.ClientSession(self.url, headers=headers, connector=connector, timeout=timeout)


async def page(http: aiohttp.ClientSession, path: str, since: int, wait_s: int = WAIT_S) -> dict[str, Any]:
    """What came after *since* at *path*. Raises aiohttp.ClientError."""
    query = {"since": since, "wait": wait_s}
    async with http.get(path, params=query) as response:
        response.raise_for_status()
        body: dict[str, Any] = await response.json()
        return body


async def now(http: aiohttp.ClientSession, path: str) -> int:
    """The cursor of whoever wants what comes from now on. Raises aiohttp.ClientError."""
    return int((await page(http, path, FROM_NOW, 0))["next"])


async def get(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    """What stands at *path*. Raises aiohttp.ClientError."""
    async with http.get(path) as response:
        response.raise_for_status()
        body: dict[str, Any] = await response.json()
        return body
