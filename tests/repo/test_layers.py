"""The layers of pyproject.toml hold: who may import whom, and which packages are pure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.tree import ROOT


@pytest.mark.proves("A84")
def test_every_import_keeps_to_its_layer() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(  # noqa: S603 -- our own tool, no argument from outside
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[result.stdout.find("Contracts") :] or result.stderr
