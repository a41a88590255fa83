"""The routes of money actions and reconciliations: each reads a request, asks `MoneyOperations` once, and answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web

from smsgw.web.answers import answer, refusal
from smsgw.web.api import KEY_HEADER, PREFIX, read_limit
from smsgw.web.bodies import NewAdjustment, NewApproval, NewReason, NewRefund, NewWord, read_body
from smsgw.web.gate import OPERATOR
from smsgw.web.money import BUSY, RUNNING, MoneyOperations
from smsgw.web.problems import Problem

# A statement takes seconds to minutes; another day's place is free soon.
BUSY_S: Final = "60"


class MoneyApi:
    """Handlers over the money operations."""

    def __init__(self, money: MoneyOperations) -> None:
        self._money = money

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        payment, action = f"{PREFIX}/payments/{{payment}}", f"{PREFIX}/actions/{{action}}"
        days = f"{PREFIX}/providers/{{provider}}/days"
        return [
            web.post(f"{payment}/refund", self._refund),
            web.post(f"{payment}/resolve", self._resolve),
            web.post(f"{payment}/taken-back", self._taken_back),
            web.post(f"{PREFIX}/adjustments", self._adjust),
            web.get(f"{PREFIX}/actions", self._actions),
            web.get(action, self._action),
            web.post(f"{action}/approve", self._approve),
            web.post(f"{action}/reject", self._reject),
            web.get(days, self._days),
            web.get(f"{days}/{{day}}", self._day),
            web.post(f"{days}/{{day}}/close", self._close),
            web.post(f"{days}/{{day}}/reconcile", self._reconcile),
        ]

    def _asked(self, request: web.Request) -> MoneyOperations:
        return self._money.of(request[OPERATOR])

    async def _refund(self, request: web.Request) -> web.Response:
        body = read_body(NewRefund, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        number = request.match_info["payment"]
        return answer(await self._asked(request).refund(number, body.reason, by_house=body.by_house))

    async def _resolve(self, request: web.Request) -> web.Response:
        body = read_body(NewWord, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        number = request.match_info["payment"]
        return answer(await self._asked(request).resolve(number, body.reason, paid=body.paid))

    async def _taken_back(self, request: web.Request) -> web.Response:
        body = read_body(NewReason, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        return answer(await self._asked(request).taken_back(request.match_info["payment"], body.reason))

    async def _adjust(self, request: web.Request) -> web.Response:
        body = read_body(NewAdjustment, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        key = request.headers.get(KEY_HEADER, body.key)
        money = self._asked(request)
        return answer(await money.adjust(body.number, body.amount, key, body.reason, into=body.into))

    async def _approve(self, request: web.Request) -> web.Response:
        body = read_body(NewApproval, await request.read() or b"{}")
        if isinstance(body, Problem):
            return answer(body)
        return answer(await self._asked(request).approve(request.match_info["action"], body.reason))

    async def _reject(self, request: web.Request) -> web.Response:
        body = read_body(NewReason, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        return answer(await self._asked(request).reject(request.match_info["action"], body.reason))

    async def _close(self, request: web.Request) -> web.Response:
        body = read_body(NewReason, await request.read())
        if isinstance(body, Problem):
            return answer(body)
        provider, day = request.match_info["provider"], request.match_info["day"]
        return answer(await self._asked(request).close_day(provider, day, body.reason))

    async def _actions(self, request: web.Request) -> web.Response:
        limit = read_limit(request, {"state", "limit"})
        if isinstance(limit, Problem):
            return answer(limit)
        return answer(await self._money.actions(request.query.get("state"), limit))

    async def _action(self, request: web.Request) -> web.Response:
        return answer(await self._money.action(request.match_info["action"]))

    async def _days(self, request: web.Request) -> web.Response:
        limit = read_limit(request, {"limit"})
        if isinstance(limit, Problem):
            return answer(limit)
        return answer(await self._money.days(request.match_info["provider"], limit))

    async def _day(self, request: web.Request) -> web.Response:
        return answer(await self._money.day(request.match_info["provider"], request.match_info["day"]))

    async def _reconcile(self, request: web.Request) -> web.Response:
        done = await self._money.reconcile(request.match_info["provider"], request.match_info["day"])
        if done == BUSY:
            return refusal(BUSY, {"Retry-After": BUSY_S})
        return answer(done, HTTPStatus.ACCEPTED if done == RUNNING else HTTPStatus.OK)
