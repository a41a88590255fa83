"""The server's side of Sber's variant of OSMP: its own names and codes, dates with dots, answers in windows-1251.

A second payment under one PAY_ID is answered with 8 and what stands there, as the open implementations do it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from simulator.billing.book import Asked, Book, Credit, Judgement, Result
from simulator.billing.osmp import allowed, basic, decimal, fields, minor

CODES: Final[Mapping[Result, int]] = {
    Result.OK: 0,
    Result.FULL: 1,
    Result.NO_ACCOUNT: 3,
    Result.CANCELLED: 7,
    Result.CONFLICT: 8,
    Result.TOO_SMALL: 10,
    Result.TOO_LARGE: 11,
}
BAD_ACTION: Final = 2
BAD_PAY_ID: Final = 6
DUPLICATE: Final = 8
BAD_AMOUNT: Final = 9
BAD_DATE: Final = 12
NAMES: Final = ("ACTION", "ACCOUNT", "AMOUNT", "PAY_ID", "PAY_DATE")
COMMANDS: Final[Mapping[str, str]] = {"check": "check", "payment": "pay"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE: Final = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}_[0-9]{2}:[0-9]{2}:[0-9]{2}")


class SberServer:
    """Reads requests and writes answers."""

    path = base = "/sber"

    def __init__(self, login: str, password: str, _book: Book) -> None:
        self._authorization = basic(login, password)

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        if not allowed(request, self._authorization):
            return web.Response(status=401, text="who are you?")
        values = await fields(request, NAMES)
        match COMMANDS.get(values["ACTION"]):
            case "check":
                return Asked("check", account=values["ACCOUNT"])
            case "pay":
                return _payment(values)
            case _:
                return _xml(BAD_ACTION)

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        code = DUPLICATE if judgement.repeated else CODES[judgement.result]
        if asked.command == "check":
            return _xml(code, "<FIO>Алиев А.</FIO><BALANCE>1200.00</BALANCE>" if code == 0 else "")
        return _xml(code, _registered(judgement.line) if judgement.line else "")

    def refusal(self, _asked: Asked, code: int) -> web.Response:
        """The answer with a code of the test's choice."""
        return _xml(code)

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer with another sum: nothing else of the request is ever said again."""
        return _xml(0, f"<EXT_ID>{judgement.receipt}</EXT_ID><AMOUNT>{decimal(asked.amount_minor + 1)}</AMOUNT>")


def _payment(values: Mapping[str, str]) -> Asked | web.Response:
    amount_minor = minor(values["AMOUNT"])
    if amount_minor is None:
        return _xml(BAD_AMOUNT)
    # Reference 0 is in no book.
    if not re.fullmatch("[0-9]{1,20}", values["PAY_ID"]) or int(values["PAY_ID"]) == 0:
        return _xml(BAD_PAY_ID)
    if not _DATE.fullmatch(values["PAY_DATE"]):
        return _xml(BAD_DATE)
    return Asked("pay", int(values["PAY_ID"]), values["ACCOUNT"], amount_minor)


def _registered(line: Credit) -> str:
    at = _EPOCH + timedelta(seconds=line.at_s)
    date = at.strftime("%d.%m.%Y_%H:%M:%S")
    return f"<EXT_ID>{line.receipt}</EXT_ID><REG_DATE>{date}</REG_DATE><AMOUNT>{decimal(line.amount_minor)}</AMOUNT>"


def _xml(code: int, more: str = "") -> web.Response:
    message = "Успешно" if code == 0 else "Отказ"
    body = (
        '<?xml version="1.0" encoding="windows-1251"?>\n'
        f"<response><CODE>{code}</CODE><MESSAGE>{message}</MESSAGE>{more}</response>\n"
    )
    return web.Response(body=body.encode("cp1251"), content_type="text/xml", charset="windows-1251")
