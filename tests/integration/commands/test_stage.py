"""The stage: a copy of the shipped configuration that knows only this machine, and a gateway that leaves nothing."""

import asyncio
import socket
from pathlib import Path

import pytest

from smsgw.commands.stage import FIRST_PORT, PORTS, SHIPPED_SIMULATOR, Stage, free_port, gateway, set_up, why_it_ended
from smsgw.commands.terminal import Failed
from tests.ports import FIRST_PORT as FIRST_OF_TESTS
from tests.repo.tree import ROOT

SHIPPED = ROOT / "config" / "smsgw.toml"
SIMULATOR = (2775, "http://127.0.0.1:9")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return set_up(SHIPPED, tmp_path, SIMULATOR, "secret")


def test_providers_point_to_the_simulator(stage: Stage) -> None:
    providers = (stage.folder / "config" / "providers.toml").read_text()

    assert SHIPPED_SIMULATOR in SHIPPED.with_name("providers.toml").read_text()
    assert SHIPPED_SIMULATOR not in providers
    assert SIMULATOR[1] in providers


def test_secrets_are_new_each_time_and_never_printed(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = set_up(SHIPPED, tmp_path / "b", SIMULATOR, "secret")

    assert other.token != stage.token
    assert stage.token.reveal() not in repr(stage)
    assert stage.environment["SMSGW_KEYS__MASTER"] not in repr(stage)


def test_settings_of_the_caller_do_not_reach_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGW_STORE__URL", "postgresql://production.example/smsgw")
    monkeypatch.setenv("SMSGW_OTP__DIGITS", "8")
    stage = set_up(SHIPPED, tmp_path, SIMULATOR, "secret")

    assert stage.environment["SMSGW_STORE__URL"] == "sqlite:///var/smsgw.sqlite"
    assert "SMSGW_OTP__DIGITS" not in stage.environment


def test_without_a_configuration_the_mend_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="project's folder"):
        set_up(tmp_path / "nowhere" / "smsgw.toml", tmp_path, SIMULATOR, "secret")


async def test_a_gateway_that_cannot_start_is_quoted(stage: Stage) -> None:
    (stage.folder / "config" / "words.toml").unlink()
    async with gateway(stage) as process:
        await asyncio.wait_for(process.wait(), 30)
    assert process.returncode == 2
    assert "words.toml: cannot be read" in str(why_it_ended(stage))


def test_a_port_is_one_that_the_system_gives_to_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that somebody listens on is passed over; and the tests' own ports are others."""
    free = free_port()
    draws = iter((free - FIRST_PORT, free - FIRST_PORT + 1))
    monkeypatch.setattr("smsgw.commands.stage.secrets.randbelow", lambda _: next(draws))
    with socket.create_server(("127.0.0.1", free)):
        assert free_port() == free + 1
    assert FIRST_PORT + PORTS <= FIRST_OF_TESTS
