"""What an operator speaks TLS with."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def server_context(certificate: Path, key: Path | None = None, clients: Path | None = None) -> ssl.SSLContext:
    """A context from PEM files: a certificate with its key, in one file or two; *clients* must be signed by theirs.

    Raises OSError, which names the file: it cannot be read, or holds something else.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with _naming("a certificate and its key", certificate, key):
        context.load_cert_chain(certificate, key)
    if clients is not None:
        with _naming("the certificates of authorities", clients):
            context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def _naming(wanted: str, *files: Path | None) -> Iterator[None]:
    """Say which files an error is about, and what was *wanted* of them: ssl does not, and of two it knows not which."""
    names = ", ".join(str(file) for file in files if file is not None)
    try:
        yield
    except ssl.SSLError as error:
        why = f" ({error.reason})" if error.reason else ""  # such as KEY_VALUES_MISMATCH
        raise OSError(f"{names}: {wanted} in PEM are needed{why}") from None
    except OSError as error:
        raise OSError(f"{names}: {error.strerror}") from None
