"""Whom a command asks about money, and by whose name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from smsgw.commands.money_desk import ask_about_money, ask_in_person, money_desk
from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret
from smsgw.settings.load import environment, load
from smsgw.web.operators import OPERATOR_NEEDED
from tests.back_office import AZIZA_TOKEN, BOBUR_TOKEN, OPERATORS
from tests.house import ANNA, House
from tests.integration.commands.conftest import Shell

CONFIG = Path("config/smsgw.toml")
WHY = "the subscriber called"


@pytest.fixture(autouse=True)
def operators(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Aziza is an operator of this machine."""
    monkeypatch.setenv("SMSGW_OPERATORS__AZIZA__TOKEN_SHA256", OPERATORS["aziza"])


async def test_the_running_gateway_knows_who_asks(
    address: tuple[str, int], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSGW_HTTP__LISTEN", f"127.0.0.1:{address[1]}")
    monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", AZIZA_TOKEN)

    done = await asyncio.to_thread(ask_in_person, CONFIG, lambda desk: desk.adjust(ANNA, "5", "k", WHY, into=True))

    assert (done["asked_by"], await house.available()) == ("aziza", "1000005")


async def test_without_a_gateway_the_store_and_the_providers_are_opened(smsgw: Shell) -> None:
    configuration = load(CONFIG, environment())
    async with money_desk(configuration) as nobody:
        assert await nobody.adjust(ANNA, "5", "k", WHY, into=True) == OPERATOR_NEEDED
    async with money_desk(configuration, Secret(AZIZA_TOKEN)) as aziza:
        assert await aziza.adjust(ANNA, "5", "k", WHY, into=True) != OPERATOR_NEEDED


@pytest.mark.parametrize(
    ("token", "told"),
    [("", "money is moved by a person: make a token"), (BOBUR_TOKEN, "SMSGW_OPERATOR_TOKEN is no operator's")],
)
def test_nobody_is_asked_by_a_stranger(monkeypatch: pytest.MonkeyPatch, token: str, told: str) -> None:
    monkeypatch.setenv("SMSGW_OPERATOR_TOKEN", token)
    with pytest.raises(Failed, match=told):
        ask_in_person(CONFIG, lambda desk: desk.approve("refund:1:1"))
    assert not Path("var/smsgw.sqlite").exists()


def test_who_only_looks_needs_no_name() -> None:
    assert ask_about_money(CONFIG, lambda desk: desk.actions(None, 5)) == {"actions": []}
    with pytest.raises(Failed, match="no such action"):
        ask_about_money(CONFIG, lambda desk: desk.action("refund:1:1"))
