"""The server's side of OSMP: requests in a query or a form, answers in XML.

It also has the two questions that ABillS adds to the protocol, with that billing's habits: `status` knows nothing but
"here" and "not here", and a payment that was taken back is not there any more.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

from simulator.api.payloads import read_form
from simulator.billing.book import Asked, Book, Judgement, Result, Standing

RESULTS: Final[Mapping[Result, int]] = {
    Result.OK: 0,
    Result.NO_ACCOUNT: 5,
    Result.TOO_SMALL: 241,
    Result.TOO_LARGE: 242,
    Result.FULL: 1,
    Result.ABSENT: 79,
    Result.CANCELLED: 7,
    Result.SPENT: 7,
}
NOT_HERE: Final = 79
BAD_REQUEST: Final = 300
COMMANDS: Final[Mapping[str, str]] = {
    "check": "check",
    "getInfo": "check",
    "pay": "pay",
    "status": "status",
    "cancel": "cancel",
}
NAMES: Final = ("command", "txn_id", "account", "sum", "txn_date", "prv_txn")


@dataclass(frozen=True, slots=True)
class OsmpAsked(Asked):
    """A request with the id that it came under; a cancel may have one of its own, besides that of its payment."""

    txn_id: str = ""


class OsmpServer:
    """Reads requests and writes answers; the standard's names only."""

    path = base = "/osmp"

    def __init__(self, login: str, password: str, book: Book) -> None:
        self._authorization = basic(login, password)
        self._book = book

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        if not allowed(request, self._authorization):
            return web.Response(status=401, text="who are you?")
        values = await fields(request, NAMES)
        command = COMMANDS.get(values["command"], "")
        match command:
            case "check" | "pay":
                asked = _payment(command, values)
            case "status":
                asked = Asked(command, int(values["txn_id"])) if _is_id(values["txn_id"]) else None
            case "cancel":
                asked = self._cancelled(values["prv_txn"], values["txn_id"])
            case _:
                asked = None
        return _xml(BAD_REQUEST, values["txn_id"], "bad request") if asked is None else asked

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        if judgement.result is Result.CONFLICT:
            return web.Response(status=500, text="duplicate entry")
        if asked.command in {"status", "cancel"}:
            return _xml(_result_about(asked.command, judgement), _echo(asked), judgement.result.name)
        receipt = f"<prv_txn>{judgement.receipt}</prv_txn>" if judgement.receipt else ""
        amount = f"<sum>{decimal(asked.amount_minor)}</sum>" if receipt else ""
        found = asked.command == "check" and judgement.result is Result.OK
        name = '<fields><field1 name="FIO">Алиев А.</field1></fields>' if found else ""
        return _xml(RESULTS[judgement.result], _echo(asked), judgement.result.name, receipt + amount + name)

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with a result code of the test's choice."""
        return _xml(code, _echo(asked), "refused")

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer, but about another payment."""
        return _xml(0, str(asked.reference + 1), "OK", f"<prv_txn>{judgement.receipt}</prv_txn>")

    def _cancelled(self, receipt: str, txn_id: str) -> Asked | None:
        """A cancel goes by the provider's own number alone; reference 0 is in no book."""
        if not _is_id(receipt) or not _is_id(txn_id or "0"):
            return None
        line = self._book.by_receipt(int(receipt))
        return OsmpAsked("cancel", line.reference if line else 0, txn_id=txn_id)


def basic(login: str, password: str) -> str | None:
    """The Authorization header that a request must have; None = any request may come."""
    return f"Basic {base64.b64encode(f'{login}:{password}'.encode()).decode()}" if login else None


def allowed(request: web.Request, authorization: str | None) -> bool:
    """True if the request has the credentials, whatever the case of their scheme (RFC 9110, 11.1)."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return authorization is None or f"{scheme.capitalize()} {credentials}" == authorization


async def fields(request: web.Request, names: tuple[str, ...]) -> Mapping[str, str]:
    """The named fields of a query or a form; "" for what is not there. ProblemError: no form can be read."""
    sent = request.query if request.method == "GET" else await read_form(request)
    return {name: str(sent.get(name, "")) for name in names}


def minor(text: str) -> int | None:
    """The minor units of a sum in decimal or whole units; None for anything else."""
    whole = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{2}))?", text)
    return int(whole[1]) * 100 + int(whole[2] or 0) if whole else None


def decimal(amount_minor: int) -> str:
    """The sum with a dot and two digits."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"


def _payment(command: str, values: Mapping[str, str]) -> Asked | None:
    """A check, which may lack the id and the sum, or a pay, which may lack nothing."""
    amount_minor = minor(values["sum"])
    dated = re.fullmatch("[0-9]{14}", values["txn_date"])
    reference = int(values["txn_id"] or 0) if _is_id(values["txn_id"] or "0") else None
    # Reference 0 is in no book, so nothing is paid under it.
    if command == "pay" and (amount_minor is None or not reference or not dated):
        return None
    if reference is None or (amount_minor is None and values["sum"]):
        return None
    return Asked(command, reference, values["account"], amount_minor or 0)


def _result_about(command: str, judgement: Judgement) -> int:
    """The code of a status or a cancel: what was taken back once is not there any more."""
    gone = judgement.line is not None and judgement.line.standing is not Standing.CREDITED
    if command == "cancel" and judgement.result is Result.CANCELLED:
        return NOT_HERE if judgement.repeated else 0
    return NOT_HERE if gone else RESULTS[judgement.result]


def _echo(asked: Asked) -> str:
    if isinstance(asked, OsmpAsked):
        return asked.txn_id
    return str(asked.reference) if asked.reference else ""


def _is_id(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,20}", text))


def _xml(result: int, reference: str, comment: str, more: str = "") -> web.Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response>\n'
        f"<osmp_txn_id>{escape(reference)}</osmp_txn_id>{more}<result>{result}</result><comment>{escape(comment)}</comment>\n"
        "</response>\n"
    )
    return web.Response(text=body, content_type="text/xml", charset="utf-8")
