"""The simulator's levers over HTTP: sessions, faults, health.

GET /sessions · POST /sessions/ID/unbind, /drop, /stall · GET, POST, DELETE /faults · GET /health
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus

from aiohttp import web

from simulator.api.bodies import line_body
from simulator.api.problems import ProblemError
from simulator.api.reading import read, read_id, read_json
from simulator.billing.faults import Fault as BillingFault, read_fault
from simulator.billing.provider import Billing
from simulator.deliveries import ANY_GATEWAY
from simulator.faults import read_faults
from simulator.lines import Line
from simulator.server import SmscServer


class ControlApi:
    """The handlers, and what they work on."""

    def __init__(self, server: SmscServer, billings: Mapping[str, Billing]) -> None:
        self._server = server
        self._smsc = server.smsc
        self._billings = billings

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/sessions", self.get_sessions),
            web.post("/sessions/{id}/unbind", self.unbind),
            web.post("/sessions/{id}/drop", self.drop),
            web.post("/sessions/{id}/stall", self.stall),
            web.get("/faults", self.get_faults),
            web.post("/faults", self.post_faults),
            web.delete("/faults", self.delete_faults),
            web.get("/health", self.get_health),
        ]

    async def get_sessions(self, _request: web.Request) -> web.Response:
        """List the gateways' sessions."""
        lines = [line_body(line, self._smsc.unix_s(line.since_s)) for line in self._smsc.lines]
        return web.json_response({"sessions": lines})

    async def unbind(self, request: web.Request) -> web.Response:
        """Ask a gateway to go, in order."""
        self._server.unbind(self._line(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def drop(self, request: web.Request) -> web.Response:
        """Cut a gateway's connection."""
        self._server.drop(self._line(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def stall(self, request: web.Request) -> web.Response:
        """Let a gateway's connection be dead, but open."""
        self._server.stall(self._line(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def get_faults(self, _request: web.Request) -> web.Response:
        """List the faults that wait for their requests."""
        providers = {
            name: [asdict(fault) for fault in billing.faults.waiting()] for name, billing in self._billings.items()
        }
        return web.json_response({"smsc": self._smsc.faults.waiting(), "providers": providers})

    async def post_faults(self, request: web.Request) -> web.Response:
        """Add faults, to the SMSC and to providers: all that the body asks for, or none if any cannot be read."""
        read(self._put_faults, await read_json(request))
        return await self.get_faults(request)

    async def delete_faults(self, _request: web.Request) -> web.Response:
        """Be healthy again, all of us."""
        self._smsc.faults.clear()
        for billing in self._billings.values():
            billing.faults.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def get_health(self, request: web.Request) -> web.Response:
        """Say that we live, how busy we are, and what can be asked."""
        queue, lines = self._smsc.queue, self._smsc.lines
        health = {
            "status": "ok",
            "sessions": len(lines),
            "receiving": lines.receiving(ANY_GATEWAY),
            "open": queue.open,
            "redelivered": queue.redelivered,
            "given_up": queue.given_up,
            "paths": sorted({resource.canonical for resource in request.app.router.resources()}),
        }
        return web.json_response(health)

    def _line(self, request: web.Request) -> Line:
        line = self._smsc.lines.get(read_id(request))
        if line is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: no such session; GET /sessions lists them")
        return line

    def _put_faults(self, body: object) -> None:
        if not isinstance(body, Mapping) or not body or not body.keys() <= {"smsc", "providers"}:
            raise ValueError('an object with "smsc" or "providers" or both is needed')
        ours = read_faults(body.get("smsc", {}))
        theirs = list(self._read_theirs(body.get("providers", {})))
        for subject, fault in ours:
            self._smsc.faults.put(subject, fault)
        for billing, their_fault in theirs:
            billing.faults.put(their_fault)

    def _read_theirs(self, tables: object) -> Iterator[tuple[Billing, BillingFault]]:
        if not isinstance(tables, Mapping) or not tables.keys() <= self._billings.keys():
            raise ValueError(f"providers: an object with any of {', '.join(self._billings) or 'none (none is served)'}")
        for name, table in tables.items():
            for one in table if isinstance(table, list) else [table]:
                try:
                    yield self._billings[name], read_fault(one)
                except ValueError as error:
                    raise ValueError(f"providers: {name}: {error}") from None
