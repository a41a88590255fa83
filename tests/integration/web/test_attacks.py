"""Attacks on the HTTP side: no token, somebody else's role, a key too many, another one's things."""

from __future__ import annotations

import asyncio
import re
import tomllib
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from smsgw.domain.calls import Answer, Found, Pending, RefusalReason, Refused, Unknown, Verb
from smsgw.web.facade import Facade
from smsgw.web.server import application, serve
from tests.house import ANNA, BORIS, PAY, House
from tests.integration.web.conftest import AZIZA, Http
from tests.ports import free_port

API: Final = "/api/v1"
ANNA_URL: Final = f"{API}/subscribers/%2B998901234567"
OPEN: Final = {"/healthz", "/readyz", "/metrics"}


async def status_of(client: Http, method: str, path: str, body: Any = None, **options: Any) -> int:
    async with client.request(method, path, json=body, **options) as response:
        await response.read()
        return response.status


def routes(facade: Facade) -> list[tuple[str, str]]:
    """Every method and address that is served, with something in its placeholders."""
    resources = [(route.method, route.resource) for route in application(facade).router.routes()]
    return [(method, re.sub(r"\{\w+\}", "1", each.canonical)) for method, each in resources if each is not None]


@pytest.mark.proves("A81")
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer " + "x" * 8000, "Basic YWRtaW46YWRtaW4=", "Bearer admin"])
async def test_no_address_but_the_probes_is_open(client: Http, facade: Facade, header: str) -> None:
    """Whoever adds a route does not have to remember the gate."""
    served = [(method, path) for method, path in routes(facade) if path not in OPEN]
    answers = {await status_of(client, m, path, headers={"Authorization": header}) for m, path in served}

    assert len(served) > 25
    assert answers == {HTTPStatus.UNAUTHORIZED}


@pytest.mark.proves("A81")
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/status",
        "//api/v1/status",
        "/api//v1/status",
        "/%61pi/v1/status",
        "/%2561pi/v1/status",
        "/API/v1/status",
        "/./api/v1/status",
        "/healthz/../api/v1/status",
        "/healthz%2f..%2fapi/v1/status",
        "/api;x/v1/status",
        "/api/v1/status?token=x",
        "http://localhost/api/v1/status",
    ],
)
async def test_no_spelling_of_an_address_leads_around_the_gate(facade: Facade, path: str) -> None:
    port = free_port()
    async with serve(replace(facade, address=("127.0.0.1", port))):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()

    assert re.match(rb"HTTP/1\.1 (401|404|400) ", answer)
    assert b"links" not in answer


@pytest.mark.proves("A82")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ANNA_URL, {"password": "newparol7", "blocked": False, "balance": "1000000000"}),
        (ANNA_URL, {"password": "newparol7", "registered": True}),
        (ANNA_URL, {"password": "newparol7", "credential_version": 99}),
        (ANNA_URL, {"password": "newparol7", "wrong_codes": 0}),
        (f"{ANNA_URL}/level", {"level": "", "available": "9"}),
        (f"{API}/topups", {"number": ANNA, "agent": "a", "amount": "1", "key": "k", "state": "done"}),
        (f"{API}/topups", {"number": ANNA, "agent": "a", "amount": "1", "key": "k", "amount_minor": 10**9}),
        (f"{API}/topups", {"number": [ANNA, BORIS], "agent": "a", "amount": "1", "key": "k"}),
        (f"{API}/topups", {"number": ANNA, "agent": "a", "amount": 1, "key": "k"}),
        (f"{API}/adjustments", {"number": ANNA, "amount": "1", "into": "true", "reason": "x", "key": "k"}),
        (
            f"{API}/adjustments",
            {"number": ANNA, "amount": "1", "into": True, "reason": "x", "key": "k", "asked_by": "bobur"},
        ),
        (f"{API}/payments/1/resolve", {"paid": True, "reason": "x", "state": "executed"}),
        (f"{API}/payments/1/refund", {"reason": "x", "amount": "1000000"}),
        (f"{API}/actions/1/approve", {"reason": "x", "decided_by": "bobur"}),
    ],
)
async def test_a_key_too_many_changes_nothing(client: Http, house: House, path: str, body: dict[str, Any]) -> None:
    before = await house.store.reads.subscriber(ANNA), await house.available()
    status = await status_of(client, "POST", path, body, headers=AZIZA)

    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (await house.store.reads.subscriber(ANNA), await house.available()) == before


@pytest.mark.proves("A82")
@pytest.mark.parametrize(
    "path",
    [
        f"{API}/payments/1%20OR%201=1",
        f"{API}/payments/-1",
        f"{API}/payments/0x1",
        f"{API}/payments/1e3",
        f"{API}/payments/٣",
        f"{API}/payments/{10**30}",
        f"{API}/payments/..%2f..%2fsubscribers%2f%2B998901234567",
        f"{API}/payments/%00",
        f"{API}/subscribers/998901234567",
        f"{API}/subscribers/%25",
        f"{API}/subscribers/_",
        f"{API}/subscribers/%2B998901234567'--",
        f"{API}/actions/%27%20OR%20%27%27=%27",
        f"{API}/providers/..%2fsarkor/days/2026-11-18",
        f"{API}/payments?number=%25",
        f"{API}/payments?number=%2B99890%25",
        f"{API}/payments?limit=-1",
        f"{API}/payments?limit=99999999999999999999",
        f"{API}/payments?number=%2B998901234567&limit=1&limit=2&x=1",
        f"{API}/actions?state=done'--",
    ],
)
async def test_what_is_no_name_of_a_thing_shows_nothing(client: Http, house: House, path: str) -> None:
    """Ids are read, never searched by: no pattern, no list, no other one's payment behind a clever number."""
    await house.text(PAY)
    async with client.get(path) as response:
        text = await response.text()

    assert response.status in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}
    assert "n25656" not in text


@pytest.mark.proves("A82")
@given(st.text(st.characters(codec="utf-8"), max_size=30))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
async def test_any_id_is_answered_in_order(facade: Facade, text: str) -> None:
    for refused in (facade.operations.payment(text), facade.operations.show_subscriber(text)):
        document = await refused
        assert not isinstance(document, dict) or ANNA in str(document)


@pytest.mark.proves("A83", "A82")
async def test_nobody_decides_about_what_is_asked_for_under_the_own_name(client: Http, house: House) -> None:
    """Neither by another spelling of the header nor by a second request."""
    body = {"number": ANNA, "amount": "500000", "into": True, "reason": "x", "key": "k1"}
    async with client.post(f"{API}/adjustments", json=body, headers=AZIZA) as response:
        action = (await response.json())["id"]
    answers = [
        await status_of(client, "POST", f"{API}/actions/{action}/approve", {}, headers={**AZIZA, **more})
        for more in ({}, {"X-Operator": "bobur"}, {"X-Forwarded-User": "bobur"})
    ]

    assert answers == [HTTPStatus.FORBIDDEN] * 3
    assert await house.available() == "1000000"


@pytest.mark.proves("A85")
async def test_no_open_page_tells_of_people(client: Http, house: House) -> None:
    """Whatever has happened: labels are our own words, and no number of a person, an account or a sum is one."""
    await house.text(PAY)
    await house.text(house.code)
    for path in OPEN:
        async with client.get(path, headers={"Authorization": ""}) as response:
            page = await response.text()
        assert response.status == HTTPStatus.OK
        assert not re.search(r"99890|n25656|50000|parol1", page), path


PROVIDERS_WORDS: Final = "<script>alert(1)</script> CALL +998900000000\r\n=cmd|'/c calc'!A1\x1b[2J"


@pytest.mark.proves("A80")
@pytest.mark.parametrize(
    "answer",
    [
        Refused(RefusalReason.OTHER, PROVIDERS_WORDS, PROVIDERS_WORDS),
        Found(PROVIDERS_WORDS),
        Unknown(PROVIDERS_WORDS),
        Pending(),
    ],
)
@pytest.mark.parametrize("verb", [Verb.CHECK, Verb.PAY])
async def test_no_word_of_a_provider_reaches_a_phone(house: House, verb: Verb, answer: Answer) -> None:
    """A refusal becomes one of our own texts, whatever the provider wrote with it."""
    house.providers["sarkor"].answers[verb].extend([answer] * 3)
    await house.text(PAY)
    if verb is Verb.PAY:
        await house.text(house.code)
    said = " ".join(text for _, text in house.phones.inbox)

    assert not re.search(r"script|alert|900000000|cmd|\x1b", said)


@pytest.mark.proves("A84")
def test_nothing_of_a_test_bench_is_served(facade: Facade) -> None:
    """The simulator is a package of its own, and the layers keep the gateway from importing it."""
    prefixes = {path.split("/")[1] for _, path in routes(facade)}

    assert prefixes == {"healthz", "readyz", "metrics", "api"}


@pytest.mark.proves("A89")
def test_no_account_can_begin_like_a_formula() -> None:
    """Registries are tables; no shipped pattern lets in what a spreadsheet would run."""
    for file in Path("config").rglob("providers.toml"):
        for name, table in tomllib.loads(file.read_text()).items():
            for part in table.get("account", [{}]):
                pattern = part.get("pattern", "[0-9]+")
                for first in "=+-@\t\r":
                    for rest in ("1", "cmd|' /C calc'!A1", "123456", "abc123"):
                        assert not re.fullmatch(pattern, first + rest), (name, pattern)
