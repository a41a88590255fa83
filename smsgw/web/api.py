"""The routes of the operations API, /api/v1/: each reads a request, asks `Operations` once, and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web

from smsgw.domain.secret import Secret
from smsgw.ports import Reads
from smsgw.service.exchanges import ProviderVitals
from smsgw.web.answers import answer
from smsgw.web.bodies import NewLevel, NewSubscriber, NewTopUp, read_body
from smsgw.web.documents import Document, link_document, provider_document
from smsgw.web.facade import Facade
from smsgw.web.operations import Operations, is_whole
from smsgw.web.problems import Problem, wrong
from smsgw.web.vitals import LinkVitals

PREFIX: Final = "/api/v1"
# As many as a person reads.
LISTED: Final = 20
KEY_HEADER: Final = "Idempotency-Key"


class Api:
    """Handlers over the operations."""

    def __init__(self, facade: Facade) -> None:
        self._operations: Operations = facade.operations
        self._reads: Reads = facade.store.reads
        self._links: Callable[[], Mapping[str, LinkVitals]] = facade.links
        self._providers: Callable[[], Mapping[str, ProviderVitals]] = facade.providers
        self._waiting: Callable[[], Mapping[str, int]] = facade.waiting

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        subscriber = f"{PREFIX}/subscribers/{{number}}"
        return [
            web.get(subscriber, self._show_subscriber),
            web.post(subscriber, self._add_subscriber),
            web.post(f"{subscriber}/level", self._identify),
            web.post(f"{subscriber}/block", self._block),
            web.post(f"{subscriber}/unblock", self._unblock),
            web.post(f"{PREFIX}/topups", self._top_up),
            web.get(f"{PREFIX}/payments", self._payments),
            web.get(f"{PREFIX}/payments/{{payment}}", self._payment),
            web.get(f"{PREFIX}/ledger/check", self._check_ledger),
            web.get(f"{PREFIX}/ledger/days", self._check_days),
            web.get(f"{PREFIX}/status", self._status),
            web.get(f"{PREFIX}/links", self._show_links),
            web.get(f"{PREFIX}/providers", self._show_providers),
        ]

    async def _show_subscriber(self, request: web.Request) -> web.Response:
        return answer(await self._operations.show_subscriber(request.match_info["number"]))

    async def _add_subscriber(self, request: web.Request) -> web.Response:
        body = read_body(NewSubscriber, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        number, password = request.match_info["number"], Secret(body.password.get_secret_value())
        added = await self._operations.add_subscriber(number, password, body.language, body.level)
        return answer(added, HTTPStatus.CREATED)

    async def _identify(self, request: web.Request) -> web.Response:
        body = read_body(NewLevel, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        return answer(await self._operations.identify(request.match_info["number"], body.level))

    async def _block(self, request: web.Request) -> web.Response:
        return answer(await self._operations.block(request.match_info["number"]))

    async def _unblock(self, request: web.Request) -> web.Response:
        return answer(await self._operations.unblock(request.match_info["number"]))

    async def _top_up(self, request: web.Request) -> web.Response:
        body = read_body(NewTopUp, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        key = request.headers.get(KEY_HEADER, body.key)
        if not key:
            return answer(wrong(f"give a key of your own, as `key` or as {KEY_HEADER}: a repeat is then harmless"))
        return answer(await self._operations.top_up(body.number, body.amount, body.agent, key))

    async def _payments(self, request: web.Request) -> web.Response:
        limit = read_limit(request, {"number", "limit"})
        if isinstance(limit, Problem):
            return answer(limit)
        return answer(await self._operations.payments(request.query.get("number"), limit))

    async def _payment(self, request: web.Request) -> web.Response:
        return answer(await self._operations.payment(request.match_info["payment"]))

    async def _check_ledger(self, _: web.Request) -> web.Response:
        return answer(await self._operations.check_ledger())

    async def _check_days(self, request: web.Request) -> web.Response:
        limit = read_limit(request, {"limit"})
        if isinstance(limit, Problem):
            return answer(limit)
        return answer(await self._operations.check_days(limit))

    async def _show_links(self, _: web.Request) -> web.Response:
        document: Document = {"links": [link_document(name, link) for name, link in self._links().items()]}
        return answer(document)

    async def _show_providers(self, _: web.Request) -> web.Response:
        parked, providers = await self._reads.parked(), self._providers()
        shown = [provider_document(name, provider, parked.get(name, 0)) for name, provider in providers.items()]
        return answer({"providers": shown})

    async def _status(self, _: web.Request) -> web.Response:
        document: Document = {
            "links": {name: {"bound": link.bound} for name, link in self._links().items()},
            "counts": dict(await self._reads.counts()),
            "waiting": dict(self._waiting()),
        }
        return answer(document)


def read_limit(request: web.Request, known: set[str]) -> int | Problem:
    """How many rows are wanted; a problem where the query has something else."""
    limit = request.query.get("limit", str(LISTED))
    if set(request.query) - known or not is_whole(limit):
        return wrong(f"the query may have {' and '.join(sorted(known))}; `limit` is a whole number")
    return int(limit)
