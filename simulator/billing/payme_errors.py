"""The errors of the Merchant API of Payme, as a provider answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.billing.book import Judgement, Result, Standing

IMPOSSIBLE: Final = -31008
NO_ACCOUNT: Final = -31050
ERRORS: Final[Mapping[Result, int]] = {
    Result.NO_ACCOUNT: NO_ACCOUNT,
    Result.TOO_SMALL: -31001,
    Result.TOO_LARGE: -31001,
    Result.CONFLICT: IMPOSSIBLE,
    Result.CANCELLED: IMPOSSIBLE,
    Result.ABSENT: -31003,
    Result.SPENT: -31007,
    Result.FULL: -32400,
}
# People read them, programs read the code.
_MESSAGES: Final[Mapping[int, tuple[str, str, str]]] = {
    -31001: ("Неверная сумма", "Summa noto‘g‘ri", "Wrong amount"),
    -31003: ("Транзакция не найдена", "Tranzaksiya topilmadi", "Transaction not found"),
    -31007: ("Отмена невозможна", "Bekor qilib bo‘lmaydi", "The transaction cannot be cancelled"),
    IMPOSSIBLE: ("Операция невозможна", "Amalni bajarib bo‘lmaydi", "The operation is impossible"),
    NO_ACCOUNT: ("Абонент не найден", "Abonent topilmadi", "Subscriber not found"),
    -32504: ("Недостаточно прав", "Huquq yetarli emas", "Insufficient privileges"),
}
_OTHER_MESSAGE: Final = ("Ошибка", "Xatolik", "Error")


class PaymeError(Exception):
    """A request that cannot be understood, and the `code` that it is answered with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def code_of(command: str, judgement: Judgement) -> int:
    """The error of a judgement; 0 = none. Cancelling what is cancelled is good; creating it anew is not."""
    if judgement.result is Result.CANCELLED and command == "cancel":
        return 0
    if judgement.result is not Result.OK:
        return ERRORS[judgement.result]
    known = judgement.line
    created_before = known is not None and known.standing is not Standing.DRAFT
    return IMPOSSIBLE if command == "prepare" and created_before else 0


def error_body(rpc_id: object, code: int, account_field: str = "") -> Mapping[str, object]:
    """The answer with an error; one about the account names its field."""
    message = dict(zip(("ru", "uz", "en"), _MESSAGES.get(code, _OTHER_MESSAGE), strict=True))
    about = {"data": account_field} if code == NO_ACCOUNT else {}
    return {"jsonrpc": "2.0", "id": rpc_id, "error": {"code": code, "message": message, **about}}
