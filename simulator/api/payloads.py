"""The bodies of requests, as JSON or a form: what cannot be read becomes a problem with status 400."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from multidict import MultiDictProxy

from simulator.api.problems import ProblemError

UNREADABLE: Final = (ValueError, LookupError, RuntimeError, web.RequestPayloadError)
"""What aiohttp and json raise of a body that is not what its header says: its form, charset, depth, compression."""


async def read_json(request: web.Request) -> Any:
    """The body of *request*, whatever its content type says: people use curl."""
    try:
        return await request.json()
    except UNREADABLE as error:
        raise _unreadable(request, "JSON", error) from None


async def read_form(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """The form in the body of *request*."""
    try:
        return await request.post()
    except UNREADABLE as error:
        raise _unreadable(request, "form", error) from None


def _unreadable(request: web.Request, wanted: str, error: Exception) -> ProblemError:
    if isinstance(error, web.RequestPayloadError):
        # aiohttp has given this body up, and would all the same wait for its end and fail.
        request.content.feed_eof()
    return ProblemError(HTTPStatus.BAD_REQUEST, f"the body is no {wanted}: {' '.join(str(error).split())}")
