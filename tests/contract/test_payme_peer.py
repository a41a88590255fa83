"""The simulated provider of Payme as clients of others see it: equal answers to equal requests, and every error.

Payme's own sandbox sends each creation, performing and cancelling twice and compares the answers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from tests.contract.billings import World, serving

# Of the kind that Payme makes: 96 bits, the first of them a time.
ID: Final = "5f00c1d2e3f4a5b6c7d8e9f0"
KEY: Final = {"Authorization": "Basic " + base64.b64encode(b"Paycom:canary").decode()}
ACCOUNT: Final = {"phone": "903595731"}
CREATION: Final[Mapping[str, Any]] = {"id": ID, "time": 1_795_289_389_000, "amount": 500_000, "account": ACCOUNT}


class Client:
    """Somebody else's client."""

    def __init__(self, session: aiohttp.ClientSession, url: str, world: World) -> None:
        self._session = session
        self._url = url
        self.world = world

    async def post(self, body: str | bytes, headers: Mapping[str, str] = KEY) -> dict[str, Any]:
        async with self._session.post(self._url, data=body, headers=headers) as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
            answer = await response.json()
            assert isinstance(answer, dict)
            return answer

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        return await self.post(json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}))

    async def twice(self, method: str, **params: object) -> dict[str, Any]:
        """The answer to a request that is sent two times."""
        answer = await self.ask(method, **params)
        assert await self.ask(method, **params) == answer
        return answer

    async def get(self) -> dict[str, Any]:
        async with self._session.get(self._url, headers=KEY) as response:
            assert response.status == 200
            answer = await response.json()
            assert isinstance(answer, dict)
            return answer


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    setup = BillingSetup(name="payme", protocol="payme", password="canary")
    async with serving(web.Application(), [setup]) as world, aiohttp.ClientSession() as session:
        yield Client(session, world.url("/payme/payme"), world)


def code(answer: Mapping[str, Any]) -> int:
    assert set(answer["error"]["message"]) == {"ru", "uz", "en"}
    assert isinstance(answer["error"]["code"], int)
    return int(answer["error"]["code"])


async def test_a_transaction_is_created_performed_and_cancelled_with_equal_answers(client: Client) -> None:
    assert (await client.ask("CheckPerformTransaction", amount=500_000, account=ACCOUNT))["result"]["allow"] is True
    created = (await client.twice("CreateTransaction", **CREATION))["result"]
    assert created == {"create_time": created["create_time"], "transaction": "5001", "state": 1}
    performed = (await client.twice("PerformTransaction", id=ID))["result"]
    assert performed == {"transaction": "5001", "perform_time": performed["perform_time"], "state": 2}
    cancelled = (await client.twice("CancelTransaction", id=ID, reason=5))["result"]
    assert cancelled == {"transaction": "5001", "cancel_time": cancelled["cancel_time"], "state": -2}
    assert (await client.twice("CheckTransaction", id=ID))["result"] == {
        "create_time": created["create_time"],
        "perform_time": performed["perform_time"],
        "cancel_time": cancelled["cancel_time"],
        "transaction": "5001",
        "state": -2,
        "reason": 5,
    }


async def test_what_has_not_happened_has_the_time_0_and_no_reason(client: Client) -> None:
    await client.ask("CreateTransaction", **CREATION)
    told = (await client.ask("CheckTransaction", id=ID))["result"]
    assert told["create_time"] > 10**12
    assert (told["perform_time"], told["cancel_time"], told["reason"]) == (0, 0, None)


async def test_a_cancelled_transaction_can_neither_be_created_nor_performed(client: Client) -> None:
    await client.ask("CreateTransaction", **CREATION)
    cancelled = (await client.twice("CancelTransaction", id=ID, reason=3))["result"]
    assert cancelled["state"] == -1
    assert code(await client.twice("CreateTransaction", **CREATION)) == -31008
    assert code(await client.twice("PerformTransaction", id=ID)) == -31008
    await client.ask("CancelTransaction", id=ID, reason=5)
    assert (await client.ask("CheckTransaction", id=ID))["result"]["reason"] == 3


async def test_a_performed_transaction_is_not_created_anew(client: Client) -> None:
    await client.ask("CreateTransaction", **CREATION)
    await client.ask("PerformTransaction", id=ID)
    assert code(await client.ask("CreateTransaction", **CREATION)) == -31008


async def test_an_id_is_for_one_order(client: Client) -> None:
    await client.ask("CreateTransaction", **CREATION)
    assert code(await client.ask("CreateTransaction", **{**CREATION, "amount": 500_001})) == -31008
    assert code(await client.ask("CreateTransaction", **{**CREATION, "account": {"phone": "1"}})) == -31008


@pytest.mark.parametrize(
    ("amount", "account", "error"),
    [
        (500_000, {"phone": "903595000"}, -31050),
        (500_000, {}, -31050),
        (500_000, {"phone": ""}, -31050),
        (99, ACCOUNT, -31001),
        (0, ACCOUNT, -31001),
        (-500_000, ACCOUNT, -31001),
        (10_000_000_001, ACCOUNT, -31001),
    ],
)
async def test_orders_that_are_refused(client: Client, amount: int, account: dict[str, str], error: int) -> None:
    """An error in the account names its field."""
    checked = await client.ask("CheckPerformTransaction", amount=amount, account=account)
    created = await client.twice("CreateTransaction", **{**CREATION, "amount": amount, "account": account})
    assert code(checked) == code(created) == error
    assert checked["error"].get("data") == (next(iter(account), "account") if error == -31050 else None)


@pytest.mark.parametrize("method", ["PerformTransaction", "CheckTransaction", "CancelTransaction"])
async def test_an_unknown_id_is_no_transaction(client: Client, method: str) -> None:
    assert code(await client.ask(method, id=ID, reason=5)) == -31003


async def test_what_is_used_up_is_not_cancelled(client: Client) -> None:
    await client.ask("CreateTransaction", **{**CREATION, "account": {"phone": "903595999"}})
    await client.ask("PerformTransaction", id=ID)
    assert code(await client.twice("CancelTransaction", id=ID, reason=5)) == -31007
    assert (await client.ask("CheckTransaction", id=ID))["result"]["state"] == 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", -32700),
        (b"\xff", -32700),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, -32700),
        ('{"id":"\\ud800","method":"StealTransaction","params":{}}', -32601),
        ("[]", -32600),
        ("{}", -32600),
        ('{"id":7,"method":7,"params":{}}', -32600),
        ('{"id":7,"method":"CheckTransaction"}', -32600),
        ('{"id":7,"method":"StealTransaction","params":{}}', -32601),
        ('{"id":7,"method":"CheckTransaction","params":{}}', -32602),
        ('{"id":7,"method":"CheckTransaction","params":{"id":17}}', -32602),
        ('{"id":7,"method":"CheckTransaction","params":{"id":"17"}}', -32602),
        ('{"id":7,"method":"CheckTransaction","params":{"id":"' + "0" * 24 + '"}}', -32602),
        ('{"id":7,"method":"CancelTransaction","params":{"id":"' + ID + '"}}', -32602),
        ('{"id":7,"method":"CheckPerformTransaction","params":{"amount":1.5,"account":{"a":"1"}}}', -32602),
        ('{"id":7,"method":"CheckPerformTransaction","params":{"amount":500,"account":"1"}}', -32602),
        ('{"id":7,"method":"CheckPerformTransaction","params":{"amount":500,"account":{"a":1}}}', -32602),
        ('{"id":7,"method":"GetStatement","params":{"from":1}}', -32602),
    ],
)
async def test_requests_that_cannot_be_understood(client: Client, body: str | bytes, error: int) -> None:
    assert code(await client.post(body)) == error


async def test_only_a_post_with_the_key_is_answered(client: Client) -> None:
    assert code(await client.get()) == -32300
    body = json.dumps({"id": 7, "method": "CheckTransaction", "params": {"id": ID}})
    for headers in ({}, {"Authorization": "Basic UGF5Y29tOndyb25n"}, {"Authorization": "Bearer canary"}):
        assert code(await client.post(body, headers)) == -32504


async def test_the_id_of_a_call_comes_back_as_it_went(client: Client) -> None:
    for rpc_id in (7, "seven", None):
        body = json.dumps({"id": rpc_id, "method": "CheckTransaction", "params": {"id": ID}})
        assert (await client.post(body))["id"] == rpc_id


async def test_a_statement_lists_every_state_by_the_time_of_the_payment_system(client: Client) -> None:
    """Both ends are in it, the earliest comes first, and an account is told as it came."""
    for last, at_ms in (("1", 2_000), ("2", 1_000), ("3", 3_001)):
        await client.ask("CreateTransaction", **{**CREATION, "id": ID[:-1] + last, "time": at_ms})
    await client.ask("PerformTransaction", id=ID[:-1] + "2")
    listed = (await client.ask("GetStatement", **{"from": 1_000, "to": 3_000}))["result"]["transactions"]
    assert [(row["id"], row["state"], row["time"]) for row in listed] == [
        (ID[:-1] + "2", 2, 1_000),
        (ID[:-1] + "1", 1, 2_000),
    ]
    assert (listed[0]["amount"], listed[0]["account"], listed[0]["transaction"]) == (500_000, ACCOUNT, "5002")
    assert set(listed[0]) == {
        "id", "time", "amount", "account", "create_time", "perform_time", "cancel_time", "transaction", "state",
        "reason", "receivers",
    }  # fmt: skip
