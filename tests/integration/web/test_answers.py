"""Answers: whatever goes wrong behind a handler, the client gets a problem document."""

from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.web.answers import answer, refusals
from smsgw.web.problems import wrong


def client_of(outcome: web.Response | Exception, size_max: int = 64) -> TestClient[Any, Any]:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    app = web.Application(middlewares=[refusals], client_max_size=size_max)
    app.router.add_post("/", handle)
    return TestClient(TestServer(app))


@pytest.mark.parametrize(
    ("raised", "status", "reason"),
    [
        (StoreUnavailable("disk full"), HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable"),
        (WorkFailed("a bug"), HTTPStatus.INTERNAL_SERVER_ERROR, "failed"),
        (web.HTTPNotFound(), HTTPStatus.NOT_FOUND, "not_found"),
        (web.HTTPForbidden(), HTTPStatus.FORBIDDEN, "forbidden"),
    ],
)
async def test_a_failure_becomes_a_problem(raised: Exception, status: HTTPStatus, reason: str) -> None:
    async with client_of(raised) as client, client.post("/") as response:
        problem = await response.json(content_type="application/problem+json")
        assert (response.status, problem["reason"]) == (status, reason)
        assert "a bug" not in problem["detail"]


async def test_a_store_that_is_away_says_when_to_ask_again() -> None:
    async with client_of(StoreUnavailable("disk full")) as client, client.post("/") as response:
        assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize(("octets", "status"), [(64, HTTPStatus.OK), (65, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)])
async def test_a_body_has_its_limit(octets: int, status: HTTPStatus) -> None:
    async with client_of(answer({})) as client, client.post("/", data=b"x" * octets) as response:
        assert response.status == status


async def test_nothing_is_kept_by_who_carries_it() -> None:
    for response in (answer({}), answer(wrong("no"))):
        assert response.headers["Cache-Control"] == "no-store"


async def test_the_method_that_an_address_knows_is_named() -> None:
    async with client_of(answer({})) as client, client.get("/") as response:
        assert (response.status, response.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "POST")
