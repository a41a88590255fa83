"""The stage of the demo: a folder with the shipped configuration, fresh secrets and free ports; and the gateway.

The gateway on it is the real one, in its own process: `smsgw run`, with a SQLite file, SMPP and HTTP over loopback.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret

# Where config/providers.toml says that the simulated billings are.
SHIPPED_SIMULATOR: Final = "http://127.0.0.1:8090"
LOOPBACK: Final = "127.0.0.1"
# Above most services' ports, and below all that systems give to connections.
FIRST_PORT: Final = 10_000
PORTS: Final = 10_000
# An orderly stop takes a second; the link's own limits are shorter than this.
STOP_S: Final = 20.0
LOG: Final = "gateway.log"
# What a reader needs of the log of a gateway that did not start.
LOG_TAIL: Final = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the gateway runs, and how it is reached."""

    folder: Path
    address: tuple[str, int]
    token: Secret[str]
    environment: Mapping[str, str] = field(repr=False)

    @property
    def log(self) -> Path:
        """The gateway's log lines."""
        return self.folder / LOG


def set_up(config: Path, folder: Path, simulator: tuple[int, str], billing_secret: str) -> Stage:
    """Copy the configuration into *folder* and point it to a simulator: its SMPP port and its HTTP address.

    Raises:
        Failed: there is no configuration to copy.
    """
    smpp_port, http_url = simulator
    if not config.is_file():
        raise Failed(f"{config} does not exist: run the demo from the project's folder, or name it with --config")
    shutil.copytree(config.parent, folder / "config")
    (folder / "var").mkdir()
    providers = folder / "config" / "providers.toml"
    providers.write_text(providers.read_text(encoding="utf-8").replace(SHIPPED_SIMULATOR, http_url), encoding="utf-8")
    port, token = free_port(), secrets.token_hex(16)
    own = {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SMSGW_STORE__URL": "sqlite:///var/smsgw.sqlite",
        "SMSGW_KEYS__MASTER": secrets.token_hex(32),
        "SMSGW_HTTP__TOKEN": token,
        "SMSGW_HTTP__LISTEN": f"{LOOPBACK}:{port}",
        "SMSGW_LINKS__SIMULATOR__PORT": str(smpp_port),
        "SMSGW_LOG__FORMAT": "json",
        "SIMULATOR_PASSWORD": secrets.token_hex(4),
        "SARKOR_SECRET": billing_secret,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMSGW_")}
    return Stage(folder=folder, address=(LOOPBACK, port), token=Secret(token), environment=inherited | own)


def free_port() -> int:
    """A port that nobody listens on now, and hardly anybody takes before the gateway does.

    A free one that the system chose could be given to the next connection as well: those are far above.
    """
    while True:
        port = FIRST_PORT + secrets.randbelow(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((LOOPBACK, port))
            return port


@asynccontextmanager
async def gateway(stage: Stage) -> AsyncIterator[Process]:
    """Run `smsgw run` on the stage, and stop it in order at the end."""
    with stage.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "smsgw", "run",
            cwd=stage.folder, env=stage.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def why_it_ended(stage: Stage) -> Failed:
    """The end of its log, as an error."""
    return Failed(f"the gateway ended; its last words:\n{stage.log.read_text(encoding='utf-8')[-LOG_TAIL:]}")
