"""The shop's side of Click's SHOP API: signed forms in, JSON out; Prepare reserves, Complete credits or drops.

The password of the set-up is the secret of the signatures; the protocol has no login. The code of a fault is taken
below 0, as all codes of this protocol are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from simulator.billing.book import Asked, Book, Credit, Judgement, Result, Standing
from simulator.billing.osmp import fields, minor

COMMON: Final = (
    "click_trans_id",
    "service_id",
    "click_paydoc_id",
    "merchant_trans_id",
    "amount",
    "action",
    "error",
    "error_note",
    "sign_time",
    "sign_string",
)
PREPARE, COMPLETE = "0", "1"
BAD_SIGN: Final = -1
WRONG_AMOUNT: Final = -2
NO_ACTION: Final = -3
PAID: Final = -4
NO_ACCOUNT: Final = -5
NO_TRANSACTION: Final = -6
FAILED: Final = -7
BAD_REQUEST: Final = -8
CANCELLED: Final = -9

ERRORS: Final[Mapping[Result, int]] = {
    Result.OK: 0,
    Result.NO_ACCOUNT: NO_ACCOUNT,
    Result.TOO_SMALL: WRONG_AMOUNT,
    Result.TOO_LARGE: WRONG_AMOUNT,
    Result.CONFLICT: BAD_REQUEST,
    Result.FULL: FAILED,
    Result.ABSENT: NO_TRANSACTION,
    Result.CANCELLED: CANCELLED,
}


class ClickServer:
    """Reads requests and writes answers. Sums are soums, with or without two digits after a dot."""

    path = base = "/click"

    def __init__(self, _login: str, password: str, book: Book) -> None:
        self._secret = password
        self._book = book

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        values = await fields(request, (*COMMON, "merchant_prepare_id"))
        if values["sign_string"] != _sign(values, self._secret):
            return _answer(values, BAD_SIGN)
        amount_minor = minor(values["amount"])
        if amount_minor is None or not _is_number(values["click_trans_id"]) or not _is_number(values["error"]):
            return _answer(values, BAD_REQUEST)
        match values["action"]:
            case "0":
                return Asked("prepare", int(values["click_trans_id"]), values["merchant_trans_id"], amount_minor)
            case "1":
                return self._complete(values, amount_minor)
            case _:
                return _answer(values, NO_ACTION)

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        error = ERRORS[judgement.result]
        standing = judgement.line.standing if judgement.line else None
        if error == 0 and asked.command == "prepare" and standing is not Standing.DRAFT:
            error = PAID if standing is Standing.CREDITED else CANCELLED
        if error == 0 and asked.command == "pay" and judgement.repeated:
            error = PAID
        return _answer(_echo(asked), error, _number(asked, judgement))

    def refusal(self, asked: Asked, code: int) -> web.Response:
        """The answer with a code of the test's choice."""
        return _answer(_echo(asked), -abs(code))

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """A good answer, but about another payment."""
        another = {**_echo(asked), "click_trans_id": str(asked.reference + 1)}
        return _answer(another, 0, _number(asked, judgement))

    def _complete(self, values: Mapping[str, str], amount_minor: int) -> Asked | web.Response:
        draft = self._draft(values)
        if draft is None:
            return _answer(values, NO_TRANSACTION)
        if draft.account != values["merchant_trans_id"]:
            return _answer(values, NO_ACCOUNT)
        if draft.amount_minor != amount_minor:
            return _answer(values, WRONG_AMOUNT)
        # What is paid stays paid, and says so to a drop as it does to a repeat.
        drops = int(values["error"]) < 0 and draft.standing is not Standing.CREDITED
        return Asked("cancel" if drops else "pay", draft.reference, draft.account, amount_minor)

    def _draft(self, values: Mapping[str, str]) -> Credit | None:
        """What Prepare wrote under both numbers."""
        prepare_id = values["merchant_prepare_id"]
        draft = self._book.by_receipt(int(prepare_id)) if _is_number(prepare_id) else None
        return draft if draft and draft.reference == int(values["click_trans_id"]) else None


def _sign(values: Mapping[str, str], secret: str) -> str:
    prepare_id = values["merchant_prepare_id"] if values["action"] == COMPLETE else ""
    parts = (
        values["click_trans_id"],
        values["service_id"],
        secret,
        values["merchant_trans_id"],
        prepare_id,
        values["amount"],
        values["action"],
        values["sign_time"],
    )
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _echo(asked: Asked) -> Mapping[str, str]:
    return {"click_trans_id": str(asked.reference), "merchant_trans_id": asked.account}


def _number(asked: Asked, judgement: Judgement) -> Mapping[str, int]:
    if not judgement.receipt:
        return {}
    return {"merchant_prepare_id" if asked.command == "prepare" else "merchant_confirm_id": judgement.receipt}


def _answer(values: Mapping[str, str], error: int, number: Mapping[str, int] | None = None) -> web.Response:
    reference = values["click_trans_id"]
    body = {
        "click_trans_id": int(reference) if _is_number(reference) else reference,
        "merchant_trans_id": values["merchant_trans_id"],
        **(number or {}),
        "error": error,
        "error_note": "Success" if error == 0 else f"error {error}",
    }
    return web.json_response(body)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch("-?[0-9]{1,19}", text))
