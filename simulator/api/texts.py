"""Texts over HTTP: POST /mo · GET /mo/ID · GET /mt · GET /traffic."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from simulator.api.bodies import entry_body, mo_body, mt_body, read_cursor, read_number, read_seconds
from simulator.api.inbox import read_wanted
from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.api.queries import takes
from simulator.api.reading import read, read_id
from simulator.api.text_body import read_text
from simulator.smsc.journal import Entry
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.smsc.network import Network
from simulator.smsc.smsc import QueueFullError
from simulator.smsc.waiters import Waiters

ACK_TIMEOUT_S = 10.0
"""How long `wait=ack` waits unless told: a gateway that commits answers in milliseconds."""


class TextsApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network, waiters: Waiters) -> None:
        self._network = network
        self._journal = network.memory.journal
        self._waiters = waiters

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.post("/mo", self.post_mo),
            web.get("/mo/{id}", self.get_mo),
            web.get("/mt", self.get_mt),
            web.get("/traffic", self.get_traffic),
        ]

    @takes("wait", "timeout")
    async def post_mo(self, request: web.Request) -> web.Response:
        """Send a subscriber's text; with wait=ack, say what the gateway answered."""
        wait = request.query.get("wait", "")
        if wait not in {"", "ack"}:
            raise ProblemError(HTTPStatus.BAD_REQUEST, f"wait: {wait!r} is unknown; leave it out, or say ack")
        timeout_s = read(read_seconds, request.query, "timeout", ACK_TIMEOUT_S)
        mo = self._send(read(read_text, await read_json(request)))
        if not wait:
            return web.json_response(mo_body(mo), status=HTTPStatus.ACCEPTED)
        if not await self._waiters.until(mo.number, lambda: mo.answered, timeout_s):
            raise ProblemError(HTTPStatus.GATEWAY_TIMEOUT, self._no_answer(mo, timeout_s))
        return web.json_response(mo_body(mo))

    async def get_mo(self, request: web.Request) -> web.Response:
        """Say how far a text has come."""
        entry = self._journal.get(read_id(request))
        if entry is None or not isinstance(entry.item, Mo):
            raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: no text has this id, or it is too long ago")
        return web.json_response(mo_body(entry.item))

    @takes("since", "wait", "to", "from", "contains", "operator", "system_id", "limit")
    async def get_mt(self, request: web.Request) -> web.Response:
        """List the gateway's texts, and wait for one if there is none."""
        wanted = read(read_wanted, request.query)
        if wanted.operator:
            read(self._network.chosen, wanted.operator)
        entries, cursor = await self._entries(request, read_number(request.query, "to"), wanted.fits)
        if wanted.limit and len(entries) > wanted.limit:
            entries = entries[: wanted.limit]
            cursor = entries[-1].id
        messages = [self._mt_body(entry.item) for entry in entries if isinstance(entry.item, Mt)]
        return web.json_response({"messages": messages, "next": cursor})

    def _mt_body(self, mt: Mt) -> dict[str, Any]:
        messages = self._network.servers[mt.operator].smsc.centre.of(mt)
        return mt_body(mt) | {"receipts": [state.name for message in messages for state in message.receipts]}

    @takes("since", "wait", "number")
    async def get_traffic(self, request: web.Request) -> web.Response:
        """List everything that passed, and wait for something if there is nothing."""
        entries, cursor = await self._entries(request, read_number(request.query, "number"), _is_any)
        return web.json_response({"entries": [entry_body(entry) for entry in entries], "next": cursor})

    def _send(self, text: Text) -> Mo:
        try:
            return self._network.send(text)
        except QueueFullError:
            detail = "too many texts wait for a gateway; bind one, or wait until it has taken some"
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
        except ValueError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None

    def _no_answer(self, mo: Mo, timeout_s: float) -> str:
        if not self._network.receiving(mo.text.system_id):
            who = f" as {mo.text.system_id}" if mo.text.system_id else ""
            return f"no gateway is bound{who} as receiver or transceiver; text {mo.id} waits for one"
        return f"no deliver_sm_resp within {timeout_s:g} s; text {mo.id} is not lost: ask GET /mo/{mo.id}"

    async def _entries(
        self, request: web.Request, number: str, wanted: Callable[[Entry], bool]
    ) -> tuple[list[Entry], int]:
        cursor = read(read_cursor, request.query)
        wait_s = read(read_seconds, request.query, "wait", 0.0)
        journal = self._journal

        def look() -> list[Entry]:
            return [e for e in journal.since(cursor) if (not number or e.number == number) and wanted(e)]

        return await self._waiters.until(number, look, wait_s), journal.next_id - 1


def _is_any(_entry: Entry) -> bool:
    return True
