"""Operators over HTTP, and what becomes of the gateway's messages.

GET /operators · GET, PUT /operators/NAME/receipts · POST /mt/ID/receipt
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aiohttp import web

from simulator.api.objects import read_order
from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.api.reading import read, read_id
from simulator.configuration.receipts import read_receipts
from simulator.settings import SmscSettings
from simulator.smsc.mt import Mt
from simulator.smsc.network import Network
from simulator.smsc.server import SmscServer
from simulator.smsc.smsc import QueueFullError
from simulator.smsc.statuses import status_name


class OperatorsApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/operators", self.get_operators),
            web.get("/operators/{name}/receipts", self.get_receipts),
            web.put("/operators/{name}/receipts", self.put_receipts),
            web.post("/mt/{id}/receipt", self.post_receipt),
        ]

    async def get_operators(self, _request: web.Request) -> web.Response:
        """List the operators; passwords are not among what is told of them."""
        bodies = [self._operator(name, server) for name, server in self._network.servers.items()]
        return web.json_response({"operators": bodies})

    async def get_receipts(self, request: web.Request) -> web.Response:
        """Say what becomes of an operator's messages."""
        return web.json_response(self._server(request).smsc.centre.receipts.fates.settings.described())

    async def put_receipts(self, request: web.Request) -> web.Response:
        """Say what is to become of messages from now on; what the body leaves out is as the operator began."""
        smsc = self._server(request).smsc
        settings = read(read_receipts, await read_json(request), smsc.settings.fates)
        smsc.centre.receipts.decide_by(settings)
        return web.json_response(settings.described())

    async def post_receipt(self, request: web.Request) -> web.Response:
        """Send a receipt for each message that a text came in, whether it was asked for or not."""
        order = read(read_order, await read_json(request))
        entry = self._network.memory.journal.get(read_id(request))
        if entry is None or not isinstance(entry.item, Mt):
            detail = f"{request.path}: no text of the gateway has this id, or it is too long ago; GET /mt lists them"
            raise ProblemError(HTTPStatus.NOT_FOUND, detail)
        try:
            messages = self._network.servers[entry.operator].receipt(entry.item, order)
        except QueueFullError:
            detail = "too many texts and receipts wait for a gateway; bind one, or wait until it has taken some"
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
        if not messages:
            detail = f"{request.path}: its messages are too long ago; only the latest are remembered"
            raise ProblemError(HTTPStatus.NOT_FOUND, detail)
        sent = [{"message_id": message.id, "state": order.state.name, "copies": order.copies} for message in messages]
        return web.json_response({"receipts": sent}, status=HTTPStatus.ACCEPTED)

    def _server(self, request: web.Request) -> SmscServer:
        name = request.match_info["name"]
        if name not in self._network.servers:
            detail = f"{request.path}: there is no operator {name!r}, only {', '.join(self._network.servers)}"
            raise ProblemError(HTTPStatus.NOT_FOUND, detail)
        return self._network.servers[name]

    def _operator(self, name: str, server: SmscServer) -> dict[str, Any]:
        one, smsc = self._network.settings[name], server.smsc
        return {
            "name": name,
            "prefixes": list(one.prefixes),
            "host": one.host,
            "port": self._network.ports[name],
            "tls": one.tls is not None,
            "system_id": one.smsc.system_id,
            "accounts": sorted(one.smsc.credentials),
            "routes": dict(one.smsc.routes),
            "window": one.smsc.window,
            "gateway_window": one.gateway_window,
            "sessions": len(smsc.lines),
            "binds": sum(line.session.is_bound for line in smsc.lines),
            "messages_waiting": smsc.centre.waiting,
            "redelivery": _redelivery(one.smsc) | {"counts": _counts(server)},
            "receipts": smsc.centre.receipts.fates.settings.described(),
        }


def _redelivery(settings: SmscSettings) -> dict[str, Any]:
    return {
        "statuses": [status_name(status) for status in sorted(settings.redelivery_statuses)],
        "delay_s": settings.redelivery_delay_s,
        "growth": settings.redelivery_growth,
        "delay_max_s": settings.redelivery_delay_max_s,
        "attempts_max": settings.attempts_max,
        "ttl_s": None if settings.ttl_s == float("inf") else settings.ttl_s,
        "response_s": settings.response_s,
    }


def _counts(server: SmscServer) -> dict[str, int]:
    queue = server.smsc.queue
    return {"open": queue.open, "redelivered": queue.redelivered, "given_up": queue.given_up}
