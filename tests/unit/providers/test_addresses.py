"""Addresses that payments may be sent to, and the many that only look like it."""

from __future__ import annotations

import pytest
from yarl import URL

from smsgw.providers.addresses import billing_url, is_loopback, with_query


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
    [("127.0.0.1", True), ("127.255.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("a", False)],
)
def test_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


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
