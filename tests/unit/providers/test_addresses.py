"""Addresses that payments may be sent to, and the many that only look like it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from yarl import URL

from smsgw.providers.addresses import as_address, billing_url, is_loopback, is_never_called, may_be_called, with_query


@pytest.mark.parametrize(
    "text",
    [
        "https://billing.example.uz/osmp",
        "https://billing.example.uz:8443/osmp?service=1",
        "https://192.0.2.7/osmp",
        "https://[2001:db8::1]/osmp",
        "https://pay_1.example.uz./a%20b",
        "http://127.0.0.1:8080/osmp",
        "http://127.8.9.10/",
        "http://[::1]:8080/",
        "http://localhost:8080/",
    ],
)
def test_addresses_are_taken_as_they_stand(text: str) -> None:
    assert str(billing_url(text)) == text


@pytest.mark.proves("A77")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://billing.example.uz/", "plain http"),
        ("http://169.254.169.254/latest", "plain http"),
        ("http://127.0.0.1.example.uz/", "plain http"),
        ("http://0.0.0.0/", "plain http"),
        ("http://localhost.example.uz/", "plain http"),
        ("http://localhost@evil.example/", "user name"),
        ("https://login:secret@billing.example.uz/", "user name"),
        ("https://billing.example.uz/#top", "fragment"),
        ("https://billing.example.uz/#", "fragment"),
        ("file:///etc/passwd", "https://"),
        ("gopher://billing.example.uz/", "https://"),
        ("billing.example.uz/osmp", "https://"),
        ("https://", "https://"),
        ("https:///osmp", "https://"),
        ("https://a..example.uz/", "https://"),
        (f"https://{'a' * 64}.uz/", "https://"),
        (f"https://{'a.' * 127}uz/", "https://"),
        ("https://billing%00.uz/", "https://"),
        ("https://127.1/", "https://"),
        ("https://2130706433/", "https://"),
        ("https://0x7f000001/", "https://"),
        ("https://a.0x7f/", "https://"),
        ("https://10.0.0.1./", "https://"),
        ("https://256.0.0.1/", "https://"),
        ("https://billing.example.uz:0/", "port"),
        ("https://billing.example.uz:65536/", "[Pp]ort"),
        ("https://billing.example.uz:x/", "port"),
        ("https://[::1/", "IPv6"),
        ("https://billing.example.uz/ osmp", "ASCII"),
        ("https://billing.example.uz/\r\nHost: evil", "ASCII"),
        ("https://биллинг.uz/", "ASCII"),
        ("", "ASCII"),
    ],
)
def test_everything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        billing_url(text)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("127.1", False),
        ("a", False),
    ],
)
def test_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("2a00::1", "2a00::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("64:ff9b::10.0.0.1", "10.0.0.1"),
        ("2002:a00:1::", "10.0.0.1"),
    ],
)
def test_an_address_that_carries_another_is_that_one(host: str, address: str) -> None:
    """Mapped (RFC 4291, 2.5.5.2), translated (RFC 6052, 2.1), tunnelled (RFC 3056, 2)."""
    assert as_address(host) == ip_address(address)


@pytest.mark.parametrize("host", ["a.uz", "127.1", "010.0.0.1", "[::1]", "", "1"])
def test_a_name_is_no_address(host: str) -> None:
    assert as_address(host) is None


PUBLIC = ["8.8.8.8", "195.158.0.1", "2a00:1450::1"]
NETWORKS = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "203.0.113.1",
    "fd00::1",
    "2001:db8::1",
]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "239.1.1.1",
    "ff02::1",
    "0.0.0.0",  # noqa: S104 -- nobody binds to it here
    "0.1.2.3",
    "::",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "fec0::1",
    "::127.0.0.1",
]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1"]
ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@pytest.mark.parametrize("address", [*PUBLIC, *NETWORKS, *NEVER, *LOOPBACK])
def test_by_default_a_billing_has_a_public_address(address: str) -> None:
    assert may_be_called(ip_address(address), "a.uz", ()) is (address in PUBLIC)


@pytest.mark.proves("A77")
@pytest.mark.parametrize("address", [*PUBLIC, *NETWORKS, *NEVER, *LOOPBACK])
def test_some_addresses_are_called_whatever_is_listed_by_nobody(address: str) -> None:
    """Those of cloud credentials, of everybody and of nobody; and no name leads into this machine."""
    assert may_be_called(ip_address(address), "a.uz", ANYWHERE) is (address in [*PUBLIC, *NETWORKS])
    assert is_never_called(ip_address(address)) is (address in NEVER)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
@pytest.mark.parametrize("address", [*PUBLIC, *NETWORKS, *NEVER, *LOOPBACK])
def test_this_machine_is_called_by_its_own_names_and_they_lead_nowhere_else(host: str, address: str) -> None:
    for networks in ((), ANYWHERE):
        assert may_be_called(ip_address(address), host, networks) is (address in LOOPBACK)


@pytest.mark.parametrize(
    ("address", "allowed"), [("10.8.0.0", True), ("10.8.255.255", True), ("10.9.0.0", False), ("8.8.8.8", False)]
)
def test_listed_networks_are_the_only_ones(address: str, *, allowed: bool) -> None:
    """Even a public address is not called then: a VPN's billing is not out there."""
    assert may_be_called(ip_address(address), "a.uz", (ip_network("10.8.0.0/16"),)) is allowed


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("https://a.uz/osmp", "https://a.uz/osmp?sum=1%2B1&a=%D0%B0"),
        ("https://a.uz/osmp?", "https://a.uz/osmp?sum=1%2B1&a=%D0%B0"),
        ("https://a.uz/osmp?service=%41", "https://a.uz/osmp?service=%41&sum=1%2B1&a=%D0%B0"),
    ],
)
def test_a_query_is_added_and_nothing_is_encoded_again(address: str, whole: str) -> None:
    assert str(with_query(URL(address, encoded=True), "sum=1%2B1&a=%D0%B0")) == whole
