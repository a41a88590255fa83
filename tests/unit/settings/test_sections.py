"""Sections check themselves."""

import pytest

from smsgw.settings.sections import HttpSection, is_loopback


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:80", ("::1", 80)), ("localhost:1", ("localhost", 1))],
)
def test_the_listening_address_is_a_host_and_a_port(listen: str, address: tuple[str, int]) -> None:
    assert HttpSection(listen=listen).address == address


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("smsc.example", False),
        ("localhost.evil.example", False),
    ],
)
def test_only_loopback_never_leaves_the_machine(host: str, loopback: bool) -> None:  # noqa: FBT001 -- a table's column
    assert is_loopback(host) is loopback
