"""The simulator's levers over HTTP: sessions, faults, health.

GET /sessions · POST /sessions/ID/unbind, /drop, /stall · GET, POST, DELETE /faults · GET /health
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from itertools import product
from typing import Any

from aiohttp import web

from simulator.api.bodies import line_body
from simulator.api.payloads import read_json
from simulator.api.reading import find_session, read
from simulator.billing.faults import Fault as BillingFault, read_fault
from simulator.billing.provider import Billing
from simulator.faults.reading import read_faults
from simulator.smsc.deliveries import ANY_GATEWAY
from simulator.smsc.network import Network


class ControlApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network, billings: Mapping[str, Billing]) -> None:
        self._network = network
        self._smsc = network.first.smsc
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
        return web.json_response(self.sessions())

    def sessions(self) -> dict[str, Any]:
        """The gateways' sessions, ready for JSON."""
        found = ((server.smsc, line) for server, line in self._network.lines())
        return {"sessions": [line_body(smsc.name, line, smsc.unix_s(line.since_s)) for smsc, line in found]}

    async def unbind(self, request: web.Request) -> web.Response:
        """Ask a gateway to go, in order."""
        server, line = find_session(self._network, request)
        server.unbind(line)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def drop(self, request: web.Request) -> web.Response:
        """Cut a gateway's connection."""
        server, line = find_session(self._network, request)
        server.drop(line)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def stall(self, request: web.Request) -> web.Response:
        """Let a gateway's connection be dead, but open."""
        server, line = find_session(self._network, request)
        server.stall(line)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def get_faults(self, _request: web.Request) -> web.Response:
        """List the faults that wait for their requests."""
        return web.json_response(self.faults())

    def faults(self) -> dict[str, Any]:
        """The faults that wait for their requests, ready for JSON."""
        providers = {
            name: [asdict(fault) for fault in billing.faults.waiting()] for name, billing in self._billings.items()
        }
        operators = {name: server.smsc.faults.waiting() for name, server in self._network.servers.items()}
        return {"smsc": self._smsc.faults.waiting(), "operators": operators, "providers": providers}

    async def post_faults(self, request: web.Request) -> web.Response:
        """Add faults, to operators and to providers: all that the body asks for, or none if any cannot be read."""
        read(self._put_faults, await read_json(request))
        return await self.get_faults(request)

    async def delete_faults(self, _request: web.Request) -> web.Response:
        """Be healthy again, all of us."""
        for server in self._network.servers.values():
            server.smsc.faults.clear()
        for billing in self._billings.values():
            billing.faults.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def get_health(self, request: web.Request) -> web.Response:
        """Say that we live, how busy we are, and what can be asked."""
        smscs = [server.smsc for server in self._network.servers.values()]
        health = {
            "status": "ok",
            "operators": self._network.ports,
            "sessions": sum(len(smsc.lines) for smsc in smscs),
            "receiving": self._network.receiving(ANY_GATEWAY),
            "open": sum(smsc.queue.open for smsc in smscs),
            "redelivered": sum(smsc.queue.redelivered for smsc in smscs),
            "given_up": sum(smsc.queue.given_up for smsc in smscs),
            "keeps_pdus": self._network.memory.keeps_pdus,
            "paths": _paths(request.app),
        }
        return web.json_response(health)

    def _put_faults(self, body: object) -> None:
        if not isinstance(body, Mapping) or not body or not body.keys() <= {"smsc", "providers", "operator"}:
            raise ValueError('an object with "smsc" or "providers" or both is needed; "operator" may stand beside')
        ours = read_faults(body.get("smsc", {}))
        operators = self._network.chosen(body.get("operator"))
        theirs = list(self._read_theirs(body.get("providers", {})))
        for server, (subject, fault) in product(operators, ours):
            server.smsc.faults.put(subject, fault)
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


def _paths(app: web.Application) -> list[str]:
    """Every path, those of the parts that are mounted too: `resources` would name only where they are mounted."""
    return sorted({route.resource.canonical for route in app.router.routes() if route.resource is not None})
