"""Off loopback nobody asks without the token, but for the providers' own clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from simulator.app import Simulator
from simulator.billing.app import open_paths
from simulator.billing.provider import SERVERS, BillingSetup
from simulator.settings import SimulatorSettings
from simulator.tapes.following import Door
from simulator.tapes.masking import Masks
from simulator.tapes.record import LineRecorder
from tests.integration.test_simulator_commands import run
from tests.integration.wired import Http, asking

TOKEN = "0123456789abcdef"
PROVIDERS = tuple(BillingSetup(name=protocol, protocol=protocol) for protocol in SERVERS)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(http_token=TOKEN, providers=PROVIDERS)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[Http]:
    async with asking(simulator, cookie_jar=aiohttp.CookieJar(unsafe=True)) as asked:  # an address is no domain
        yield asked


def bearing(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


async def test_every_path_is_closed_without_the_token(simulator: Simulator, http: Http) -> None:
    health = (await http.ask("GET", "/health", headers=bearing(TOKEN))).body
    levers = set(health["paths"]) - open_paths(PROVIDERS)
    assert {"/", "/mt", "/pdus", "/sessions/{id}/raw", "/outbind", "/providers", "/providers/sber/faults"} <= levers
    for path in levers:
        answer = await http.ask("GET", path)
        assert (path, answer.status) == (path, 401)
        assert "Authorization: Bearer TOKEN" in answer.body["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        bearing(TOKEN + "x"),
        bearing(""),
        bearing(TOKEN, "Basic"),
        bearing("тест"),
        {"Cookie": f"simulator_token={TOKEN}"},  # the cookie is not the token itself
        {},
    ],
)
async def test_another_token_is_none(http: Http, headers: dict[str, str]) -> None:
    assert (await http.ask("GET", "/health", headers=headers)).status == 401


async def test_the_scheme_may_be_written_in_any_case(http: Http) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert (await http.ask("GET", "/health", headers=bearing(TOKEN, scheme))).status == 200


async def test_a_browser_shows_the_token_once_and_has_a_cookie_from_then_on(http: Http) -> None:
    first = await http.ask("GET", "/", params={"token": TOKEN}, allow_redirects=False)
    assert first.status == 303
    assert (await http.ask("GET", "/")).status == 200
    assert (await http.ask("GET", "/health")).status == 200
    assert (await http.ask("POST", "/mo", {"from": "1", "to": "2", "text": "3"})).status == 202


async def test_the_cookie_says_nothing_of_the_token_and_scripts_cannot_read_it(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        where = URL(simulator.http_url).with_path("/").with_query(token=TOKEN)
        async with session.get(where, allow_redirects=False) as response:
            cookie = response.headers["Set-Cookie"]
            assert response.headers["Location"] == "/"
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}


async def test_a_wrong_token_in_the_address_opens_nothing(http: Http) -> None:
    assert (await http.ask("GET", "/", params={"token": "wrong"})).status == 401
    assert (await http.ask("GET", "/health", params={"token": TOKEN})).status == 401  # only the page takes it


@pytest.mark.parametrize("name", SERVERS)
async def test_clients_of_a_provider_need_no_token_but_its_levers_do(simulator: Simulator, name: str) -> None:
    base = simulator.billings[name].server.path.replace("{tail:.*}", "v1/check")
    async with asking(simulator) as http:
        assert (await http.ask("POST", f"/providers/{name}{base}", {})).status != 401
        for lever in ("ledger", "faults", "accounts"):
            assert (await http.ask("GET", f"/providers/{name}/{lever}")).status == 401
        assert (await http.ask("GET", "/providers")).status == 401


async def test_without_a_token_on_loopback_everything_is_open() -> None:
    async with Simulator() as simulator, asking(simulator) as http:
        assert (await http.ask("GET", "/health")).status == 200


async def test_whoever_records_shows_it_too(simulator: Simulator) -> None:
    stop, tape = asyncio.Event(), StringIO()
    masks = Masks(texts=True, pseudonyms=None)
    await LineRecorder(Door(simulator.http_url, TOKEN), tape, masks).record(stop, stop.set)
    assert '"kind": "tape"' in tape.getvalue()


@pytest.mark.parametrize("words", [("record",), ("replay",)])
async def test_whoever_comes_without_it_is_told_what_to_do(simulator: Simulator, words: str, tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    header = '{"kind": "tape", "version": 2, "at_s": 0}'
    tape.write_text(
        header + '\n{"kind": "mo", "id": 1, "at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}\n'
    )
    code, _, said = await run(*words, str(tape), "--url", simulator.http_url)
    assert code == 1
    assert "wants its token: name the variable that holds it with --token-env" in said
