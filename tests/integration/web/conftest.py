"""The HTTP side over a house: a real listener on loopback, the real use cases, a database in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from smsgw.domain.secret import Secret
from smsgw.service.exchanges import ProviderVitals
from smsgw.web.facade import Facade
from smsgw.web.operations import Operations
from smsgw.web.server import application
from smsgw.web.vitals import LinkVitals
from tests.back_office import AZIZA_TOKEN, BOBUR_TOKEN, OPERATORS, money_of
from tests.house import CHEAP, House

Http = TestClient[Any, Any]
TOKEN = "token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
AZIZA = {"Authorization": f"Bearer {AZIZA_TOKEN}"}
BOBUR = {"Authorization": f"Bearer {BOBUR_TOKEN}"}


@pytest.fixture
async def house() -> House:
    built = House()
    await built.enrol()
    return built


@pytest.fixture
def links() -> dict[str, LinkVitals]:
    """One bound link; a test may take it away."""
    return {"operator": LinkVitals(bound=1)}


@pytest.fixture
def providers() -> dict[str, ProviderVitals]:
    """One provider that is well; a test may change it."""
    return {"sarkor": ProviderVitals(protocol="sarkor")}


@pytest.fixture
def facade(house: House, links: dict[str, LinkVitals], providers: dict[str, ProviderVitals]) -> Facade:
    return Facade(
        address=("127.0.0.1", 0),
        token=Secret(TOKEN),
        operators=OPERATORS,
        store=house.store,
        operations=Operations(house.rules, house.store, house.chance, CHEAP),
        money=money_of(house),
        links=lambda: links,
        providers=lambda: providers,
        waiting=lambda: {"calls": 0, "texts": 2},
        follow=lambda *_: None,
    )


@pytest.fixture
async def client(facade: Facade) -> AsyncIterator[Http]:
    async with TestClient(TestServer(application(facade)), headers=BEARER) as connected:
        yield connected
