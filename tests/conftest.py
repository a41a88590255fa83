"""What every test folder has in common: browser tests need a browser, and say so where there is none."""

from __future__ import annotations

import io
import shutil

import pytest

from smsgw.log import configure

# Everything is logged while tests run, so that every log line is made at least once; nobody has to read it.
configure("debug", io.StringIO())

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The path of an installed Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium that browser tests start."""
    path = find_browser()
    assert path is not None, "a test that asks for a browser is marked `browser`"
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where nothing could run them."""
    if find_browser() is not None:
        return
    missing = pytest.mark.skip(reason="no Chromium on this machine (Debian: apt-get install chromium)")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(missing)
