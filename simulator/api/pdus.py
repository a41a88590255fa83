"""PDUs over HTTP: GET /pdus.

Rule: what is shown of a PDU hides texts, passwords and numbers, unless its octets are asked for (`octets=1`).
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from simulator.api.bodies import read_cursor, read_seconds
from simulator.api.reading import read
from simulator.smsc.network import Network
from simulator.smsc.pdus import SeenPdu
from simulator.smsc.waiters import Waiters
from smsgw.smpp.codec import decode
from smsgw.smpp.frames import HEADER
from smsgw.smpp.tracing import traced

PDUS_MAX: Final = 1_000
"""In one answer; whoever asks again with `next` gets those after them."""


class PdusApi:
    """The handler, and what it works on."""

    def __init__(self, network: Network) -> None:
        self._log = network.memory.pdus
        self._waiters = Waiters()
        self._log.watchers.append(lambda _pdu: self._waiters.ring())

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/pdus", self.get_pdus)]

    async def close(self, _app: web.Application) -> None:
        """Send home whoever waits."""
        self._waiters.close()

    async def get_pdus(self, request: web.Request) -> web.Response:
        """List the PDUs that passed, and wait for one if there is none."""
        cursor = read(read_cursor, request.query)
        wait_s = read(read_seconds, request.query, "wait", 0.0)
        found = await self._waiters.until("", lambda: self._log.since(cursor), wait_s)
        page = found[:PDUS_MAX]
        after = page[-1].id if page else self._log.next_id - 1
        with_octets = request.query.get("octets") == "1"
        return web.json_response({"pdus": [pdu_body(pdu, with_octets=with_octets) for pdu in page], "next": after})


def pdu_body(seen: SeenPdu, *, with_octets: bool) -> dict[str, Any]:
    """One PDU: what may be shown of it, and its octets in hexadecimal if they are asked for."""
    head = {
        "id": seen.id,
        "at_s": round(seen.at_s, 6),
        "operator": seen.operator,
        "session": seen.line_id,
        "peer": seen.peer,
    }
    return head | _shown(seen) | ({"octets": seen.octets.hex()} if with_octets else {})


def _shown(seen: SeenPdu) -> dict[str, Any]:
    octets = seen.octets
    if len(octets) < HEADER.size or int.from_bytes(octets[:4]) != len(octets):
        return {"direction": seen.way, "command": "no SMPP", "fault": f"{len(octets)} octets that are no PDU"}
    return traced(seen.way, decode(octets))
