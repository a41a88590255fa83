"""Health for machines: /healthz (the process lives), /readyz (it can serve), /metrics.

These ask for no token: they tell no numbers of people and no sums, and listen on the loopback address by default.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web

from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.settlement.breaker import Standing
from smsgw.smpp.status import LinkHealth
from smsgw.transaction import Tx
from smsgw.web.answers import answer
from smsgw.web.documents import Document
from smsgw.web.facade import Facade
from smsgw.web.metrics import CONTENT_TYPE, Sizes, exposition

# Load balancers wait a few seconds for a probe; a store that needs longer than this cannot serve texts either.
PROBE_S_MAX: Final = 2.0


class Health:
    """The three probes."""

    def __init__(self, facade: Facade) -> None:
        self._facade = facade

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/healthz", self._alive),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._metrics),
        ]

    async def _alive(self, _: web.Request) -> web.Response:
        return answer({"alive": True})

    async def _ready(self, _: web.Request) -> web.Response:
        links = self._facade.links()
        store_reasons = await self._store_reasons()
        is_ready = not store_reasons and any(link.health is not LinkHealth.DOWN for link in links.values())
        unwell = (f"link {name}: {link.reason}" for name, link in links.items() if link.reason)
        reasons = [*store_reasons, *unwell, *self._provider_reasons()]
        state = (LinkHealth.DEGRADED if reasons else LinkHealth.OK) if is_ready else LinkHealth.DOWN
        document: Document = {"ready": is_ready, "state": state.value, "reasons": reasons}
        return answer(document, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _metrics(self, _: web.Request) -> web.Response:
        facade = self._facade
        page = exposition(await self._sizes(), facade.links(), facade.providers(), facade.waiting())
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})

    async def _sizes(self) -> Sizes | None:
        """What the store counts; None = it does not answer."""
        reads = self._facade.store.reads
        try:
            async with asyncio.timeout(PROBE_S_MAX):
                return Sizes(await reads.counts(), await reads.parked(), self._facade.wal_octets())
        except (StoreUnavailable, TimeoutError):
            return None

    def _provider_reasons(self) -> list[str]:
        """Providers that are left alone for now: everybody else can be paid, so this never makes the service down."""
        standings = {name: provider.standing for name, provider in self._facade.providers().items()}
        return [f"provider {name}: {standing}" for name, standing in standings.items() if standing is not Standing.OK]

    async def _store_reasons(self) -> list[str]:
        """Commit a unit that does nothing: only that proves that texts can be taken."""
        try:
            await asyncio.wait_for(self._facade.store.write("", _nothing), PROBE_S_MAX)
        except TimeoutError:
            return [f"the store did not commit within {PROBE_S_MAX:.0f} s"]
        except (StoreUnavailable, WorkFailed) as reason:
            return [f"the store cannot commit: {reason}"]
        return []


def _nothing(tx: Tx) -> int:
    return tx.now_us
