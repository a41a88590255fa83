"""Errors of the API as problem details (RFC 9457): each names the thing and the mend."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

KEPT: Final = frozenset({"Allow", "WWW-Authenticate"})
"""Headers that an error must have whatever its body is (RFC 9110, 15.5.2 and 15.5.6)."""

LOG: Final = logging.getLogger("simulator.http")
"""Where aiohttp writes what failed, with the trace: faults of ours only."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether not the client is at fault: octets that are no HTTP are answered 400, and that says it all."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


LOG.addFilter(_is_ours)


class ProblemError(Exception):
    """A request that cannot be served; *detail* tells a person what to do about it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: HTTPStatus, detail: str) -> web.Response:
    """Write a problem; its title is the status's own name, so that its type is about:blank (RFC 9457, 4.2.1)."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json")


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into a problem."""
    try:
        return await handler(request)
    except ProblemError as error:
        return problem(error.status, error.detail)
    except web.HTTPError as error:
        answer = problem(HTTPStatus(error.status), _detail(request, error))
        answer.headers.extend((name, value) for name, value in error.headers.items() if name in KEPT)
        return answer


def _detail(request: web.Request, error: web.HTTPError) -> str:
    match error:
        case web.HTTPNotFound():
            return f"there is no {request.path}; GET /health lists what there is"
        case web.HTTPMethodNotAllowed():
            return f"{request.path} takes {', '.join(sorted(error.allowed_methods))}, not {request.method}"
        case web.HTTPRequestEntityTooLarge():
            return f"the body is too large; {request.client_max_size} octets are the most"
        case _:
            return error.text or error.reason
