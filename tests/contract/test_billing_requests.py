"""What the simulated billings say to requests that no gateway should send: each in the words of its protocol."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Final

import aiohttp
import pytest
from aiohttp import web

from simulator.billing.provider import BillingSetup
from tests.contract.billings import World, serving

PROTOCOLS: Final = ("click", "json", "osmp", "payme", "paynet", "sarkor", "sber")
SETUPS: Final = (
    *(BillingSetup(name=name, protocol=name, login="smsgw", password="canary") for name in PROTOCOLS),
    BillingSetup(name="open", protocol="osmp"),
    BillingSetup(name="open-sber", protocol="sber"),
)
BASIC: Final = base64.b64encode(b"smsgw:canary").decode()
DEEP: Final = '{"a":' * 100_000 + "1" + "}" * 100_000
PAID: Final = "command=pay&txn_id=%s&txn_date=20261121190000&account=%s&sum=10.00"
SBER_PAID: Final = "ACTION=payment&PAY_ID=%s&PAY_DATE=21.11.2026_19:00:00&ACCOUNT=%s&AMOUNT=10.00"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving(web.Application(), SETUPS) as world:
        yield world


async def told(world: World, path: str, body: str | None = None, kind: str = "", scheme: str = "Basic") -> str:
    """The status and the body of the answer to one request; a POST where there is a body."""
    headers = {"Authorization": f"{scheme} {BASIC}"} | ({"Content-Type": kind} if kind else {})
    method = "GET" if body is None else "POST"
    async with aiohttp.request(method, world.url(path), data=body, headers=headers) as response:
        return f"{response.status} {await response.text()}"


UNREAD: Final = (
    ("paynet", "/paynet/paynet", '200 {"jsonrpc": "2.0", "id": null, "error": {"code": -32700'),
    ("payme", "/payme/payme", '200 {"jsonrpc": "2.0", "id": null, "error": {"code": -32700'),
    ("sarkor", "/sarkor/payment/", '200 {"status": -2'),
    ("json", "/json/json/check", "400 not of the protocol"),
)


@pytest.mark.parametrize(("name", "path", "answer"), UNREAD)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (DEEP, "application/json"),
        ("{}", "application/json; charset=foo"),
        ('{"a":' + "9" * 5000 + "}", "application/json"),
    ],
)
async def test_a_body_that_cannot_be_read_is_told_so(
    world: World, name: str, path: str, answer: str, body: str, kind: str
) -> None:
    assert (await told(world, path, body, kind)).startswith(answer)
    assert world.billings[name].requests == {"bad": 1}


@pytest.mark.parametrize("name", ["osmp", "sber", "click"])
async def test_a_form_in_no_charset_is_a_bad_request(world: World, name: str) -> None:
    kind = "application/x-www-form-urlencoded; charset=foo"
    assert (await told(world, f"/{name}/{name}", "command=check", kind)).startswith("400 ")
    assert world.billings[name].requests == {"bad": 1}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"/open/osmp?{PAID % (2, '')}", "<result>5</result>"),
        (f"/open/osmp?{PAID % (1, '')}", "500 duplicate entry"),
        (f"/open/osmp?{PAID % (0, 'n2')}", "<result>300</result>"),
        (f"/open/osmp?{PAID % ('00', 'n2')}", "<result>300</result>"),
        ("/open/osmp?command=check&account=n2&sum=abc", "<result>300</result>"),
        ("/open/osmp?command=check&account=n2", "<result>0</result>"),
        (f"/open-sber/sber?{SBER_PAID % (2, '')}", "<CODE>3</CODE>"),
        (f"/open-sber/sber?{SBER_PAID % (0, 'n2')}", "<CODE>6</CODE>"),
    ],
)
async def test_nothing_is_paid_for_nobody_or_under_no_number(world: World, path: str, answer: str) -> None:
    name = path.split("/")[1]
    await told(
        world, f"/{name}/{world.billings[name].server.base[1:]}?{(SBER_PAID if 'sber' in name else PAID) % (1, 'n1')}"
    )
    assert answer in await told(world, path)
    assert world.credited(name) == [(1, "n1", 1000)]


@pytest.mark.parametrize("account", ["", "n000"])
async def test_sarkor_credits_nobody(world: World, account: str) -> None:
    for client_id, reference, status in (("n1", 1, 1), (account, 1, 0), (account, 2, 0)):
        order = {"operation": 10, "client_id": client_id, "amount": 10, "trans_id": reference}
        body = json.dumps({"paysys_login": "smsgw", "paysys_pass": "canary"} | order)
        assert (await told(world, "/sarkor/payment/", body)).startswith(f'200 {{"status": {status}, ')
    assert world.credited("sarkor") == [(1, "n1", 1000)]


ASKED: Final = (
    ("/osmp/osmp?command=check&account=n1", None),
    ("/sber/sber?ACTION=check&ACCOUNT=n1", None),
    ("/json/json/payments/1", None),
    ("/paynet/paynet", "{}"),
    ("/payme/payme", "{}"),
)


@pytest.mark.parametrize(("path", "body"), ASKED)
async def test_the_scheme_of_credentials_has_no_case(world: World, path: str, body: str | None) -> None:
    answers = {scheme: await told(world, path, body, scheme=scheme) for scheme in ("Basic", "basic", "BASIC", "Bearer")}
    assert answers["Basic"] == answers["basic"] == answers["BASIC"] != answers["Bearer"]
    assert answers["Bearer"].startswith("401 ") or "-32504" in answers["Bearer"]
