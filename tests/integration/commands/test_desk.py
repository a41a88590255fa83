"""Who is asked: the gateway that runs, else the store; and never both."""

import asyncio
import socket
from pathlib import Path

from smsgw.app import opened
from smsgw.commands.desk import ask
from smsgw.domain.secret import Secret
from smsgw.settings.load import environment, load
from smsgw.store.lockfile import LockFile
from tests.integration.commands.conftest import Shell

ANNA = "+998901234567"
CONFIG = Path("config/smsgw.toml")


def test_a_store_that_another_process_has_is_left_alone(smsgw: Shell) -> None:
    smsgw("migrate")
    lock = LockFile(smsgw.folder / "var" / "smsgw.sqlite")
    refused = smsgw("subscriber", "show", ANNA)
    lock.release()

    assert refused.code == 1
    assert "in use by process" in refused.err


def test_whoever_else_has_the_port_is_not_taken_for_a_gateway(smsgw: Shell) -> None:
    host, port = load(CONFIG, environment()).settings.http.address
    with socket.create_server((host, port)) as other:
        other.settimeout(0.1)
        refused = smsgw("subscriber", "show", ANNA)
    # It took the connection and said nothing: no gateway, so the store is opened, and the number is unknown there.
    assert refused.err.endswith("never added\n")


async def test_a_running_gateway_is_asked_over_its_api(machine: Path) -> None:
    async with opened(load(CONFIG, environment())):
        answer = await asyncio.to_thread(ask, CONFIG, lambda desk: desk.add_subscriber(ANNA, Secret("parol12"), "en"))
    assert answer["registered"] is True
    assert (machine / "var" / "smsgw.sqlite").exists()
