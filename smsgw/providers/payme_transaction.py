"""A transaction of the Merchant API of Payme, as answers and statements show it.

Rule 1: types are those of the protocol or the transaction is not read: integers for states and times, never texts.
Rule 2: a transaction that contradicts itself says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from smsgw.domain.calls import Accepted, Answer, Cancelled, Prepared, Question, Unknown, Verb
from smsgw.domain.money import AMOUNT_MINOR_MAX
from smsgw.domain.statement import StatementLine
from smsgw.providers.reading import shown

CREATED: Final = 1
PERFORMED: Final = 2
CANCELLED: Final = -1
CANCELLED_AFTER_PERFORM: Final = -2
STATES: Final = frozenset({CREATED, PERFORMED, CANCELLED, CANCELLED_AFTER_PERFORM})

METHODS: Final[Mapping[Verb, str]] = {
    Verb.CHECK: "CheckPerformTransaction",
    Verb.PREPARE: "CreateTransaction",
    Verb.PAY: "PerformTransaction",
    Verb.STATUS: "CheckTransaction",
    Verb.WITHDRAW: "CancelTransaction",
    Verb.CANCEL: "CancelTransaction",
}
# The states that a method answers with if all is well.
EXPECTED: Final[Mapping[Verb, frozenset[int]]] = {
    Verb.PREPARE: STATES,
    Verb.PAY: frozenset({PERFORMED}),
    Verb.STATUS: STATES,
    Verb.WITHDRAW: frozenset({CANCELLED, CANCELLED_AFTER_PERFORM}),
    Verb.CANCEL: frozenset({CANCELLED, CANCELLED_AFTER_PERFORM}),
}

# Ids are 24 hexadecimal digits, 96 bits; our references have 63.
_ID: Final = re.compile(r"[0-9a-f]{24}")
_REFERENCE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Transaction:
    """`name` is the provider's own number for it, "" where it says none. Times are Unix time in ms, 0 = not yet."""

    state: int
    name: str
    create_ms: int
    perform_ms: int
    cancel_ms: int

    @property
    def contradicts_itself(self) -> bool:
        """True if the times tell another story than the state.

        The time of performing is not asked of state 2 here: CreateTransaction does not tell it.
        """
        match self.state:
            case 1:
                return self.perform_ms > 0 or self.cancel_ms > 0
            case 2:
                return self.cancel_ms > 0
            case -1:
                return self.perform_ms > 0
            case _:
                return False


def id_of(reference: int) -> str:
    """The `id` of a payment: its reference as 24 lower hexadecimal digits."""
    assert 0 < reference <= _REFERENCE_MAX, f"{reference} is no reference of ours"
    return f"{reference:024x}"


def reference_of(transaction_id: str) -> int:
    """The reference that an `id` was made from; 0 = it is none of ours."""
    value = int(transaction_id, 16) if _ID.fullmatch(transaction_id.lower()) else 0
    return value if value <= _REFERENCE_MAX else 0


def read_transaction(values: Mapping[str, object]) -> Transaction | None:
    """Read the result of a method; None: a type or a state that the protocol does not have."""
    try:
        return _read(values, values["state"])
    except (KeyError, ValueError):
        return None


def answer_about(question: Question, values: Mapping[str, object]) -> Answer:
    """What the result of a method means: the transaction that a question was about."""
    transaction = read_transaction(values)
    doubt = _doubt(question, transaction)
    if transaction is None or doubt:
        return Unknown(f"{METHODS[question.verb]}: {doubt}", alarm=True)
    match transaction.state:
        case 1:
            return Prepared({"transaction": transaction.name, "create_time": str(transaction.create_ms)})
        case 2:
            return Accepted(transaction.name or _name_of(question))
        case _:
            return Cancelled(f"state {transaction.state}")


def read_line(row: Mapping[str, object]) -> StatementLine | None:
    """Read a row of GetStatement; None = not credited, or not any more.

    The key is `id`, or `transaction` where a provider leaves `id` out. Some list performed transactions only, and
    leave `state` out. Amounts are in tiyin, and may come as a fraction that is none (`500000.0`). The account is not
    looked at: some have an inner number there.

    Raises:
        ValueError: it cannot be read, or it contradicts itself.
    """
    state = row.get("state")
    transaction = _read(row, _state_by_times(row) if state is None else state)
    if transaction.contradicts_itself:
        raise ValueError("a transaction that contradicts itself")
    key = row.get("id") or row.get("transaction")
    if not isinstance(key, str):
        raise ValueError("a row without a key")  # noqa: TRY004 -- the caller takes every bad row alike
    if transaction.state != PERFORMED:
        return None
    if row.get("perform_time") is not None and transaction.perform_ms == 0:
        raise ValueError("performed, but at no time")
    named = transaction.name if row.get("id") else ""
    return StatementLine(reference_of(key), shown(key), _tiyin(row.get("amount")), named)


def _doubt(question: Question, transaction: Transaction | None) -> str:
    """Why a transaction cannot be believed; "" = it can."""
    if transaction is None or transaction.contradicts_itself:
        return "no transaction, or one that contradicts itself"
    if transaction.name and transaction.name != (_name_of(question) or transaction.name):
        return "the answer is about another transaction"
    if transaction.state not in EXPECTED[question.verb]:
        return f"state {transaction.state}"
    # CreateTransaction tells no time of performing; what it says then is confirmed by CheckTransaction.
    timeless = question.verb is not Verb.PREPARE and transaction.perform_ms == 0
    return "performed, but at no time" if transaction.state == PERFORMED and timeless else ""


def _name_of(question: Question) -> str:
    """The provider's number for the transaction, as far as it is known; "" = not yet."""
    return question.memory.get("transaction") or question.parameters.get("transaction", "")


def _read(values: Mapping[str, object], state: object) -> Transaction:
    if type(state) is not int or state not in STATES:
        raise ValueError("no state of the protocol")
    times = (_time_ms(values.get(f"{event}_time")) for event in ("create", "perform", "cancel"))
    return Transaction(state, _name(values.get("transaction")), *times)


def _state_by_times(row: Mapping[str, object]) -> int:
    """What the times say where there is no state; a row that has no time of performing either says nothing."""
    if _time_ms(row.get("cancel_time")) > 0:
        return CANCELLED_AFTER_PERFORM
    if row.get("perform_time") is None:
        raise ValueError("a row with neither a state nor a time of performing")
    return PERFORMED if _time_ms(row["perform_time"]) > 0 else CREATED


def _time_ms(value: object) -> int:
    """A time; 0 or null = not yet."""
    if value is None:
        return 0
    if type(value) is not int or value < 0:
        raise ValueError("a time that is no number of milliseconds")
    return value


def _name(value: object) -> str:
    """The provider's number: a text in the protocol, an integer at many, missing at some."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a number of the provider that is neither text nor integer")  # noqa: TRY004 -- as above
    return shown(str(value))


def _tiyin(value: object) -> int | None:
    """A sum; None where the row names none. The bound comes first: `1e999999` is a short text and a long integer."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a sum that is no number")  # noqa: TRY004 -- as above
    if not 0 < value <= AMOUNT_MINOR_MAX or value != int(value):
        raise ValueError("a sum that is no whole number of tiyin")
    return int(value)
