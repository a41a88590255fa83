"""PDUs over HTTP: GET /pdus · GET /pdus/ID.

Rule: what is shown of a PDU hides texts, passwords and numbers, unless its octets (`octets=1`) or everything that it
says (`contents=1`) are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Self

from aiohttp import web

from simulator.api.contents import contents
from simulator.api.feed import Feed
from simulator.api.problems import ProblemError
from simulator.api.queries import takes
from simulator.api.reading import read, read_id
from simulator.smsc.network import Network
from simulator.smsc.pdus import SeenPdu, is_pdu
from smsgw.smpp.codec import decode
from smsgw.smpp.tracing import traced


class Shown(NamedTuple):
    """What of a PDU is to be shown beside its head."""

    octets: bool = False
    contents: bool = False

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> Self:
        """Read it from a query: each is shown only where it is asked for. Raises ValueError."""
        return cls(_is_asked(query, "octets"), _is_asked(query, "contents"))


def _is_asked(query: Mapping[str, str], key: str) -> bool:
    said = query.get(key, "0")
    if said not in {"0", "1"}:
        raise ValueError(f"{key}: {said!r} is neither 1 nor 0")
    return said == "1"


class PdusApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._log = network.memory.pdus
        self.feed = Feed(self._log)

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/pdus", self.get_pdus), web.get("/pdus/{id}", self.get_pdu)]

    @takes("since", "wait", "contents", "octets")
    async def get_pdus(self, request: web.Request) -> web.Response:
        """List the PDUs that passed, and wait for one if there is none."""
        shown = read(Shown.asked, request.query)
        page, after = await self.feed.page(request)
        return web.json_response({"pdus": [self.body(pdu, shown) for pdu in page], "next": after})

    @takes("contents", "octets")
    async def get_pdu(self, request: web.Request) -> web.Response:
        """Show one PDU."""
        seen = self._log.get(read_id(request))
        if seen is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: no PDU has this id, or it is too long ago")
        return web.json_response(self.body(seen, read(Shown.asked, request.query)))

    def body(self, seen: SeenPdu, shown: Shown) -> dict[str, Any]:
        """Write one PDU: what may be shown of it, and what was asked for beside that."""
        alphabet = self._network.servers[seen.operator].smsc.settings.alphabet
        octets = {"octets": seen.octets.hex()} if shown.octets else {}
        return pdu_body(seen) | octets | ({"contents": contents(seen.octets, alphabet)} if shown.contents else {})


def pdu_body(seen: SeenPdu) -> dict[str, Any]:
    """Write of one PDU what may be shown of it."""
    head = {
        "id": seen.id,
        "at_s": round(seen.at_s, 6),
        "operator": seen.operator,
        "session": seen.line_id,
        "peer": seen.peer,
    }
    return head | _shown(seen)


def _shown(seen: SeenPdu) -> dict[str, Any]:
    octets = seen.octets
    if not is_pdu(octets):
        return {"direction": seen.way, "command": "no SMPP", "fault": f"{len(octets)} octets that are no PDU"}
    return traced(seen.way, decode(octets))
