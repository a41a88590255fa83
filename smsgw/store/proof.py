"""The proof of the books, as far as it is questions to the database: sums for the ledger's own proof, holds, payments.

Each question asks for what is wrong; a sound database answers all but the first two with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import and_, case, cast, func, literal_column, not_, select, text
from sqlalchemy.sql.elements import ColumnElement

from smsgw.domain.money import CURRENCIES
from smsgw.domain.payment import State
from smsgw.ledger.accounts import Account
from smsgw.ledger.proof import Sum, prove
from smsgw.ledger.transfers import Code, TransferKind
from smsgw.store.columns import INT64
from smsgw.store.sql import ONE, ZERO, Row, Statement, constant
from smsgw.store.tables import RESOLVING_TRANSFER, accounts, payments, transfers

# Whoever reads the findings mends the first of them; all ten million would help nobody.
FINDINGS_MAX: Final[ColumnElement[int]] = literal_column("100")

_A, _P, _T = accounts.c, payments.c, transfers.c


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    """PostgreSQL adds 64-bit integers up to a decimal."""
    return cast(func.sum(column), INT64)


ACCOUNTS: Final = Statement(
    select(
        _A.name,
        _A.currency,
        _sum(_A.debits_pending),
        _sum(_A.debits_posted),
        _sum(_A.credits_pending),
        _sum(_A.credits_posted),
    )
    .group_by(_A.name, _A.currency)
    .order_by(_A.name, _A.currency)
)
SUMS: Final = Statement(
    select(_T.debit, _T.credit, _T.kind, _T.currency, _sum(_T.amount_minor)).group_by(
        _T.debit, _T.credit, _T.kind, _T.currency
    )
)
ENDED_TWICE: Final = Statement(
    select(_T.pending_id)
    .where(text(RESOLVING_TRANSFER))
    .group_by(_T.pending_id)
    .having(func.count() > ONE)
    .limit(FINDINGS_MAX)
    .offset(ZERO)
)

_hold = transfers.alias("hold")
_its_hold = and_(
    _hold.c.id == _T.pending_id,
    _hold.c.kind == constant(TransferKind.HOLD),
    *(_hold.c[name] == _T[name] for name in ("debit", "credit", "currency", "amount_minor", "shard")),
)
WITHOUT_HOLD: Final = Statement(
    select(_T.id)
    .select_from(transfers.outerjoin(_hold, _its_hold))
    .where(text("transfers." + RESOLVING_TRANSFER), _hold.c.id.is_(None))
    .limit(FINDINGS_MAX)
    .offset(ZERO)
)


def _moved(*kinds: TransferKind) -> ColumnElement[int]:
    """What transfers of these kinds have moved for a payment, refunds left out."""
    refunds = [constant(Code.REFUND), constant(Code.REFUND_FEE)]
    counted = and_(_T.kind.in_([constant(kind) for kind in kinds]), _T.code.not_in(refunds))
    return _sum(case((counted, _T.amount_minor), else_=ZERO))


_returned = _sum(case((_T.code.in_([constant(Code.REFUND), constant(Code.REFUND_FEE)]), _T.amount_minor), else_=ZERO))
_moves = (
    select(
        _T.payment_id,
        _moved(TransferKind.HOLD).label("held"),
        _moved(TransferKind.POST).label("posted"),
        _moved(TransferKind.VOID).label("voided"),
        _returned.label("returned"),
    )
    .where(_T.payment_id.is_not(None))
    .group_by(_T.payment_id)
    .subquery("moves")
)
_held, _posted, _voided, _given_back = (
    func.coalesce(_moves.c[name], ZERO) for name in ("held", "posted", "voided", "returned")
)


def _total_in(*states: State) -> ColumnElement[int]:
    """The total of a payment in one of these states, else nothing."""
    return case((_P.state.in_([constant(state) for state in states]), _P.amount_minor + _P.fee_minor), else_=ZERO)


_as_its_state_says = and_(
    _posted == _total_in(State.EXECUTED, State.RETURNED),
    _held - _posted - _voided == _total_in(State.PROCESSING),
    _given_back == _total_in(State.RETURNED),
)
PAYMENTS: Final = Statement(
    select(_P.number, _P.state, _P.amount_minor + _P.fee_minor, _held, _posted, _voided, _given_back)
    .select_from(payments.outerjoin(_moves, _moves.c.payment_id == _P.id))
    .where(not_(_as_its_state_says))
    .order_by(_P.id)
    .limit(FINDINGS_MAX)
    .offset(ZERO)
)

QUESTIONS: Final = (ACCOUNTS, SUMS, ENDED_TWICE, WITHOUT_HOLD, PAYMENTS)
"""In the order in which `findings` takes the answers; all must be about one moment."""


class Wrong(NamedTuple):
    """A payment whose transfers are not what its state says, in minor units."""

    number: int
    state: str
    total: int
    held: int
    posted: int
    voided: int
    returned: int

    def __str__(self) -> str:
        moved = ", ".join(f"{name} {getattr(self, name)}" for name in ("held", "posted", "voided", "returned"))
        return f"payment {self.number} is {self.state} over {self.total} minor units, but its transfers are {moved}"


def accounts_of(rows: Sequence[Row]) -> list[Account]:
    """The answer to `ACCOUNTS`."""
    return [Account(name, CURRENCIES[currency], *counters) for name, currency, *counters in rows]


def findings(answers: Sequence[Sequence[Row]]) -> list[str]:
    """Say what is wrong, in words; empty = the books are proved."""
    found, sums, twice, without, wrong = answers
    added = [Sum(debit, credit, TransferKind(kind), CURRENCIES[cur], minor) for debit, credit, kind, cur, minor in sums]
    return [
        *prove(accounts_of(found), added),
        *(f"hold {hold}: ended more than once" for (hold,) in twice),
        *(f"transfer {ending}: ends no hold, or another than it says" for (ending,) in without),
        *(str(Wrong(*row)) for row in wrong),
    ]
