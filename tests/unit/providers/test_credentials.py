"""Credentials as headers."""

from __future__ import annotations

import base64

import pytest

from smsgw.domain.secret import Secret
from smsgw.providers.credentials import basic


@pytest.mark.parametrize(
    ("login", "secret", "plain"),
    [
        ("Aladdin", "open sesame", b"Aladdin:open sesame"),  # RFC 7617, 2
        ("test", "123£", b"test:123\xc2\xa3"),  # RFC 7617, 2.1
        ("Paycom", "", b"Paycom:"),
        ("Paycom", "a:b", b"Paycom:a:b"),
    ],
)
def test_basic_is_login_and_secret_in_base64(login: str, secret: str, plain: bytes) -> None:
    scheme, _, token = basic(login, Secret(secret))["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(token)) == ("Basic", plain)


def test_the_example_of_the_standard() -> None:
    """RFC 7617, 2."""
    assert basic("Aladdin", Secret("open sesame")) == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_without_a_login_nothing_is_sent() -> None:
    assert basic("", Secret("")) == {}
