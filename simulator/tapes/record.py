"""Records what passes a running simulator, from now on: lines of JSON, or a capture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, BinaryIO, Final, Protocol, TextIO

from yarl import URL

from simulator.smsc.pdus import Way
from simulator.tapes.following import Door, get, now, page
from simulator.tapes.jsonl import write_header, write_line
from simulator.tapes.masking import Masks
from simulator.tapes.pcap_write import Conversation, End
from simulator.tapes.pdu_masking import masked_frame

UNKNOWN_HOST: Final = "192.0.2.1"
"""Who we are to gateways of other machines is known to the sockets alone; this is nobody's address (RFC 5737)."""

UNKNOWN_HOST_6: Final = "2001:db8::1"
"""The same of version 6 (RFC 3849)."""


class Recorder(Protocol):
    """Records until it is told to stop; `written` counts what is on the tape, `lost` what passed too fast for it."""

    written: int
    lost: int

    async def record(self, stop: asyncio.Event, begun: Callable[[], None]) -> None:
        """Record until *stop*; from *begun* on nothing is missed.

        Raises:
            aiohttp.ClientError: there is no simulator, or it has gone.
        """
        ...


class LineRecorder:
    """Records texts, answers, receipts and sessions of the simulator behind *door* into *file*."""

    def __init__(self, door: Door, file: TextIO, masks: Masks) -> None:
        self._door = door
        self._file = file
        self._masks = masks
        self.written = 0
        self.lost = 0

    async def record(self, stop: asyncio.Event, begun: Callable[[], None]) -> None:
        """Write until *stop*."""
        async with self._door.open() as http:
            cursor = await now(http, "/traffic")
            self._write_lines([write_header(time.time(), self._masks)])
            begun()
            while not stop.is_set():
                traffic = await page(http, "/traffic", cursor)
                entries = traffic["entries"]
                self.lost += lost(entries, cursor)
                lines = [line for entry in entries if (line := write_line(entry, self._masks)) is not None]
                self._write_lines(lines)
                self.written += len(lines)
                cursor = traffic["next"]

    def _write_lines(self, lines: list[str]) -> None:
        self._file.writelines(f"{line}\n" for line in lines)
        self._file.flush()


def lost(entries: list[dict[str, Any]], cursor: int) -> int:
    """How many entries are missing before the first: they number without gaps, so those left the memory unseen."""
    return entries[0]["id"] - cursor - 1 if entries else 0


class PcapRecorder:
    """Records the PDUs of the simulator behind *door* into *file*, whose header stands there already.

    *smsc_port* other than 0: that port stands in for the real one of every operator.
    """

    def __init__(self, door: Door, file: BinaryIO, masks: Masks, smsc_port: int = 0) -> None:
        self._door = door
        self._file = file
        self._masks = masks
        self._smsc_port = smsc_port
        self._conversations: dict[int, Conversation] = {}
        self._last_s = 0.0
        self.written = 0
        self.lost = 0

    async def record(self, stop: asyncio.Event, begun: Callable[[], None]) -> None:
        """Write until *stop*; connections that are still open then are closed on the tape."""
        async with self._door.open() as http:
            ports: dict[str, int] = (await get(http, "/health"))["operators"]
            cursor = await now(http, "/pdus")
            begun()
            while not stop.is_set():
                known = set(self._conversations)
                alive = {session["id"] for session in (await get(http, "/sessions"))["sessions"]}
                seen = await page(http, "/pdus?octets=1", cursor)
                self.lost += lost(seen["pdus"], cursor)
                for pdu in seen["pdus"]:
                    self._write(pdu, ports)
                cursor = seen["next"]
                # Whoever was gone before this page, and is not in it, has said all.
                self._close(known - alive - {pdu["session"] for pdu in seen["pdus"]})
                self._file.flush()
            self._close(set(self._conversations))

    def _write(self, pdu: dict[str, Any], ports: dict[str, int]) -> None:
        at_s, line = pdu["at_s"], pdu["session"]
        self._last_s = max(self._last_s, at_s)
        conversation = self._conversations.get(line)
        if conversation is None:
            gateway = End.of(pdu["peer"])
            smsc = self._smsc(gateway, self._smsc_port or ports[pdu["operator"]])
            conversation = self._conversations[line] = Conversation(gateway, smsc, line)
            self._file.write(conversation.opened(at_s))
        octets = masked_frame(bytes.fromhex(pdu["octets"]), self._masks)
        self._file.write(conversation.said(at_s, octets, by_gateway=pdu["direction"] == Way.IN))
        self.written += 1

    def _smsc(self, gateway: End, port: int) -> End:
        """Our end of a connection: where we listen, as far as that can be known from outside."""
        if gateway.host.is_loopback:
            return End(gateway.host, port)
        try:
            host = ip_address(URL(self._door.url).host or "")
        except ValueError:
            host = ip_address(UNKNOWN_HOST)
        if host.is_loopback or host.version != gateway.host.version:
            host = ip_address(UNKNOWN_HOST if gateway.host.version == 4 else UNKNOWN_HOST_6)
        return End(host, port)

    def _close(self, lines: set[int]) -> None:
        for line in sorted(lines):
            self._file.write(self._conversations.pop(line).closed(self._last_s))
