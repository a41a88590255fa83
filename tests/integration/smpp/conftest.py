"""The SMSC of bare sockets, and a link that never waits between two connections."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from smsgw.smpp import link
from smsgw.smpp.reconnect import Cause
from tests.integration.raw_smsc import RawSmsc, raw_smsc
from tests.integration.said import Said


@pytest.fixture
async def smsc() -> AsyncIterator[RawSmsc]:
    async with raw_smsc() as listening:
        yield listening


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Cause, int]]:
    """Every wait between two connections, by its cause and the failures in a row; none of them takes time."""
    asked: list[tuple[Cause, int]] = []

    def no_wait(cause: Cause, failures: int, _: float) -> float:
        asked.append((cause, failures))
        return 0.0

    monkeypatch.setattr(link, "wait_s", no_wait)
    return asked


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What the link logs in this test."""
    kept = Said()
    monkeypatch.setattr(link, "log", kept)
    return kept
