"""The words of the project, read once."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from smsgw.replies.texts import ReplyTexts

REPLIES = Path(__file__).parents[3] / "config" / "replies.toml"


@pytest.fixture(scope="session")
def constants() -> dict[str, str]:
    """A short code and the longest way to write a contact centre's number of our countries."""
    return {"sc": "1400", "cc": "+998711506006"}


@pytest.fixture(scope="session")
def data() -> dict[str, Any]:
    """config/replies.toml as it stands."""
    return tomllib.loads(REPLIES.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def texts(data: dict[str, Any], constants: dict[str, str]) -> ReplyTexts:
    return ReplyTexts.of(data, constants)
