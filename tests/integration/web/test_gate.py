"""The gate: no token, no API; a crowd is sent away; slow work is given up; probes pass freely."""

import asyncio
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from smsgw.domain.secret import Secret
from smsgw.web import gate
from smsgw.web.gate import REQUESTS_MAX, Gate
from smsgw.web.operators import Operators
from smsgw.web.strangers import WRONG_TOKENS_MAX
from tests.integration.web.conftest import TOKEN, Http


@pytest.mark.proves("F46", "A81")
@pytest.mark.parametrize(
    "header", ["", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", "Bearer \udcff"]
)
async def test_without_the_token_nothing_is_answered(client: Http, header: str) -> None:
    async with client.get("/api/v1/status", headers={"Authorization": header}) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert (await response.json(content_type=None))["reason"] == "unauthorized"


async def test_an_address_that_does_not_exist_is_not_told_to_strangers(client: Http) -> None:
    async with client.get("/api/v1/nothing", headers={"Authorization": ""}) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED


@pytest.mark.proves("A81")
async def test_whoever_tries_tokens_is_not_listened_to_for_a_minute(client: Http) -> None:
    """Not even with the right one: its answer would be what the guesser wants to know."""
    for number in range(WRONG_TOKENS_MAX):
        header = {"Authorization": f"Bearer guess-number-{number:04}"}
        async with client.get("/api/v1/status", headers=header) as response:
            assert response.status == HTTPStatus.UNAUTHORIZED
    async with client.get("/api/v1/status") as response:
        assert (response.status, response.headers["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "60")
        assert (await response.json(content_type=None))["reason"] == "too_many_wrong_tokens"
    async with client.get("/healthz") as response:
        assert response.status == HTTPStatus.OK


@pytest.mark.proves("A81")
async def test_a_forgotten_script_locks_nobody_out(client: Http) -> None:
    for _ in range(3 * WRONG_TOKENS_MAX):
        async with client.get("/api/v1/status", headers={"Authorization": "Bearer the-token-of-last-year"}) as response:
            assert response.status == HTTPStatus.UNAUTHORIZED
    async with client.get("/api/v1/status") as response:
        assert response.status == HTTPStatus.OK


async def test_probes_need_no_token(client: Http) -> None:
    async with client.get("/healthz", headers={"Authorization": ""}) as response:
        assert response.status == HTTPStatus.OK


class Slow:
    """A handler that ends when it is let."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.full = asyncio.Event()
        self.inside = 0

    async def handle(self, _: web.Request) -> web.Response:
        self.inside += 1
        if self.inside == REQUESTS_MAX:
            self.full.set()
        await self.go_on.wait()
        return web.Response()

    def client(self) -> Http:
        app = web.Application(middlewares=[Gate(Operators(Secret(TOKEN), {})).middleware])
        app.router.add_get("/api/slow", self.handle)
        return TestClient(TestServer(app), headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.proves("I25", "F55")
async def test_one_more_than_the_most_is_sent_away_and_the_others_are_served() -> None:
    slow = Slow()
    async with slow.client() as client, asyncio.TaskGroup() as group:
        served = [group.create_task(client.get("/api/slow")) for _ in range(REQUESTS_MAX)]
        await slow.full.wait()
        refused = await client.get("/api/slow")
        slow.go_on.set()
        assert (refused.status, refused.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "1")
        assert [(await each).status for each in served] == [HTTPStatus.OK] * REQUESTS_MAX
        assert (await client.get("/api/slow")).status == HTTPStatus.OK


async def test_work_that_does_not_end_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "REQUEST_S_MAX", 0.01)
    slow = Slow()
    async with slow.client() as client:
        statuses = [(await client.get("/api/slow")).status for _ in range(REQUESTS_MAX + 1)]
    assert statuses == [HTTPStatus.GATEWAY_TIMEOUT] * (REQUESTS_MAX + 1)
