"""The provider's side of Paynet's protocol: JSON-RPC 2.0 in a POST, Basic authentication.

Any service above 0 exists. Whatever stands in `fields` is the account, its parts joined by a slash. A wrong login is
HTTP 401 with the protocol's own code 412 in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.billing.book import Asked, Book, Credit, Judgement, Result, Standing
from simulator.billing.osmp import allowed, basic

COMMANDS: Final[Mapping[str, str]] = {
    "GetInformation": "check",
    "PerformTransaction": "pay",
    "CheckTransaction": "status",
    "CancelTransaction": "cancel",
    "GetStatement": "statement",
}
ERRORS: Final[Mapping[Result, int]] = {
    # What was good before is an error when it is asked for again.
    Result.OK: 201,
    Result.NO_ACCOUNT: 302,
    Result.TOO_SMALL: 413,
    Result.TOO_LARGE: 415,
    Result.CONFLICT: 201,
    Result.FULL: 102,
    Result.ABSENT: 203,
    Result.CANCELLED: 202,
    Result.SPENT: 77,
}
WRONG_LOGIN: Final = 412
NO_SERVICE: Final = 305
WRONG_DATE: Final = 414
# Ids are 64-bit numbers with a sign in every billing.
REFERENCE_MAX: Final = 2**63 - 1
NOT_JSON: Final = -32700
NO_REQUEST: Final = -32600
NO_METHOD: Final = -32601
WRONG_PARAMS: Final = -32602
ZONE: Final = ZoneInfo("Asia/Tashkent")
TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class RpcAsked(Asked):
    """A request, with the id that its answer must repeat."""

    rpc_id: int | str | None = None


class PaynetServer:
    """Reads requests and writes answers. Sums are tiyin, times those of Tashkent."""

    path = base = "/paynet"

    def __init__(self, login: str, password: str, _book: Book) -> None:
        self._authorization = basic(login, password)

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        if not allowed(request, self._authorization):
            return _error(None, WRONG_LOGIN, status=401)
        try:
            body = await read_json(request)
        except ProblemError:
            return _error(None, NOT_JSON)
        if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("params"), dict):
            return _error(None, NO_REQUEST)
        rpc_id = body.get("id") if isinstance(body.get("id"), int | str) else None
        command = COMMANDS.get(str(body.get("method")))
        if command is None:
            return _error(rpc_id, NO_METHOD)
        asked = _asked(command, body["params"])
        return _error(rpc_id, asked) if isinstance(asked, int) else replace(asked, rpc_id=rpc_id)

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        values = _values(asked, judgement)
        return _error(_id(asked), ERRORS[judgement.result]) if values is None else _result(asked, values)

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with a code of the test's choice."""
        return _error(_id(asked), code)

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer to another request."""
        return self.answer(RpcAsked(asked.command, asked.reference, rpc_id=f"not {_id(asked)}"), judgement)


def _asked(command: str, params: Mapping[str, object]) -> RpcAsked | int:
    """The request, or the code of what is wrong with its parameters."""
    service = params.get("serviceId")
    if type(service) is not int or service <= 0:
        return WRONG_PARAMS if service is None else NO_SERVICE
    if command == "statement":
        return _period(params)
    if command == "check":
        account = _account(params.get("fields"))
        return RpcAsked(command, account=account) if account else WRONG_PARAMS
    reference = params.get("transactionId")
    if type(reference) is not int or not 0 < reference <= REFERENCE_MAX:
        return WRONG_PARAMS
    return _payment(reference, params) if command == "pay" else RpcAsked(command, reference)


def _payment(reference: int, params: Mapping[str, object]) -> RpcAsked | int:
    account, amount = _account(params.get("fields")), params.get("amount")
    at = _time(params.get("transactionTime") or params.get("time"))
    if at is None:
        return WRONG_DATE
    if not account or type(amount) is not int:
        return WRONG_PARAMS
    return RpcAsked("pay", reference, account, amount, at_ms=_ms(at))


def _period(params: Mapping[str, object]) -> RpcAsked | int:
    since, until = _time(params.get("dateFrom")), _time(params.get("dateTo"))
    if since is None or until is None:
        return WRONG_DATE
    return RpcAsked("statement", since_ms=_ms(since), until_ms=_ms(until))


def _account(fields: object) -> str:
    parts = list(fields.values()) if isinstance(fields, dict) else []
    return "/".join(parts) if all(isinstance(part, str) for part in parts) else ""


def _values(asked: Asked, judgement: Judgement) -> Mapping[str, object] | None:
    """The result of a method that was carried out; None = there is an error to be answered."""
    match asked.command, judgement.result:
        case "check", Result.OK:
            return {"status": "0", "timestamp": _text(_now()), "fields": {"name": "Алиев А.", "balance": 0}}
        case "pay", Result.OK if not judgement.repeated:
            return {"providerTrnId": judgement.receipt, "timestamp": _text(_now()), "fields": {"balance": 0}}
        case "status", Result.OK:
            return _transaction(judgement)
        case "cancel", Result.CANCELLED if not judgement.repeated:
            return _transaction(judgement)
        case "statement", _:
            return {"statements": [_line(line) for line in judgement.lines if line.standing is Standing.CREDITED]}
        case _:
            return None


def _transaction(judgement: Judgement) -> Mapping[str, object]:
    credited = judgement.line is not None and judgement.line.standing is Standing.CREDITED
    return {
        "transactionState": 1 if credited else 2,
        "providerTrnId": judgement.receipt,
        "timestamp": _text(_now()),
    }


def _line(line: Credit) -> Mapping[str, object]:
    return {
        "amount": line.amount_minor,
        "providerTrnId": line.receipt,
        "transactionId": line.reference,
        "timestamp": _text(datetime.fromtimestamp(line.credited_at_s, UTC)),
    }


def _id(asked: Asked) -> int | str | None:
    return asked.rpc_id if isinstance(asked, RpcAsked) else None


def _result(asked: Asked, values: Mapping[str, object]) -> web.Response:
    return web.json_response({"jsonrpc": "2.0", "id": _id(asked), "result": values})


def _error(rpc_id: int | str | None, code: int, status: int = 200) -> web.Response:
    error = {"code": code, "message": f"error {code}"}
    return web.json_response({"jsonrpc": "2.0", "id": rpc_id, "error": error}, status=status)


def _now() -> datetime:
    return datetime.now(UTC)


def _text(at: datetime) -> str:
    return at.astimezone(ZONE).strftime(TIME_FORMAT)


def _time(value: object) -> datetime | None:
    try:
        return datetime.strptime(str(value), TIME_FORMAT).replace(tzinfo=ZONE)
    except ValueError:
        return None


def _ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000
