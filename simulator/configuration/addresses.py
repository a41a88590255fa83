"""Where to listen, as people write it."""

from __future__ import annotations

from typing import Final

PORT_MAX: Final = 65_535


def read_address(words: object) -> tuple[str, int]:
    """Read HOST:PORT, an IPv6 host in brackets or not. Raises ValueError."""
    host, colon, port = words.rpartition(":") if isinstance(words, str) else ("", "", "")
    if not (host and colon and port.isascii() and port.isdecimal() and int(port) <= PORT_MAX):
        raise ValueError(f"{words!r} is no HOST:PORT, such as 127.0.0.1:2775")
    return host.strip("[]"), int(port)
