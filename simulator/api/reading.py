"""From requests to values: what cannot be read becomes a problem with status 400 or 404."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from aiohttp import web

from simulator.api.bodies import DIGITS_MAX, is_whole
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
