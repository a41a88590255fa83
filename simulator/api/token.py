"""Who may ask over HTTP, where a token is set: whoever shows it in a header, or in the cookie that `/?token=` gives.

Rule: what a provider's own clients call has credentials of its own and stays open; all else is closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from hmac import compare_digest
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulator.api.problems import problem
from simulator.api.reading import path_name

COOKIE: Final = "simulator_token"
COOKIE_S: Final = 30 * 24 * 3_600
"""A month: the token itself has no end."""
SCHEME: Final = "bearer"
"""In any case (RFC 9110, 11.1)."""


def token_guard(token: str, open_paths: Collection[str]) -> Middleware:
    """Let in who shows *token*; *open_paths* are resources, as the router names them, that need none."""
    digest = hashlib.sha256(token.encode()).hexdigest()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if path_name(request) in open_paths or _is_shown(request, token, digest):
            return await handler(request)
        if request.path == "/" and _same(request.query.get("token", ""), token):
            # The token leaves the address bar, and the history with it.
            response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
            response.set_cookie(COOKIE, digest, max_age=COOKIE_S, httponly=True, samesite="Strict")
            return response
        detail = "a token is needed: the header `Authorization: Bearer TOKEN`, or open /?token=TOKEN once in a browser"
        refusal = problem(HTTPStatus.UNAUTHORIZED, detail)
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="simulator"'
        return refusal

    return guard


def _is_shown(request: web.Request, token: str, digest: str) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == SCHEME and _same(shown, token):
        return True
    return _same(request.cookies.get(COOKIE, ""), digest)


def _same(shown: str, wanted: str) -> bool:
    return compare_digest(shown.encode("utf-8", "surrogateescape"), wanted.encode())
