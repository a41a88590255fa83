"""Which connections of a capture are meant, in a few of tcpdump's words."""

from __future__ import annotations

import pytest

from simulator.tapes.capture_filter import CaptureFilter

GATEWAY, SMSC, SIX = ("10.0.0.2", 50_000), ("10.0.0.1", 2775), ("fd00::1", 2775)


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("", True),
        ("port 2775", True),
        ("port 50000", True),
        ("port 2776", False),
        ("host 10.0.0.1", True),
        ("host 10.0.0.3", False),
        ("tcp and  port 2775 and host 10.0.0.2", True),
        ("host 10.0.0.1 and host 10.0.0.2", True),
        ("host 10.0.0.1 and port 25", False),
    ],
)
def test_each_term_must_fit_one_of_the_two_ends(words: str, *, fits: bool) -> None:
    wanted = CaptureFilter.of(words)
    assert (wanted.fits(GATEWAY, SMSC), wanted.fits(SMSC, GATEWAY)) == (fits, fits)


def test_an_address_of_version_6_may_be_written_in_any_form() -> None:
    assert CaptureFilter.of("host FD00:0::1").fits(GATEWAY, SIX)


@pytest.mark.parametrize(
    "words",
    ["2775", "port", "port x", "port 65536", "port ٣", "host smsc", "host", "port 1 or port 2", "udp", "port 1 and"],
)
def test_other_words_are_named(words: str) -> None:
    with pytest.raises(ValueError, match="host"):
        CaptureFilter.of(words)
