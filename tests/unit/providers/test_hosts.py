"""Hosts that may be called; the network itself is in the contract tests."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from smsgw.providers.hosts import AllowedHosts, HostNotAllowed

VPN = (ip_network("10.8.0.0/16"),)


def test_a_host_that_nobody_named_is_not_called() -> None:
    hosts = AllowedHosts()
    with pytest.raises(HostNotAllowed, match=r"a\.uz is no provider's host"):
        hosts.check("a.uz")
    assert not hosts.allows("a.uz", "8.8.8.8")
    hosts.admit("a.uz", ())
    hosts.check("a.uz")
    assert hosts.allows("a.uz", "8.8.8.8")
    assert not hosts.allows("b.uz", "8.8.8.8")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.8.0.1", True), ("::ffff:10.8.0.1", True), ("10.9.0.1", False), ("8.8.8.8", False), ("no address", False)],
)
def test_networks_are_where_a_host_lies_and_nowhere_else(address: str, *, allowed: bool) -> None:
    hosts = AllowedHosts()
    hosts.admit("a.uz", VPN)
    assert hosts.allows("a.uz", address) is allowed


def test_providers_at_one_host_share_what_they_name() -> None:
    hosts = AllowedHosts()
    hosts.admit("a.uz", VPN)
    hosts.admit("a.uz", ())
    assert hosts.allows("a.uz", "10.8.0.1")
    assert hosts.allows("a.uz", "8.8.8.8")


@pytest.mark.parametrize(("host", "allowed"), [("8.8.8.8", True), ("127.0.0.1", True), ("10.8.0.1", False)])
def test_a_host_that_is_an_address_is_looked_at_before_it_is_called(host: str, *, allowed: bool) -> None:
    """Nothing resolves it, so nothing else would."""
    hosts = AllowedHosts()
    hosts.admit(host, ())
    if allowed:
        hosts.check(host)
    else:
        with pytest.raises(HostNotAllowed, match="no address of its provider"):
            hosts.check(host)
