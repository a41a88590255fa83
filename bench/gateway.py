"""A gateway in a process of its own, as `smsgw run` starts it, with a database full of subscribers.

Everything is as shipped (rules, limits, words, synchronous=FULL) but for three things: addresses, the size of the
link's window, and the subscribers' password verifiers, which are cheap ones (m=8, t=1) written by SQL.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smsgw.domain.secret import Secret
from smsgw.sessions.keys import Keyring
from smsgw.sessions.passwords import Argon2Settings, make_verifier
from smsgw.settings.load import key_id
from smsgw.store.migrate import migrate

CONFIG: Final = Path(__file__).parents[1] / "config"
# Where the shipped providers.toml expects the simulated providers.
SHIPPED_PROVIDERS: Final = "http://127.0.0.1:8090"
MASTER: Final = bytes(range(32))
PASSWORD: Final = "secret1"  # noqa: S105 -- everybody's, in a database that lives for a minute
CHEAP: Final = Argon2Settings(memory_kib=8, passes=1)
WALLET_MINOR: Final = 100_000_000_00
STOP_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where a gateway lives, and whom it talks to."""

    folder: Path
    smpp_port: int
    http_url: str
    flood_port: int
    window: int = 100

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.folder / "smsgw.sqlite"

    @property
    def config(self) -> Path:
        """The main file of the configuration."""
        return self.folder / "smsgw.toml"

    def environment(self) -> Mapping[str, str]:
        """What overrides the shipped configuration."""
        return os.environ | {
            "SMSGW_STORE__URL": f"sqlite:///{self.database}",
            "SMSGW_KEYS__MASTER": MASTER.hex(),
            "SMSGW_HTTP__LISTEN": "127.0.0.1:0",
            "SMSGW_HTTP__TOKEN": MASTER.hex(),
            "SMSGW_LINKS__SIMULATOR__PORT": str(self.smpp_port),
            "SMSGW_LINKS__SIMULATOR__WINDOW": str(self.window),
            "SMSGW_LOG__LEVEL": "warning",
            "SIMULATOR_PASSWORD": "simpass",
            "SARKOR_SECRET": "sarkor",
            **self._second_link(),
        }

    def _second_link(self) -> Mapping[str, str]:
        link = {"HOST": "127.0.0.1", "PORT": str(self.flood_port), "SYSTEM_ID": "smsgw"}
        return {f"SMSGW_LINKS__FLOOD__{key}": value for key, value in link.items()} | {
            "SMSGW_LINKS__FLOOD__PASSWORD_ENV": "SIMULATOR_PASSWORD"
        }


def furnish(house: House, people: int) -> None:
    """Write the configuration, make the database, and register *people* subscribers with money."""
    for file in CONFIG.glob("*.toml"):
        shutil.copy(file, house.folder)
    providers = (CONFIG / "providers.toml").read_text(encoding="utf-8")
    (house.folder / "providers.toml").write_text(providers.replace(SHIPPED_PROVIDERS, house.http_url), "utf-8")
    migrate(f"sqlite:///{house.database}")
    with closing(sqlite3.connect(house.database)) as database, database:
        _register(database, people)


def number_of(person: int) -> str:
    """The telephone number of a subscriber, counted from 0."""
    return f"+99890{person:07d}"


def _register(database: sqlite3.Connection, people: int) -> None:
    key = key_id(MASTER)
    digest = Keyring.from_masters({key: MASTER}, key).pepper(key, Secret(PASSWORD))
    verifier = make_verifier(digest, bytes(16), CHEAP)
    database.executemany(
        "INSERT INTO subscribers VALUES (?, 1, 0, 'en', ?, ?, 1, 0, 0, 0, '', 0, 0, 0, 1, '')",
        ((number_of(person), verifier, key) for person in range(people)),
    )
    database.executemany(
        "INSERT INTO accounts VALUES (?, 'UZS', 0, 0, 0, 0, ?)",
        ((f"wallet:{number_of(person)}", WALLET_MINOR) for person in range(people)),
    )
    database.executemany(
        "INSERT INTO transfers VALUES ('first-' || ?1, 'direct', 'cash:bench', 'wallet:' || ?1, 'UZS', ?2, 'topup', "
        "NULL, '', 0, 1)",
        ((number_of(person), WALLET_MINOR) for person in range(people)),
    )
    database.execute("INSERT INTO accounts VALUES ('cash:bench', 'UZS', 0, 0, ?, 0, 0)", (people * WALLET_MINOR,))


@contextmanager
def running(house: House) -> Iterator[subprocess.Popen[bytes]]:
    """Run the gateway until the block ends; what it logged is shown if it ended by itself."""
    command = [sys.executable, "-m", "smsgw", "run", "--config", str(house.config)]
    with (
        (house.folder / "log").open("w+b") as log,
        subprocess.Popen(command, env=house.environment(), stderr=log) as process,  # noqa: S603 -- our own program
    ):
        try:
            yield process
        finally:
            if process.poll() is not None:
                sys.stderr.write((house.folder / "log").read_text(encoding="utf-8"))
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def cpu_s(process_id: int) -> float:
    """Processor seconds that a process has used, all of its threads; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Fields 14 and 15 of proc(5), user and system; the first two stand before the last parenthesis.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
