"""A machine of its own for each test: the shipped configuration in an empty folder, and commands run in it."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog

from smsgw.cli import main
from smsgw.commands.stage import free_port
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
