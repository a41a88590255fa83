"""Credentials as headers. They are put in when a request is sent and never stand in stored parameters."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from smsgw.domain.secret import Secret


def basic(login: str, secret: Secret[str]) -> Mapping[str, str]:
    """The header of HTTP Basic authentication (RFC 7617), in UTF-8; nothing where there is no login."""
    if not login:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{secret.reveal()}".encode()).decode("ascii")}
