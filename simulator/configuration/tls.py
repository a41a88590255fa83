"""What an operator speaks TLS with."""

from __future__ import annotations

import ssl
from pathlib import Path


def server_context(certificate: Path, key: Path | None = None, clients: Path | None = None) -> ssl.SSLContext:
    """A context from PEM files: a certificate with its key, in one file or two; *clients* must be signed by theirs.

    Raises OSError: a file cannot be read, or is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
