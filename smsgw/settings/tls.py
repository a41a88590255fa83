"""TLS towards others: what their certificates are verified by, and ours where they ask for one.

Rule: whatever is wrong is a ValueError that begins with the key and says how to mend it.
"""

from __future__ import annotations

import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")


def client_context(ca_file: Path | None, certificate_file: Path | None, key_file: Path | None) -> ssl.SSLContext:
    """TLS that verifies the peer's certificate and its host name, with a certificate of our own where one is named.

    A named authority is the only one that is trusted. The key may stand in the file of the certificate.

    Raises:
        ValueError: a file cannot be read or used, or others can read the key.
    """
    if ca_file is None:
        context = ssl.create_default_context()
    else:
        context = _read("tls_ca_file", ca_file, lambda: ssl.create_default_context(cafile=ca_file))
    if certificate_file is not None:
        _load_ours(context, certificate_file, key_file)
    return context


def _load_ours(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    secret, name = (certificate, "tls_certificate_file") if key is None else (key, "tls_key_file")
    if _read(name, secret, secret.stat).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{name}: {secret} can be read by others; mend it: chmod 600 {secret}")
    _read("tls_certificate_file", certificate, certificate.stat)
    _read(name, secret, lambda: context.load_cert_chain(certificate, secret, password=_no_passphrase))


def _no_passphrase() -> str:
    """Nobody is there to type one: without this, OpenSSL would ask at the terminal and wait."""
    raise ValueError("the key has a passphrase; store it without one, readable by its owner only")


def _read(key: str, place: Path, read: Callable[[], Value]) -> Value:
    try:
        return read()
    except (OSError, ValueError) as error:
        raise ValueError(f"{key}: {place}: {getattr(error, 'strerror', None) or error}") from None
