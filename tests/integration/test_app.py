"""The wiring: a whole gateway is built from the shipped configuration, lives, and is torn down in order."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from smsgw.app import opened
from smsgw.node import every, forget_old
from smsgw.ports import StoreUnavailable
from smsgw.providers.http import HttpClient
from smsgw.settings.load import Configuration, environment, load
from smsgw.settings.problems import ConfigurationError
from smsgw.store.errors import StoreRefused
from smsgw.wiring import build_providers, opened_store
from tests.integration.commands.conftest import machine as machine  # noqa: PLC0414 -- its fixture


@pytest.fixture
def configuration(machine: Path) -> Configuration:
    return load(machine / "config" / "smsgw.toml", environment())


async def test_it_stops_when_told_with_the_store_closed_and_the_port_free(configuration: Configuration) -> None:
    stop = asyncio.Event()
    async with opened(configuration) as gateway:
        running = asyncio.create_task(gateway.run(stop))
        host, port = configuration.settings.http.address
        async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/healthz") as response:
            assert await response.json() == {"alive": True}
        stop.set()
        await asyncio.wait_for(running, 10)
    async with opened_store(configuration) as store:
        assert await store.reads.unbalanced() == []


async def test_every_provider_of_the_configuration_is_built(configuration: Configuration) -> None:
    async with HttpClient() as http:
        assert set(build_providers(configuration.providers, configuration.secrets, http)) == set(
            configuration.providers
        )


async def test_all_profiles_that_cannot_work_are_named(configuration: Configuration) -> None:
    broken = {
        name: section.model_copy(update={"url": "ftp://billing.example"})
        for name, section in configuration.providers.items()
    }
    async with HttpClient() as http:
        with pytest.raises(ConfigurationError) as refused:
            build_providers(broken, configuration.secrets, http)
    assert [problem.key for problem in refused.value.problems] == [f"{name}.url" for name in broken]


async def test_an_empty_store_has_nothing_to_forget(configuration: Configuration) -> None:
    async with opened_store(configuration) as store:
        assert await forget_old(store, asyncio.Event()) == 0


async def test_a_stop_does_not_wait_until_all_that_is_old_is_forgotten(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Years of old rows, met for the first time, would hold it up for hours."""
    stop = asyncio.Event()

    async def always_more(_key: str, _work: object) -> int:
        stop.set()
        return 500

    async with opened_store(configuration) as store:
        monkeypatch.setattr(store, "write", always_more)
        assert await asyncio.wait_for(forget_old(store, stop), 5) == 500


async def test_a_round_that_fails_is_tried_again() -> None:
    stop = asyncio.Event()
    rounds: list[int] = []

    async def round_() -> int:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise StoreUnavailable("disk full")
        stop.set()
        return 0

    await asyncio.wait_for(every(0.001, stop, round_), 5)
    assert rounds == [0, 1]


async def test_a_storage_that_failed_ends_the_process(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an I/O error nothing is acknowledged until a restart has checked the file."""
    async with opened(configuration) as gateway:
        monkeypatch.setattr(type(gateway.store), "broken", property(lambda _: True))
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(gateway.run(asyncio.Event()), 10)
    assert ended.group_contains(StoreRefused, match="storage has failed")
