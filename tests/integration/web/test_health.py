"""Health: alive is not ready; ready is a store that commits and a bound link; metrics come in any state."""

import asyncio
from http import HTTPStatus
from typing import Any

import pytest

from smsgw.ports import StoreUnavailable
from smsgw.service.exchanges import ProviderVitals
from smsgw.settlement.breaker import Standing
from smsgw.smpp.status import LinkHealth
from smsgw.web import health
from smsgw.web.vitals import LinkVitals
from tests.house import House
from tests.integration.web.conftest import Http


async def ready(client: Http) -> tuple[int, dict[str, Any]]:
    async with client.get("/readyz") as response:
        return response.status, await response.json()


async def away(*_: object) -> None:
    raise StoreUnavailable("disk full")


async def asleep(*_: object) -> None:
    await asyncio.sleep(60)


async def test_a_bound_link_and_a_store_that_commits_are_ready(client: Http) -> None:
    assert await ready(client) == (HTTPStatus.OK, {"ready": True, "state": "ok", "reasons": []})


async def test_without_a_bound_link_nothing_can_be_served(client: Http, links: dict[str, LinkVitals]) -> None:
    links["operator"] = LinkVitals(bound=0, health=LinkHealth.DOWN, reason="bind_refused: ESME_RINVPASWD")

    assert await ready(client) == (
        HTTPStatus.SERVICE_UNAVAILABLE,
        {"ready": False, "state": "down", "reasons": ["link operator: bind_refused: ESME_RINVPASWD"]},
    )


@pytest.mark.parametrize("health_", [LinkHealth.DEGRADED, LinkHealth.DOWN])
async def test_one_link_of_two_that_is_not_well_is_said_and_texts_are_taken(
    client: Http, links: dict[str, LinkVitals], health_: LinkHealth
) -> None:
    links["second"] = LinkVitals(bound=1, health=health_, reason="1 of 2 sessions bound: connection_lost")

    assert await ready(client) == (
        HTTPStatus.OK,
        {"ready": True, "state": "degraded", "reasons": ["link second: 1 of 2 sessions bound: connection_lost"]},
    )


@pytest.mark.parametrize("standing", [Standing.PAUSED, Standing.PROBING])
async def test_a_provider_that_is_left_alone_is_said_and_all_others_are_paid(
    client: Http, providers: dict[str, ProviderVitals], standing: Standing
) -> None:
    providers["comnet"] = ProviderVitals(protocol="osmp", standing=standing, why="TimeoutError")

    assert await ready(client) == (
        HTTPStatus.OK,
        {"ready": True, "state": "degraded", "reasons": [f"provider comnet: {standing}"]},
    )


@pytest.mark.parametrize(("write", "words"), [(away, "disk full"), (asleep, "within")])
async def test_a_store_that_does_not_commit_is_not_ready(
    client: Http, house: House, monkeypatch: pytest.MonkeyPatch, write: Any, words: str
) -> None:
    monkeypatch.setattr(health, "PROBE_S_MAX", 0.01)
    monkeypatch.setattr(house.store, "write", write)

    status, document = await ready(client)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert words in document["reasons"][0]
    async with client.get("/healthz") as response:
        assert response.status == HTTPStatus.OK


async def test_metrics_come_even_while_the_store_is_away(
    client: Http, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for up, counts in (("1.0", None), ("0.0", away)):
        if counts is not None:
            monkeypatch.setattr(house.store.reads, "counts", counts)
        async with client.get("/metrics") as response:
            assert response.content_type == "text/plain"
            assert f"smsgw_store_up {up}" in await response.text()
