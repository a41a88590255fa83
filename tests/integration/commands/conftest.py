"""A machine of its own for each test: the shipped configuration in an empty folder, and commands run in it."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog
from aiohttp.test_utils import TestServer

from smsgw.cli import main
from smsgw.domain.secret import Secret
from smsgw.service.exchanges import ProviderVitals
from smsgw.web.facade import Facade
from smsgw.web.operations import Operations
from smsgw.web.server import application
from smsgw.web.vitals import LinkVitals
from tests.back_office import OPERATORS, money_of
from tests.house import CHEAP, House
from tests.ports import free_port
from tests.repo.tree import ROOT

SECRETS = {
    "SMSGW_KEYS__MASTER": "11" * 32,
    "SMSGW_HTTP__TOKEN": "token-of-the-tests",
    "SIMULATOR_PASSWORD": "simpass",
    "SARKOR_SECRET": "sarkor",
}


class Ran(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in this process, as `smsgw` does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.folder = folder

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["smsgw", *arguments])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        written = self._capsys.readouterr()
        return Ran(int(str(code or 0)), written.out, written.err)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with config/ and var/, the secrets in the environment, and a port of its own."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "var").mkdir()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SMSGW_HTTP__LISTEN", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def smsgw(machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    yield Shell(monkeypatch, capsys, machine)
    structlog.reset_defaults()


@pytest.fixture
async def house() -> House:
    built = House()
    await built.enrol()
    return built


@pytest.fixture
async def address(house: House) -> AsyncIterator[tuple[str, int]]:
    """Where a gateway over the house answers, with the token of `machine`."""
    facade = Facade(
        address=("127.0.0.1", 0),
        token=Secret(SECRETS["SMSGW_HTTP__TOKEN"]),
        operators=OPERATORS,
        store=house.store,
        operations=Operations(house.rules, house.store, house.chance, CHEAP),
        money=money_of(house),
        links=lambda: {"operator": LinkVitals(bound=1)},
        providers=lambda: {"sarkor": ProviderVitals(protocol="sarkor")},
        waiting=dict,
        follow=lambda *_: None,
    )
    async with TestServer(application(facade)) as server:
        yield "127.0.0.1", int(server.port or 0)
