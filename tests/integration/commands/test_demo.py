"""`smsgw demo`: one whole payment between two processes; and nothing is left behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from smsgw.commands.demo import billings
from smsgw.commands.terminal import Failed
from tests.repo.tree import ROOT


def demo(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- our own command, no argument from outside
        [sys.executable, "-m", "smsgw", "demo", *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_dialogue_ends_with_a_receipt_a_credit_and_balanced_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    told, wrong = demo("--once").communicate(timeout=60)

    assert wrong == ""
    assert re.search(r"Code [0-9]{6} - 50000 UZS to SARKOR n25656", told)
    assert re.search(r"[0-9]{8} PAID ", told)
    assert re.search(r"provider's book +n25656: 50000\.00 UZS", told)
    assert re.search(r"ledger check +balanced", told)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_it_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with demo() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Ctrl-C"):
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert list(tmp_path.iterdir()) == []


def test_every_provider_of_the_configuration_is_simulated() -> None:
    setups = {setup.name: setup for setup in billings(ROOT / "config" / "smsgw.toml", "secret")}

    assert (setups["sarkor"].login, setups["sarkor"].password) == ("smsgw", "secret")
    assert setups["comnet"].password == ""


def test_without_a_configuration_the_mend_is_named() -> None:
    with pytest.raises(Failed, match="project's folder"):
        billings(Path(tempfile.gettempdir()) / "nowhere" / "smsgw.toml", "secret")
