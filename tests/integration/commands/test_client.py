"""The client of the operations API against the API itself, and against others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from smsgw.commands.client import Client, answers, base_url
from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret
from smsgw.web.operations import Operations
from smsgw.web.problems import Problem
from tests.back_office import AZIZA_TOKEN, BOBUR_TOKEN, DAY, money_of, paid
from tests.house import ANNA, BORIS, CHEAP, PAY, House
from tests.ports import free_port

TOKEN = "token-of-the-tests"


@pytest.fixture
async def client(address: tuple[str, int]) -> AsyncIterator[Client]:
    async with Client(address, Secret(TOKEN)) as connected:
        yield connected


async def test_every_operation_answers_as_it_does_without_a_network(house: House, client: Client) -> None:
    direct = Operations(house.rules, house.store, house.chance, CHEAP)
    await house.text(PAY)
    number = str((await house.payment()).number)

    assert await client.show_subscriber(ANNA) == await direct.show_subscriber(ANNA)
    assert await client.payments(None, 5) == await direct.payments(None, 5)
    assert await client.payments(ANNA, 5) == await direct.payments(ANNA, 5)
    assert await client.payment(number) == await direct.payment(number)
    assert await client.check_ledger() == await direct.check_ledger()


async def test_what_changes_something_changes_it_once(house: House, client: Client) -> None:
    added = await client.add_subscriber(BORIS, Secret("parol2"), "en")
    await client.top_up(BORIS, "60000", "till", "k1")
    await client.top_up(BORIS, "60000", "till", "k1")
    blocked, unblocked = await client.block(BORIS), await client.unblock(BORIS)

    assert not isinstance(added, Problem)
    assert not isinstance(blocked, Problem)
    assert not isinstance(unblocked, Problem)
    assert (blocked["blocked"], unblocked["blocked"]) == (True, False)
    assert await house.available(BORIS) == "60000"


async def test_money_is_asked_for_as_it_is_without_a_network(house: House, address: tuple[str, int]) -> None:
    number, why = await paid(house, amount="200000"), "the subscriber called"
    direct = money_of(house)
    async with Client(address, Secret(AZIZA_TOKEN)) as aziza, Client(address, Secret(BOBUR_TOKEN)) as bobur:
        refund = await aziza.refund(number, why, by_house=True)
        assert not isinstance(refund, Problem)
        assert await bobur.action(str(refund["id"])) == refund
        assert await aziza.actions("proposed", 5) == await direct.actions("proposed", 5)
        assert await aziza.actions(None, 5) == await direct.actions(None, 5)
        assert await aziza.reject(str(refund["id"]), why) == await direct.action(str(refund["id"]))
        assert await aziza.adjust(ANNA, "1", "a/b?c", why, into=True) == await direct.action("adjust:a/b?c")
        refusals = [
            (await bobur.resolve(number, why, paid=True), await direct.of("bobur").resolve(number, why, paid=True)),
            (await bobur.taken_back(number, why), await direct.of("bobur").taken_back(number, why)),
            (await bobur.approve("adjust:a/b?c"), await direct.of("bobur").approve("adjust:a/b?c")),
            (await bobur.close_day("sarkor", DAY, why), await direct.of("bobur").close_day("sarkor", DAY, why)),
            (await bobur.reconcile("sarkor", DAY), await direct.reconcile("sarkor", DAY)),
        ]
        assert [asked for asked, _ in refusals] == [answer for _, answer in refusals]
        assert all(isinstance(asked, Problem) for asked, _ in refusals)
        assert await bobur.day("sarkor", DAY) == await direct.day("sarkor", DAY)


@pytest.mark.parametrize("number", ["", "../payments", "a/b?c#d", "+998 90", "%2B998901234567"])
async def test_a_strange_number_reaches_the_api_as_it_is(client: Client, number: str) -> None:
    assert isinstance(await client.show_subscriber(number), Problem)


async def test_another_token_is_refused_with_the_mend(address: tuple[str, int]) -> None:
    async with Client(address, Secret("another-token-of-it")) as stranger:
        answer = await stranger.check_ledger()
    assert isinstance(answer, Problem)
    assert "token of [http]" in answer.detail
    assert "other tokens than this shell has" in answer.detail


async def test_a_gateway_is_known_by_its_answer(address: tuple[str, int]) -> None:
    assert await answers(address) is True
    assert await answers(("127.0.0.1", free_port())) is False


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"alive": "yes"}'])
async def test_another_service_on_the_port_is_named_and_never_asked(body: str) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(text=body)

    app = web.Application()
    app.router.add_get("/healthz", handle)
    async with TestServer(app) as server:
        with pytest.raises(Failed, match="is no smsgw"):
            await answers(("127.0.0.1", int(server.port or 0)))


async def test_a_gateway_that_is_gone_in_the_middle_is_no_answer() -> None:
    async with Client(("127.0.0.1", free_port()), Secret(TOKEN)) as client:
        with pytest.raises(Failed, match="gave no answer"):
            await client.check_ledger()


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 -- recognised here, not listened on
        ("::", "::1"),
        ("10.0.0.5", "10.0.0.5"),
    ],
)
def test_a_gateway_that_listens_everywhere_is_asked_here(host: str, asked: str) -> None:
    assert base_url((host, 8080)).host == asked
