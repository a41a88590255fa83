"""Whom a command asks about money: the running gateway, or the store and the providers where no gateway runs.

Rule: who moves money is a person. The person's token comes from the environment, never from the command line, where
others could read it, and is looked up before anybody is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from smsgw.commands.client import Client, answers
from smsgw.commands.terminal import Failed
from smsgw.domain.funds import WALLET
from smsgw.domain.secret import Secret
from smsgw.providers.http import HttpClient
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.wallet import Wallet
from smsgw.settings.load import Configuration, environment, load
from smsgw.system import SystemClock
from smsgw.web.documents import Document
from smsgw.web.operators import GENERAL, whose
from smsgw.web.problems import Problem
from smsgw.wiring import back_office, build_providers, money_operations, opened_store

VARIABLE: Final = "SMSGW_OPERATOR_TOKEN"
NOBODY: Final = Secret("")
HOW_TO_GET_ONE: Final = (
    "make a token with `openssl rand -hex 16`, have its digest (printf %s TOKEN | sha256sum) written as "
    f"[operators.NAME] token_sha256 in smsgw.toml, and export the token as {VARIABLE}"
)


class MoneyDesk(Protocol):
    """What can be asked; `web.money.MoneyOperations` says what each means."""

    async def refund(self, number: str, reason: str, *, by_house: bool) -> Document | Problem:
        """Give a payment back."""

    async def resolve(self, number: str, reason: str, *, paid: bool) -> Document | Problem:
        """Say what became of a parked payment."""

    async def taken_back(self, number: str, reason: str) -> Document | Problem:
        """Say that the provider has taken its credit back."""

    async def adjust(self, number: str, amount: str, key: str, reason: str, *, into: bool) -> Document | Problem:
        """Correct a wallet."""

    async def close_day(self, provider: str, day: str, reason: str) -> Document | Problem:
        """Set a day aside for payout."""

    async def actions(self, state: str | None, limit: int) -> Document | Problem:
        """List money actions."""

    async def action(self, action_id: str) -> Document | Problem:
        """One money action."""

    async def approve(self, action_id: str, reason: str = "") -> Document | Problem:
        """Approve."""

    async def reject(self, action_id: str, reason: str) -> Document | Problem:
        """Reject."""

    async def reconcile(self, provider: str, day: str) -> Document | Problem:
        """Begin to reconcile a day, or wait a while for whoever has."""

    async def day(self, provider: str, day: str) -> Document | Problem:
        """What is known of a day."""


def ask_about_money(config: Path, question: Callable[[MoneyDesk], Awaitable[Document | Problem]]) -> Document:
    """Ask what anybody may ask who may run commands.

    Raises:
        Failed: it was refused; the text says why.
        ConfigurationError: the configuration cannot be used.
    """
    return asyncio.run(_answer(load(config, environment()), NOBODY, question))


def ask_in_person(config: Path, question: Callable[[MoneyDesk], Awaitable[Document | Problem]]) -> Document:
    """Ask for what only a person may do.

    Raises:
        Failed: it was refused, or nobody knows who asks; the text says why.
        ConfigurationError: the configuration cannot be used.
    """
    configuration = load(config, environment())
    token = Secret(environment().get(VARIABLE, ""))
    if not token:
        raise Failed(f"money is moved by a person: {HOW_TO_GET_ONE}")
    if whose(token, configuration.operators) is None:
        raise Failed(f"the token in {VARIABLE} is no operator's: {HOW_TO_GET_ONE}")
    return asyncio.run(_answer(configuration, token, question))


async def _answer(
    configuration: Configuration, token: Secret[str], question: Callable[[MoneyDesk], Awaitable[Document | Problem]]
) -> Document:
    async with money_desk(configuration, token) as desk:
        answer = await question(desk)
    if isinstance(answer, Problem):
        raise Failed(answer.detail)
    return answer


@asynccontextmanager
async def money_desk(configuration: Configuration, token: Secret[str] = NOBODY) -> AsyncIterator[MoneyDesk]:
    """Open a desk for the person with this token; without one, for whoever only looks or reconciles."""
    address = configuration.settings.http.address
    if await answers(address):
        async with Client(address, token or configuration.token) as client:
            yield client
        return
    async with opened_store(configuration) as store, HttpClient() as http:
        parties = Parties(build_providers(configuration.providers, configuration.secrets, http), {WALLET: Wallet()})
        outcomes = Outcomes(configuration.rules, parties.sources)
        office = back_office(configuration, parties, outcomes, store, SystemClock())
        async with money_operations(configuration, parties, office, store) as money:
            yield money.of(whose(token, configuration.operators) or GENERAL)
