"""Which keys a query string may have: each handler says its own, and whoever gives another is told what there is.

Rule: what a provider's own clients ask is for their protocol to judge, and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulator.api.problems import ProblemError
from simulator.api.reading import path_name

Taking = TypeVar("Taking", bound=Callable[..., object])

_MARK: Final = "query_keys"


def takes(*keys: str) -> Callable[[Taking], Taking]:
    """Say which keys a handler reads of the query string; a handler without this mark takes none."""

    def mark(handler: Taking) -> Taking:
        setattr(handler, _MARK, keys)
        return handler

    return mark


def taken(handler: Callable[..., object]) -> tuple[str, ...]:
    """The keys that *handler* takes."""
    keys: tuple[str, ...] = getattr(handler, _MARK, ())
    return keys


def query_guard(open_paths: Collection[str]) -> Middleware:
    """Refuse keys that nobody reads; *open_paths* as `token_guard` has them."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = path_name(request)
        if name and name not in open_paths:
            known = taken(request.match_info.handler)
            for key in request.query:
                if key not in known:
                    there = f"there are {', '.join(known)}" if known else f"{request.method} {name} takes none"
                    raise ProblemError(HTTPStatus.BAD_REQUEST, f"{key}: unknown; {there}")
        return await handler(request)

    return guard
