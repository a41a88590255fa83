"""Who a command asks: the running gateway over its operations API, or the store itself where no gateway runs.

The store has one writer. So a command never opens it beside a running gateway; the store's lock file would refuse.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from smsgw.app import operations
from smsgw.commands.client import Client, answers
from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret
from smsgw.settings.load import Configuration, environment, load
from smsgw.web.documents import Document
from smsgw.web.problems import Problem
from smsgw.wiring import opened_store


class Desk(Protocol):
    """What can be asked; `web.operations.Operations` says what each means."""

    async def show_subscriber(self, number: str) -> Document | Problem:
        """One subscriber."""

    async def add_subscriber(
        self, number: str, password: Secret[str], language: str, level: str = ""
    ) -> Document | Problem:
        """Register."""

    async def identify(self, number: str, level: str) -> Document | Problem:
        """Set the level."""

    async def block(self, number: str) -> Document | Problem:
        """Block."""

    async def unblock(self, number: str) -> Document | Problem:
        """Unblock."""

    async def top_up(self, number: str, amount: str, agent: str, key: str) -> Document | Problem:
        """Top up."""

    async def payments(self, number: str | None, limit: int) -> Document | Problem:
        """List payments."""

    async def payment(self, number: str) -> Document | Problem:
        """One payment."""

    async def check_ledger(self) -> Document | Problem:
        """Prove the books."""

    async def check_days(self, last: int) -> Document | Problem:
        """Compare closed days with their hashes."""


def ask(config: Path, question: Callable[[Desk], Awaitable[Document | Problem]]) -> Document:
    """Ask one question and return its answer.

    Raises:
        Failed: it was refused; the text says why.
        ConfigurationError: the configuration cannot be used.
    """
    answer = asyncio.run(_ask(load(config, environment()), question))
    if isinstance(answer, Problem):
        raise Failed(answer.detail)
    return answer


async def _ask(
    configuration: Configuration, question: Callable[[Desk], Awaitable[Document | Problem]]
) -> Document | Problem:
    async with _desk(configuration) as desk:
        return await question(desk)


@asynccontextmanager
async def _desk(configuration: Configuration) -> AsyncIterator[Desk]:
    address = configuration.settings.http.address
    if await answers(address):
        async with Client(address, configuration.token) as client:
            yield client
    else:
        async with opened_store(configuration) as store:
            yield operations(configuration, store)
