"""Writes the traffic of a running simulator to a tape."""

from __future__ import annotations

import asyncio
from typing import Any, Final, TextIO

import aiohttp

from simulator.tapes.tape import write_line

WAIT_S: Final = 1
"""A long poll: how late the end of a recording may be noticed."""

FROM_NOW: Final = 2**53
"""A cursor beyond every entry: the answer says where the traffic stands."""


class Recorder:
    """Records from the simulator at *http_url* into *file*, from now on."""

    def __init__(self, http_url: str, file: TextIO, *, with_text: bool) -> None:
        self._http_url = http_url
        self._file = file
        self._with_text = with_text
        self.written = 0
        self.lost = 0

    async def record(self, stop: asyncio.Event) -> None:
        """Write until *stop*.

        Raises:
            aiohttp.ClientError: there is no simulator, or it has gone.
        """
        async with aiohttp.ClientSession(self._http_url) as http:
            cursor = (await _traffic(http, FROM_NOW, 0))["next"]
            while not stop.is_set():
                traffic = await _traffic(http, cursor, WAIT_S)
                self._write(traffic["entries"], cursor)
                cursor = traffic["next"]

    def _write(self, entries: list[dict[str, Any]], cursor: int) -> None:
        if entries:
            # Entries number without gaps: what is missing left the simulator's memory before we asked.
            self.lost += entries[0]["id"] - cursor - 1
        lines = [write_line(entry, with_text=self._with_text) for entry in entries]
        texts = [line for line in lines if line is not None]
        self._file.writelines(f"{line}\n" for line in texts)
        self._file.flush()
        self.written += len(texts)


async def _traffic(http: aiohttp.ClientSession, since: int, wait_s: int) -> Any:
    async with http.get("/traffic", params={"since": since, "wait": wait_s}) as response:
        response.raise_for_status()
        return await response.json()
