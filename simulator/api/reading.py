"""From requests to values: what cannot be read becomes a problem with status 400 or 404."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from aiohttp import web

from simulator.api.problems import ProblemError
from simulator.smsc.lines import Line
from simulator.smsc.network import Network
from simulator.smsc.server import SmscServer

Values = ParamSpec("Values")
Value = TypeVar("Value")


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
    except (ValueError, RecursionError) as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None


def read_id(request: web.Request) -> int:
    """The number in the path."""
    digits = request.match_info["id"]
    if not (digits.isascii() and digits.isdecimal()):
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: {digits!r} is no number")
    return int(digits)


def find_session(network: Network, request: web.Request) -> tuple[SmscServer, Line]:
    """The session whose number stands in the path, and its operator."""
    found = network.find(read_id(request))
    if found is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: no such session; GET /sessions lists them")
    return found
