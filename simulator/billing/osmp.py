"""The server's side of OSMP: requests in a query or a form, answers in XML."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

from simulator.billing.book import Asked, Book, Judgement, Result

RESULTS: Final[Mapping[Result, int]] = {
    Result.OK: 0,
    Result.NO_ACCOUNT: 5,
    Result.TOO_SMALL: 241,
    Result.TOO_LARGE: 242,
    Result.FULL: 1,
}


class OsmpServer:
    """Reads requests and writes answers; the standard's names only."""

    path = base = "/osmp"

    def __init__(self, login: str, password: str, _book: Book) -> None:
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._authorization = f"Basic {token}" if login else None

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        if self._authorization is not None and request.headers.get("Authorization") != self._authorization:
            return web.Response(status=401, text="who are you?")
        fields = request.query if request.method == "GET" else await request.post()
        values = {name: str(fields.get(name, "")) for name in ("command", "txn_id", "account", "sum", "txn_date")}
        if values["command"] not in {"check", "pay"} or not re.fullmatch("[0-9]{1,20}|", values["txn_id"]):
            return _xml(300, values["txn_id"], "bad request")
        pay = values["command"] == "pay"
        whole = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{2}))?", values["sum"])
        if pay and not (whole and values["txn_id"] and re.fullmatch("[0-9]{14}", values["txn_date"])):
            return _xml(300, values["txn_id"], "bad request")
        amount_minor = int(whole[1]) * 100 + int(whole[2] or 0) if whole else 0
        return Asked(values["command"], int(values["txn_id"] or 0), values["account"], amount_minor)

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        if judgement.result is Result.CONFLICT:
            return web.Response(status=500, text="duplicate entry")
        receipt = f"<prv_txn>{judgement.receipt}</prv_txn>" if judgement.receipt else ""
        amount = f"<sum>{asked.amount_minor // 100}.{asked.amount_minor % 100:02d}</sum>" if receipt else ""
        name = '<fields><field1 name="FIO">Алиев А.</field1></fields>' if asked.command == "check" else ""
        return _xml(RESULTS[judgement.result], str(asked.reference), judgement.result.name, receipt + amount + name)

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with a result code of the test's choice."""
        return _xml(code, str(asked.reference), "refused")

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer, but about another payment."""
        return _xml(0, str(asked.reference + 1), "OK", f"<prv_txn>{judgement.receipt}</prv_txn>")


def _xml(result: int, reference: str, comment: str, more: str = "") -> web.Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response>\n'
        f"<osmp_txn_id>{reference}</osmp_txn_id>{more}<result>{result}</result><comment>{escape(comment)}</comment>\n"
        "</response>\n"
    )
    return web.Response(text=body, content_type="text/xml", charset="utf-8")
