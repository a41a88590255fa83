"""A copy of the project's own configuration in a folder of the test, to be spoiled."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ENVIRONMENT = {
    "SMSGW_KEYS__MASTER": "ab" * 32,
    "SMSGW_HTTP__TOKEN": "t" * 32,
    "SIMULATOR_PASSWORD": "simpass",
    "SARKOR_SECRET": "sarkor",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return ENVIRONMENT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for file in ("smsgw.toml", "providers.toml", "words.toml", "replies.toml"):
        shutil.copy(Path("config") / file, tmp_path / file)
    return tmp_path / "smsgw.toml"


@pytest.fixture
def spoil(config: Path) -> Callable[[str, str, str], None]:
    """Replace a piece of one file; the piece must be there."""

    def change(file: str, old: str, new: str) -> None:
        place = config.parent / file
        text = place.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        place.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change
