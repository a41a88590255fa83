"""The server's side of the gateway's own JSON protocol, as docs/protocols/json.md describes it.

Rule 1: requests are read strictly, so that the gateway cannot get away with less than the protocol says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiohttp import web

from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.billing.book import Asked, Book, Credit, Judgement, Result, Standing
from simulator.billing.osmp import allowed, basic

# The books count in tiyin.
CURRENCY: Final = "UZS"
_AMOUNT: Final = re.compile(r"([0-9]{1,16})\.([0-9]{2})")
_REFERENCE: Final = re.compile(r"[1-9][0-9]{0,18}")


class Problem(NamedTuple):
    """An HTTP status and a reason of the protocol."""

    status: int
    reason: str


PROBLEMS: Final[Mapping[Result, Problem]] = {
    Result.NO_ACCOUNT: Problem(404, "account_not_found"),
    Result.TOO_SMALL: Problem(422, "amount_too_small"),
    Result.TOO_LARGE: Problem(422, "amount_too_large"),
    Result.CONFLICT: Problem(409, "conflict"),
    Result.ABSENT: Problem(404, "not_found"),
    Result.SPENT: Problem(409, "cannot_cancel"),
    Result.FULL: Problem(503, "try_later"),
}
# What a test may ask a refusal by: the status.
REFUSALS: Final[Mapping[int, Problem]] = {
    404: PROBLEMS[Result.NO_ACCOUNT],
    409: PROBLEMS[Result.CONFLICT],
    429: Problem(429, "try_later"),
}
_STATES: Final[Mapping[Standing, str]] = {
    Standing.CREDITED: "accepted",
    Standing.REVERSED: "cancelled",
    Standing.DROPPED: "cancelled",
}


class JsonServer:
    """Reads requests and writes answers. With a login it asks for Basic, with a password alone for that token."""

    path = "/json/{tail:.*}"
    base = "/json"

    def __init__(self, login: str, password: str, _book: Book) -> None:
        self._authorization = basic(login, password) or (f"Bearer {password}" if password else None)

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        if not allowed(request, self._authorization):
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
        try:
            asked = await _read(request)
        except (ProblemError, ValueError, KeyError, TypeError):
            return web.Response(status=400, text="not of the protocol")
        return asked or web.Response(status=404, text="no such address")

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        if judgement.result in PROBLEMS:
            return _problem(PROBLEMS[judgement.result])
        if asked.command == "check":
            return web.json_response({"found": True, "name": "Алиев А."})
        if asked.command == "statement":
            payments = [_line(line) for line in judgement.lines if line.standing is Standing.CREDITED]
            return web.json_response({"payments": payments, "complete": True})
        line = judgement.line
        assert line is not None, "a payment that was judged stands in the books"
        # The books answer a pay of what was taken back as it stands; the protocol looks at its values all the same.
        if asked.command == "pay" and (asked.account, asked.amount_minor) != (line.account, line.amount_minor):
            return _problem(PROBLEMS[Result.CONFLICT])
        status = 201 if asked.command == "pay" and not judgement.repeated else 200
        return web.json_response(_payment(line), status=status)

    def refusal(self, _asked: Asked, code: int) -> web.Response:
        """The problem with that status; any other code is a plain refusal."""
        return _problem(REFUSALS.get(code, Problem(422, "refused")))

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer about another payment; what names no payment stays as it is."""
        if judgement.line is None:
            return self.answer(asked, judgement)
        return web.json_response({**_payment(judgement.line), "reference": str(asked.reference + 1)})


async def _read(request: web.Request) -> Asked | None:
    """The request; None for an address that the protocol does not have. ValueError, KeyError, TypeError: no sense."""
    match request.method, request.match_info["tail"].split("/"):
        case "POST", ["check"]:
            return _order("check", 0, await _body(request))
        case "POST", ["payments", reference]:
            _know_repeats_by(request, reference)
            body = await _body(request)
            _time(body["created_at"])
            return _order("pay", _number(reference), body)
        case "GET", ["payments", reference]:
            return Asked("status", _number(reference))
        case "POST", ["payments", reference, "cancel"]:
            _know_repeats_by(request, f"{reference}-cancel")
            return Asked("cancel", _number(reference)) if (await _body(request))["reason"] else None
        case "GET", ["statement"]:
            # The books' periods have both ends in them; the protocol's end is not.
            since_ms, until_ms = _time(request.query["from"]), _time(request.query["to"]) - 1
            return Asked("statement", since_ms=since_ms, until_ms=until_ms)
        case _:
            return None


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise ValueError("the body is no JSON")
    return dict(await read_json(request))


def _know_repeats_by(request: web.Request, key: str) -> None:
    if request.headers["Idempotency-Key"] != key:
        raise ValueError("the key is not the payment's")


def _number(reference: str) -> int:
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("a reference has up to 19 digits")
    return int(reference)


def _order(command: str, reference: int, body: Mapping[str, Any]) -> Asked:
    amount = _AMOUNT.fullmatch(body["amount"])
    if amount is None or body["currency"] != CURRENCY:
        raise ValueError("no sum in the currency of these books")
    account = "/".join(dict(body["account"]).values())
    return Asked(command, reference, account, int(amount[1]) * 100 + int(amount[2]))


def _time(text: str) -> int:
    """Unix time in milliseconds of an RFC 3339 time in UTC."""
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return int(at.timestamp() * 1000)


def _payment(line: Credit) -> dict[str, str]:
    return {
        "reference": str(line.reference),
        "state": _STATES[line.standing],
        "amount": _amount(line),
        "currency": CURRENCY,
        "provider_reference": str(line.receipt),
    }


def _line(line: Credit) -> dict[str, str]:
    at = datetime.fromtimestamp(line.credited_at_s, UTC)
    document = _payment(line)
    del document["state"]
    return {**document, "accepted_at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def _amount(line: Credit) -> str:
    return f"{line.amount_minor // 100}.{line.amount_minor % 100:02d}"


def _problem(problem: Problem) -> web.Response:
    status, reason = problem
    body = {"title": reason.replace("_", " ").capitalize(), "status": status, "reason": reason}
    return web.json_response(body, status=status, content_type="application/problem+json")
