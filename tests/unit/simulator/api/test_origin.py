"""Whose page may ask, and by which name."""

from __future__ import annotations

import pytest

from simulator.api.origin import refusal

OURS = "127.0.0.1:8090"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, OURS),
        (f"http://{OURS}", OURS),
        ("http://localhost:8090", "localhost:8090"),
        ("http://LOCALHOST:8090", "localhost:8090"),
        ("http://[::1]:8090", "[::1]:8090"),
        ("http://localhost", "localhost:80"),
        ("https://localhost", "localhost"),  # a proxy with TLS before us
    ],
)
def test_our_own_page_may_ask_and_who_is_no_page(origin: str | None, host: str) -> None:
    assert refusal(origin, host, any_name=False) == ""


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:8091",  # another program of this machine
        "http://127.0.0.1",
        "http://localhost:8090",  # the browser takes it for another origin too
        f"file://{OURS}",
        f"chrome-extension://{OURS}",
        "http://127.0.0.1:99999",
        "http://xn--/",
        OURS,
        "null",
        "",
    ],
)
@pytest.mark.parametrize("any_name", [False, True])
def test_other_pages_may_not(origin: str, *, any_name: bool) -> None:
    assert refusal(origin, OURS, any_name=any_name).startswith("Origin: ")


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        (OURS, True),
        ("127.0.0.1", True),
        ("192.168.1.7:8090", True),  # through a tunnel or a port of a container
        ("[::1]:8090", True),
        ("localhost:8090", True),
        ("LocalHost.:8090", True),
        ("simulator.localhost:8090", True),
        ("", True),  # no browser leaves it out
        ("evil.example:8090", False),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.evil.example:8090", False),
        ("localhost@evil.example", False),
        ("evil.example#localhost", False),
        ("localhost:99999", False),
        ("[::1", False),
        ("xn--", False),
    ],
)
def test_without_a_token_we_go_by_names_that_nobody_else_can_give(host: str, *, is_ours: bool) -> None:
    assert refusal(None, host, any_name=False).startswith("Host: ") is not is_ours
    assert refusal(None, host, any_name=True) == ""


def test_a_name_that_was_pointed_at_us_does_not_help_its_page() -> None:
    assert refusal("http://evil.example:8090", "evil.example:8090", any_name=False).startswith("Host: ")
