"""Where to listen is HOST:PORT."""

from __future__ import annotations

import pytest

from simulator.configuration.addresses import read_address


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("127.0.0.1:2775", ("127.0.0.1", 2775)),
        ("[::1]:0", ("::1", 0)),
        ("::1:65535", ("::1", 65_535)),
        ("localhost:80", ("localhost", 80)),
    ],
)
def test_a_place_is_read(written: str, place: tuple[str, int]) -> None:
    assert read_address(written) == place


@pytest.mark.parametrize("written", ["2775", ":2775", "127.0.0.1:", "127.0.0.1:65536", "h:-1", "h:٢", "", 2775, None])
def test_what_is_no_place_is_named_with_its_mend(written: object) -> None:
    with pytest.raises(ValueError, match="is no HOST:PORT, such as 127"):
        read_address(written)
