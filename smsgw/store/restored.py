"""A copy comes back: what its open payments may have become since it was made, nobody here knows.

Rule 1: what was on its way is asked about before anything is sent again (`settlement.exchange.RESTORED`).
Rule 2: codes that were out are void: one of them may have paid already.
Rule 3: numbers of payments go on a million later: those in between were given to payments that the copy does not know.
Rule 4: all of it is one transaction, which also takes the stamp away; a start that is cut short begins again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import case, func, literal_column, select, text, update

from smsgw.domain.calls import CallState
from smsgw.domain.payment import State
from smsgw.settlement.exchange import RESTORED
from smsgw.store.connection import Connection
from smsgw.store.sql import NO_VALUES, ONE, ZERO, Row, Statement, constant, number
from smsgw.store.tables import ACTIVE_PAYMENT, UNFINISHED_CALL, numbers, payment_numbers, payments, provider_calls

# Of the 8-digit numbers; a house that gives so many between two copies has other worries.
NUMBERS_SKIPPED: Final = 1_000_000
# Before every code: whatever comes is too late.
LONG_PAST_US: Final = 1

_C, _P = provider_calls.c, payments.c

# As if sent, perhaps more than once, up to this moment: later answers are then read with the care that this needs.
MAYBE_SENT: Final = Statement(
    update(provider_calls)
    .where(text(UNFINISHED_CALL))
    .values(
        first_sent_at_us=case((_C.first_sent_at_us == ZERO, _C.created_at_us), else_=_C.first_sent_at_us),
        sent_at_us=number("now_us"),
    )
)
ASK_FIRST: Final = Statement(
    update(provider_calls)
    .where(text(UNFINISHED_CALL), _C.state == constant(CallState.DUE))
    .values(last_answer=literal_column(f"'{RESTORED}'"), due_at_us=number("now_us"), lease_until_us=ZERO)
)
VOID_CODES: Final = Statement(
    update(payments)
    .where(text(ACTIVE_PAYMENT), _P.state == constant(State.AWAITING_CODE))
    .values(code_deadline_us=literal_column(str(LONG_PAST_US)))
)
SKIP_NUMBERS: Final = Statement(
    update(numbers).values(next=numbers.c.next + literal_column(str(NUMBERS_SKIPPED))),
    on_postgresql=select(
        func.setval(
            literal_column(f"'{payment_numbers.name}'"),
            payment_numbers.next_value() + literal_column(str(NUMBERS_SKIPPED - 1)),
        )
    ),
)
OPEN_CALLS: Final = Statement(select(func.count()).select_from(provider_calls).where(text(UNFINISHED_CALL)))
OPEN_CODES: Final = Statement(
    select(func.count()).select_from(payments).where(text(ACTIVE_PAYMENT), _P.state == constant(State.AWAITING_CODE))
)
NEWEST: Final = Statement(select(_P.created_at_us).order_by(_P.id.desc()).limit(ONE).offset(ZERO))


class Restored(NamedTuple):
    """What a copy came back with: open calls, payments that waited for their code, and when its newest was made."""

    calls: int
    codes: int
    newest_us: int

    @property
    def newest(self) -> str:
        """That time for people, UTC; "" = there was no payment."""
        at = datetime.fromtimestamp(self.newest_us // 1_000_000, UTC)
        return at.isoformat(sep=" ") if self.newest_us else ""


def look(value_of: Callable[[Statement], Row | None]) -> Restored:
    """What a copy holds that is open; *value_of* runs a statement and returns its row, if there is one."""
    calls, codes, newest_us = ((value_of(each) or (0,))[0] for each in (OPEN_CALLS, OPEN_CODES, NEWEST))
    return Restored(calls, codes, newest_us)


def come_back(connection: Connection, unstamp: str = "") -> Restored:
    """Make a copy fit to go on; *unstamp* is the SQL that takes its stamp away.

    Raises:
        TransactionFailed: nothing of it stands.
    """
    now_us = connection.begin()
    sql = connection.sql
    found = look(lambda statement: connection.execute(sql[statement], NO_VALUES).fetchone())
    for statement in (MAYBE_SENT, ASK_FIRST):
        connection.execute(sql[statement], {"now_us": now_us})
    for statement in (VOID_CODES, SKIP_NUMBERS):
        connection.execute(sql[statement], NO_VALUES)
    if unstamp:
        connection.execute(unstamp, NO_VALUES)
    connection.commit()
    return found
