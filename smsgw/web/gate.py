"""The gate before the operations API: who asks, how many at once, and for how long."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from smsgw.domain.secret import Secret
from smsgw.log import get_logger
from smsgw.web.answers import RETRY_AFTER_S, refusal, route_of
from smsgw.web.operators import Operators, digest_of
from smsgw.web.problems import Problem
from smsgw.web.strangers import Strangers, source_of

API: Final = "/api/"
TRACE: Final = "/api/v1/links/{link}/trace"
# Each may hold a place in the writer's queue; texts of subscribers must not wait behind a crowd of scripts.
REQUESTS_MAX: Final = 8
# A commit takes milliseconds; a request that needs this long has met a store that does not answer.
REQUEST_S_MAX: Final = 30.0

OPERATOR: Final = web.RequestKey("operator", str)
"""Who asks: an operator's name, or `operators.GENERAL`."""

UNAUTHORIZED: Final = Problem(
    HTTPStatus.UNAUTHORIZED,
    "unauthorized",
    "the API wants the header `Authorization: Bearer` with the token of [http] or with an operator's own",
)
RESTS: Final = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_wrong_tokens",
    "ten different wrong tokens came from this address; for a minute nothing from it is looked at",
)
BUSY: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "busy", f"{REQUESTS_MAX} requests are in hand already; ask again in a second"
)
TOO_SLOW: Final = Problem(
    HTTPStatus.GATEWAY_TIMEOUT,
    "too_slow",
    "the store did not answer in time, but may still do it: look first",
)

log = get_logger(__name__)


class Gate:
    """A middleware; everything outside the API passes freely."""

    def __init__(self, operators: Operators) -> None:
        self._operators = operators
        self._strangers = Strangers()
        self._in_hand = 0

    @property
    def middleware(self) -> Middleware:
        """For `web.Application`."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._pass(request, handler)

        return gate

    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        source, now_s = source_of(request.remote), asyncio.get_running_loop().time()
        rests_s = self._strangers.rests_s(source, now_s)
        if rests_s:
            return refusal(RESTS, {"Retry-After": str(math.ceil(rests_s))})
        authorization = request.headers.get("Authorization", "")
        operator = self._operators.who(authorization)
        if operator is None:
            log.warning("api.refused", route=route_of(request), peer=request.remote)
            if self._strangers.wrong(source, digest_of(Secret(authorization)), now_s):
                log.error("api.source_rests", peer=request.remote)
            return refusal(UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
        request[OPERATOR] = operator
        if route_of(request) == TRACE:
            # It lasts as long as somebody reads, and is counted where it is served.
            return await handler(request)
        if self._in_hand >= REQUESTS_MAX:
            return refusal(BUSY, {"Retry-After": RETRY_AFTER_S})
        return await self._take(request, handler)

    async def _take(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._in_hand += 1
        try:
            async with asyncio.timeout(REQUEST_S_MAX):
                return await handler(request)
        except TimeoutError:
            return refusal(TOO_SLOW)
        finally:
            self._in_hand -= 1
