"""Which pages in a browser may ask: the simulator's own, and no other.

Rule 1: a browser says whose page asks (`Origin`; RFC 6454, 7); curl, scripts and gateways do not, and are left alone.
Rule 2: without a token the simulator listens on loopback only, and goes by an address or a name that leads nowhere
else. A page of any other name has had its own name pointed at this machine (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulator.api.problems import problem
from simulator.api.reading import path_name

PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
"""The schemes of our own page, https where a proxy stands before us, and the ports that need not be named."""

NOWHERE: Final = ("", 0)


def origin_guard(*, any_name: bool, open_paths: Collection[str]) -> Middleware:
    """Refuse other pages; *any_name*: we may go by any name; *open_paths* as `token_guard` has them."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        detail = refusal(headers.get("Origin"), headers.get("Host", ""), any_name=any_name)
        if detail and path_name(request) not in open_paths:
            return problem(HTTPStatus.FORBIDDEN, detail)
        return await handler(request)

    return guard


def refusal(origin: str | None, host: str, *, any_name: bool) -> str:
    """Say why a request with these headers is refused; empty when it is not."""
    if origin is not None and not _is_own(origin, host):
        return f"Origin: a page of {origin} asks {host}; only the simulator's own page may, or no page at all"
    if host and not any_name and not _is_local(host):
        return f"Host: {host!r} is no name of this machine; ask by an address or localhost, or set a token"
    return ""


def _is_own(origin: str, host: str) -> bool:
    """Whether *origin* leads to *host*."""
    scheme, _, theirs = origin.partition("://")
    return scheme in PORTS and _place(theirs, scheme) == _place(host, scheme) != NOWHERE


def _is_local(host: str) -> bool:
    """Whether nobody else can have given this machine the name in *host*."""
    name = _place(host, "http")[0].rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _place(authority: str, scheme: str) -> tuple[str, int]:
    """The name, in lower case, and the port."""
    try:
        parts = urlsplit(f"{scheme}://{authority}")
        return parts.hostname or "", parts.port or PORTS[scheme]
    except ValueError:
        return NOWHERE
