"""From requests to values: what cannot be read becomes a problem with status 400 or 404."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, ParamSpec, TypeVar

from aiohttp import web
from multidict import MultiDictProxy

from simulator.api.bodies import DIGITS_MAX, is_whole
from simulator.api.problems import ProblemError
from simulator.smsc.lines import Line
from simulator.smsc.network import Network
from simulator.smsc.server import SmscServer

Values = ParamSpec("Values")
Value = TypeVar("Value")

UNREADABLE: Final = (ValueError, LookupError, RuntimeError, web.RequestPayloadError)
"""What aiohttp and json raise of a body that is not what its header says: its form, charset, depth, compression."""


def read(reader: Callable[Values, Value], *values: Values.args, **named: Values.kwargs) -> Value:
    """Call *reader*; its ValueError is the client's mistake."""
    try:
        return reader(*values, **named)
    except ValueError as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from None


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


def path_name(request: web.Request) -> str:
    """The path of *request* as the router names it; empty where there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def read_id(request: web.Request) -> int:
    """The number in the path."""
    digits = request.match_info["id"]
    if not is_whole(digits):
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"{request.path}: {digits!r} is no number of up to {DIGITS_MAX} digits"
        )
    return int(digits)


def find_session(network: Network, request: web.Request) -> tuple[SmscServer, Line]:
    """The session whose number stands in the path, and its operator."""
    found = network.find(read_id(request))
    if found is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: no such session; GET /sessions lists them")
    return found
