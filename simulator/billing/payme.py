"""The provider's side of the Merchant API of Payme: JSON-RPC in a POST, HTTP status 200 whatever happens.

Rule 1: equal requests have equal answers, so that a client's double Create, Perform or Cancel shows nothing new.
Rule 2: a draft lives 12 hours from its creation; the first request about it after that finds it cancelled.
Rule 3: any field is taken for the account's, for each provider names its own; the book has the values.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.billing.book import Asked, Book, Credit, Judgement, Standing
from simulator.billing.osmp import allowed, basic
from simulator.billing.payme_errors import IMPOSSIBLE, PaymeError, code_of, error_body

LOGIN: Final = "Paycom"
# Of the protocol: 43,200,000 ms.
EXPIRY_S: Final = 12 * 3600
TIMED_OUT: Final = 4

COMMANDS: Final[Mapping[str, str]] = {
    "CheckPerformTransaction": "check",
    "CreateTransaction": "prepare",
    "PerformTransaction": "pay",
    "CheckTransaction": "status",
    "CancelTransaction": "cancel",
    "GetStatement": "statement",
}
STATES: Final[Mapping[Standing, int]] = {
    Standing.DRAFT: 1,
    Standing.CREDITED: 2,
    Standing.DROPPED: -1,
    Standing.REVERSED: -2,
}
# Codes of the protocol have five digits; the number of a fault that names none is shorter.
_SHORTEST_CODE: Final = 10_000
_ID: Final = re.compile("[0-9a-fA-F]{24}")
_MS_MAX: Final = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymeAsked(Asked):
    """A request with what its answer repeats: the id of the call, and the name of the account's field."""

    rpc_id: object = None
    field: str = ""


class PaymeServer:
    """Reads requests and writes answers; the standard's names only."""

    path = base = "/payme"

    def __init__(self, login: str, password: str, book: Book) -> None:
        self._authorization = basic(login or LOGIN, password)
        self._book = book
        # By reference, what the book has no place for: the account as it came, and the reason of a cancellation.
        self._accounts: dict[int, Mapping[str, str]] = {}
        self._reasons: dict[int, int] = {}

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood. A draft whose time is over is dropped here."""
        rpc_id: object = None
        try:
            envelope = await self._envelope(request)
            rpc_id = envelope.get("id")
            command, params = _call(envelope)
            return self._asked(command, params, rpc_id)
        except PaymeError as error:
            return _json(error_body(rpc_id, error.code))

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        assert isinstance(asked, PaymeAsked), "what `read` returned"
        code = code_of(asked.command, judgement)
        if code:
            return _json(error_body(asked.rpc_id, code, asked.field))
        return _json({"jsonrpc": "2.0", "id": asked.rpc_id, "result": self._result(asked, judgement)})

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with the error -*code*: 31050 is -31050."""
        assert isinstance(asked, PaymeAsked), "what `read` returned"
        return _json(error_body(asked.rpc_id, -abs(code) if abs(code) >= _SHORTEST_CODE else IMPOSSIBLE))

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The same answer, but to another request."""
        assert isinstance(asked, PaymeAsked), "what `read` returned"
        result = self._result(asked, judgement)
        return _json({"jsonrpc": "2.0", "id": f"not {asked.rpc_id}", "result": result})

    async def _envelope(self, request: web.Request) -> Mapping[str, object]:
        if request.method != "POST":
            raise PaymeError(-32300)
        try:
            envelope = await read_json(request)
        except ProblemError:
            raise PaymeError(-32700) from None
        if not isinstance(envelope, dict):
            raise PaymeError(-32600)
        if not allowed(request, self._authorization):
            raise PaymeError(-32504)
        return envelope

    def _asked(self, command: str, params: Mapping[str, object], rpc_id: object) -> PaymeAsked:
        if command == "statement":
            since_ms, until_ms = _ms(params, "from"), _ms(params, "to")
            return PaymeAsked(command, since_ms=since_ms, until_ms=until_ms, rpc_id=rpc_id)
        reference = 0 if command == "check" else _reference(params.get("id"))
        self._drop_if_expired(reference)
        if command == "cancel":
            self._note_reason(reference, params.get("reason"))
        if command not in {"check", "prepare"}:
            return PaymeAsked(command, reference, of_draft=command == "pay", rpc_id=rpc_id)
        account = _account(params.get("account"))
        if command == "prepare" and self._book.find(reference) is None:
            self._accounts[reference] = account
        return PaymeAsked(
            command,
            reference,
            account="/".join(account.values()),
            amount_minor=_amount(params.get("amount")),
            at_ms=_ms(params, "time") if command == "prepare" else 0,
            rpc_id=rpc_id,
            field=next(iter(account), "account"),
        )

    def _drop_if_expired(self, reference: int) -> None:
        line, now_s = self._book.find(reference), time.time()
        if line is not None and line.standing is Standing.DRAFT and now_s - line.at_s > EXPIRY_S:
            self._reasons[reference] = TIMED_OUT
            self._book.judge(Asked("cancel", reference), now_s)

    def _note_reason(self, reference: int, reason: object) -> None:
        if type(reason) is not int:
            raise PaymeError(-32602)
        line = self._book.find(reference)
        if line is not None and line.standing in {Standing.DRAFT, Standing.CREDITED}:
            self._reasons[reference] = reason

    def _result(self, asked: PaymeAsked, judgement: Judgement) -> Mapping[str, object]:
        if asked.command == "check":
            return {"allow": True, "additional": {"name": "Алиев А."}}
        if asked.command == "statement":
            lines = sorted(judgement.lines, key=lambda line: line.asked_at_ms)
            return {"transactions": [self._row(line) for line in lines]}
        assert judgement.line is not None, "every good answer about a transaction has its line"
        told = self._told(judgement.line)
        return {key: told[key] for key in _TOLD[asked.command]}

    def _told(self, line: Credit) -> Mapping[str, object]:
        """All that can be told of a transaction without its order."""
        cancelled = line.standing in {Standing.DROPPED, Standing.REVERSED}
        return {
            "create_time": int(line.at_s * 1000),
            "perform_time": int(line.credited_at_s * 1000),
            "cancel_time": int(line.cancelled_at_s * 1000),
            "transaction": str(line.receipt),
            "state": STATES[line.standing],
            "reason": self._reasons.get(line.reference) if cancelled else None,
        }

    def _row(self, line: Credit) -> Mapping[str, object]:
        """A row of a statement."""
        account = self._accounts.get(line.reference, {"account": line.account})
        order = {"id": f"{line.reference:024x}", "time": line.asked_at_ms, "amount": line.amount_minor}
        return {**order, "account": account, **self._told(line), "receivers": None}


# What each method tells of its transaction.
_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "prepare": ("create_time", "transaction", "state"),
    "pay": ("transaction", "perform_time", "state"),
    "status": ("create_time", "perform_time", "cancel_time", "transaction", "state", "reason"),
    "cancel": ("transaction", "cancel_time", "state"),
}


def _call(envelope: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """What is called, in the words of the book, and with which parameters."""
    method, params = envelope.get("method"), envelope.get("params")
    if not isinstance(method, str) or not isinstance(params, dict):
        raise PaymeError(-32600)
    if method not in COMMANDS:
        raise PaymeError(-32601)
    return COMMANDS[method], params


def _reference(value: object) -> int:
    """The gateway makes its ids of its references; those of others are larger, and as good."""
    if not isinstance(value, str) or not _ID.fullmatch(value) or int(value, 16) == 0:
        raise PaymeError(-32602)
    return int(value, 16)


def _account(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise PaymeError(-32602)
    return value


def _amount(value: object) -> int:
    """Tiyin. Nothing is asked for by 0: the book would take it for a check without a sum."""
    if type(value) is not int:
        raise PaymeError(-32602)
    return value or -1


def _ms(params: Mapping[str, object], key: str) -> int:
    value = params.get(key)
    if type(value) is not int or not 0 <= value <= _MS_MAX:
        raise PaymeError(-32602)
    return value


def _json(envelope: Mapping[str, object]) -> web.Response:
    return web.Response(text=json.dumps(envelope), content_type="application/json", charset="UTF-8")
