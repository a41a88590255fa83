"""What an operator speaks TLS with."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def server_context(certificate: Path, key: Path | None = None, clients: Path | None = None) -> ssl.SSLContext:
    """A context from PEM files: a certificate with its key, in one file or two; *clients* must be signed by theirs.

    Raises OSError, which names the file: it cannot be read, or is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with _naming(certificate, key):
        context.load_cert_chain(certificate, key)
    if clients is not None:
        with _naming(clients):
            context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def _naming(*files: Path | None) -> Iterator[None]:
    """Say which files an error is about: ssl does not, and of two it does not know which."""
    try:
        yield
    except OSError as error:
        names = ", ".join(str(file) for file in files if file is not None)
        raise OSError(f"{names}: {error.strerror or error}") from None
