"""A page of somebody else in the engineer's browser reaches nothing of the simulator."""

from __future__ import annotations

import pytest
from yarl import URL

from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from tests.integration.wired import Http, asking

TOKEN = "0123456789abcdef"
SETTINGS = SimulatorSettings(providers=(BillingSetup(name="sarkor", protocol="sarkor"),))
MO = {"from": "998901234567", "to": "1400", "text": "HELP"}
EVIL = {"Origin": "http://evil.example"}
REBOUND = {"Host": "evil.example:8090"}


async def status(http: Http, method: str, path: str, headers: dict[str, str]) -> int:
    answer = await http.ask(method, path, MO if method == "POST" else None, headers=headers)
    assert answer.status != 403 or answer.body["detail"]
    return answer.status


@pytest.mark.parametrize("headers", [EVIL, {"Origin": "null"}, REBOUND])
async def test_it_can_neither_ask_nor_read(headers: dict[str, str]) -> None:
    async with Simulator(SETTINGS) as simulator, asking(simulator) as http:
        for method, path in (("POST", "/mo"), ("POST", "/faults"), ("POST", "/"), ("GET", "/pdus"), ("GET", "/x")):
            assert (path, await status(http, method, path, headers)) == (path, 403)
        assert (await http.get("/traffic"))["entries"] == []
        assert await status(http, "GET", "/providers/sarkor/ledger", headers) == 403


async def test_our_own_page_and_scripts_can() -> None:
    async with Simulator(SETTINGS) as simulator, asking(simulator) as http:
        assert await status(http, "POST", "/mo", {"Origin": str(URL(simulator.http_url).origin())}) == 202
        assert await status(http, "POST", "/mo", {}) == 202


@pytest.mark.parametrize("headers", [EVIL, REBOUND])
async def test_clients_of_a_provider_have_credentials_of_their_own(headers: dict[str, str]) -> None:
    async with Simulator(SETTINGS) as simulator, asking(simulator) as http:
        path = f"/providers/sarkor{simulator.billings['sarkor'].server.path.replace('{tail:.*}', 'check')}"
        assert await http.ask("GET", path, headers=headers) == await http.ask("GET", path)


async def test_with_a_token_any_name_will_do_but_no_other_page() -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    async with Simulator(SimulatorSettings(http_token=TOKEN)) as simulator, asking(simulator) as http:
        assert await status(http, "GET", "/pdus", shown | REBOUND) == 200
        assert await status(http, "POST", "/mo", shown | EVIL) == 403
