"""Payments in a transaction. Whoever writes one has locked its subscriber.

What a payment is (payer, payee, account, amounts, nonce) is fixed when it is added; `save` writes how far it has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import cast, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.statement import Period
from smsgw.store.columns import INT64
from smsgw.store.rows import changes_of_payment, payment_of, row_of_payment
from smsgw.store.sql import ONE, ZERO, Statement, Values, constant, given, number, words
from smsgw.store.tables import ACTIVE_PAYMENT, CONFIRMED_PAYMENT, OPEN_PAYMENT, numbers, payment_numbers, payments
from smsgw.store.unit import Part

_FIXED: Final = frozenset(
    [
        "id",
        "number",
        "msisdn",
        "provider",
        "account",
        "currency",
        "amount_minor",
        "fee_minor",
        "nonce",
        "key_id",
        "created_at_us",
        "source",
    ]
)

_P = payments.c

ADD: Final = Statement(insert(payments).values(given(payments)))
SAVE: Final = Statement(update(payments).where(_P.id == number("id")).values(given(payments, without=_FIXED)))
GET: Final = Statement(select(payments).where(_P.id == number("id")))
BY_NUMBER: Final = Statement(select(payments).where(_P.number == number("number")))
OPEN: Final = Statement(select(payments).where(_P.msisdn == words("msisdn"), text(OPEN_PAYMENT)))
RECENT: Final = Statement(
    select(payments)
    .where(_P.msisdn == words("msisdn"))
    .order_by(_P.created_at_us.desc(), _P.number.desc())
    .limit(number("limit"))
    .offset(ZERO)
)
# References begin with the milliseconds of their making.
LATEST: Final = Statement(select(payments).order_by(_P.id.desc()).limit(number("limit")).offset(ZERO))
PAST_DEADLINE: Final = Statement(
    select(_P.msisdn, _P.id)
    .where(
        text(ACTIVE_PAYMENT),
        _P.state == constant(State.AWAITING_CODE),
        _P.code_deadline_us < number("before_us"),
    )
    .order_by(_P.code_deadline_us)
    .limit(number("limit"))
    .offset(ZERO)
)
CONFIRMED: Final = Statement(
    select(payments)
    .where(
        text(CONFIRMED_PAYMENT),
        _P.provider == words("provider"),
        tuple_(_P.confirmed_at_us, _P.id) > tuple_(number("after_us"), number("after_id")),
        _P.confirmed_at_us < number("until_us"),
    )
    .order_by(_P.confirmed_at_us, _P.id)
    .limit(number("limit"))
    .offset(ZERO)
)
EXECUTED_SUM: Final = Statement(
    select(func.coalesce(cast(func.sum(_P.amount_minor), INT64), ZERO)).where(
        text(CONFIRMED_PAYMENT),
        _P.provider == words("provider"),
        _P.confirmed_at_us >= number("since_us"),
        _P.confirmed_at_us < number("until_us"),
        _P.state == constant(State.EXECUTED),
    )
)
# One question for so many references: a round trip for each of a day's would take minutes, a longer list no less time.
REFERENCES_MAX: Final = 100
REFERENCES: Final = Statement(
    select(payments).where(_P.id.in_([number(f"id{place}") for place in range(REFERENCES_MAX)]))
)
NEXT_NUMBER: Final = Statement(
    update(numbers).values(next=numbers.c.next + ONE).returning(numbers.c.next - ONE),
    on_postgresql=select(payment_numbers.next_value()),
)


class SqlPayments(Part):
    """Implements ports.Payments."""

    __slots__ = ()

    def add(self, payment: Payment) -> None:
        """Write a new payment."""
        self._unit.run(ADD, row_of_payment(payment))

    def save(self, payment: Payment) -> None:
        """Write the changed payment back."""
        assert self._unit.run(SAVE, changes_of_payment(payment)) == 1, "a payment is added before it is saved"

    def get(self, payment_id: int) -> Payment | None:
        """By reference."""
        return self._one(GET, {"id": payment_id})

    def by_number(self, msisdn: Msisdn, number: int) -> Payment | None:
        """A subscriber's own payment, by the number that people see."""
        payment = self._one(BY_NUMBER, {"number": number})
        return payment if payment is not None and payment.msisdn == msisdn else None

    def open(self, msisdn: Msisdn) -> Payment | None:
        """The one payment of this subscriber that is checking or awaiting its code."""
        return self._one(OPEN, {"msisdn": msisdn})

    def recent(self, msisdn: Msisdn, limit: int) -> Sequence[Payment]:
        """The latest payments of this subscriber, newest first."""
        return [payment_of(row) for row in self._unit.rows(RECENT, {"msisdn": msisdn, "limit": limit})]

    def past_deadline(self, before_us: int, limit: int) -> Sequence[tuple[Msisdn, int]]:
        """(subscriber, payment) of codes whose deadline lies before then."""
        rows = self._unit.rows(PAST_DEADLINE, {"before_us": before_us, "limit": limit})
        return [(Msisdn(msisdn), payment_id) for msisdn, payment_id in rows]

    def executed_minor(self, provider: str, period: Period) -> int:
        """The sum of a provider's executed payments that were confirmed in a period, in minor units."""
        row = self._unit.row(EXECUTED_SUM, {"provider": provider, **period._asdict()})
        return 0 if row is None else int(row[0])

    def next_number(self) -> int:
        """The next 8-digit number."""
        row = self._unit.row(NEXT_NUMBER)
        assert row is not None, "the counter is made with the tables"
        return int(row[0])

    def _one(self, statement: Statement, values: Values) -> Payment | None:
        row = self._unit.row(statement, values)
        return None if row is None else payment_of(row)
