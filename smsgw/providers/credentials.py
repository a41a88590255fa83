"""Credentials as headers. They are put in when a request is sent and never stand in stored parameters."""

from __future__ import annotations

import base64
from collections.abc import Mapping


def basic(login: str, secret: str) -> Mapping[str, str]:
    """The header of HTTP Basic authentication (RFC 7617), in UTF-8; nothing where there is no login."""
    if not login:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode("ascii")}
