"""The wire itself over HTTP: any octets on a session, one that is not heard, one that we open.

POST /sessions/ID/raw, /half_open · POST /outbind
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from simulator.api.bodies import line_body
from simulator.api.objects import read_outbind, read_raw
from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.api.reading import find_session, read
from simulator.smsc.network import Network
from simulator.smsc.server import OUTBIND_S, SmscServer


class WireApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.post("/sessions/{id}/raw", self.raw),
            web.post("/sessions/{id}/half_open", self.half_open),
            web.post("/outbind", self.outbind),
        ]

    async def raw(self, request: web.Request) -> web.Response:
        """Write octets on a session as they are; what the session has to say itself waits until they have left."""
        server, line = find_session(self._network, request)
        chunks, gap_s = read(read_raw, await read_json(request))
        server.raw(line, chunks, gap_s)
        sent = {"octets": sum(map(len, chunks)), "chunks": [len(chunk) for chunk in chunks], "gap_s": gap_s}
        return web.json_response(sent, status=HTTPStatus.ACCEPTED)

    async def half_open(self, request: web.Request) -> web.Response:
        """Hear a gateway, and be heard no more."""
        server, line = find_session(self._network, request)
        server.half_open(line)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def outbind(self, request: web.Request) -> web.Response:
        """Connect to a gateway and ask it to bind; it is a session from then on, bound or not."""
        order = read(read_outbind, await read_json(request))
        server = self._operator(order.get("operator", ""))
        host, port = order["host"], order["port"]
        credentials = order.get("system_id", server.smsc.settings.system_id), order.get("password", "")
        try:
            line = await server.outbind(host, port, credentials)
        except TimeoutError:
            detail = f"{host}:{port} has not taken the connection within {OUTBIND_S:g} s"
            raise ProblemError(HTTPStatus.GATEWAY_TIMEOUT, detail) from None
        except UnicodeError:
            detail = f"host: {host!r} is no name that can be looked up"
            raise ProblemError(HTTPStatus.BAD_REQUEST, detail) from None
        except OSError as error:
            detail = f"nobody listens at {host}:{port} ({error.strerror or error}); the gateway must wait for us there"
            raise ProblemError(HTTPStatus.BAD_GATEWAY, detail) from None
        smsc = server.smsc
        body = line_body(smsc.name, line, smsc.unix_s(line.since_s))
        return web.json_response(body, status=HTTPStatus.CREATED)

    def _operator(self, name: str) -> SmscServer:
        if name and name not in self._network.servers:
            detail = f"operator: {name!r} is none of {', '.join(self._network.servers)}"
            raise ProblemError(HTTPStatus.BAD_REQUEST, detail)
        return self._network.servers[name] if name else self._network.first
