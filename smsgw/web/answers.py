"""Responses: documents and problems as JSON, and the middleware that gives every refusal this form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from smsgw.log import get_logger
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.web.documents import Document
from smsgw.web.problems import PROBLEM_TYPE, Problem

JSON_TYPE: Final = "application/json"
# The store commits again as soon as its disk or server is back; asking each second adds no load to speak of.
RETRY_AFTER_S: Final = "1"
# What an intermediary kept would be somebody's payments, or yesterday's state.
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
HINTS: Final = {
    HTTPStatus.NOT_FOUND: "there is nothing under this address; docs/runbook.md lists the API, /api/v1/",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not know the method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is too large; 64 KiB are the most",
}

log = get_logger(__name__)


def answer(result: Document | Problem, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """A document under *status*, or a problem under its own."""
    if isinstance(result, Problem):
        return refusal(result)
    return web.Response(text=_text(result), status=status, content_type=JSON_TYPE, headers=HEADERS)


def refusal(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    """A problem, with further headers."""
    both = {**HEADERS, **(headers or {})}
    return web.Response(text=_text(problem.document()), status=problem.status, content_type=PROBLEM_TYPE, headers=both)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the framework's refusals and the store's the form of all others."""
    try:
        return await handler(request)
    except web.HTTPError as error:
        status = HTTPStatus(error.status)
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        return refusal(Problem(status, status.name.lower(), HINTS.get(status, status.description)), kept)
    except StoreUnavailable as reason:
        problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable", f"nothing was done: {reason}")
        return refusal(problem, {"Retry-After": RETRY_AFTER_S})
    except WorkFailed:
        log.exception("api.failed", method=request.method, route=route_of(request))
        detail = "nothing was done; the log line api.failed of this moment has the cause"
        return refusal(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", detail))


def route_of(request: web.Request) -> str:
    """The address as the routes have it, `…/subscribers/{number}`: the address itself may hold somebody's number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def _text(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"
