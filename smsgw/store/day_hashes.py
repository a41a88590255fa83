"""The hashes of the days, and the transfers that they are made of."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from smsgw.ledger.day_hash import DayHash
from smsgw.store.sql import ZERO, Row, Statement, given, number, words
from smsgw.store.tables import day_hashes, transfers

_H, _T = day_hashes.c, transfers.c

# A second node that comes to the same day at the same time finds it done.
ADD: Final = Statement(insert(day_hashes).values(given(day_hashes)).on_conflict_do_nothing())
LATEST: Final = Statement(select(day_hashes).order_by(_H.day.desc()).limit(number("limit")).offset(ZERO))
FIRST_TRANSFER: Final = Statement(select(func.min(_T.created_at_us)))


def _in_order(ids: ColumnElement[str]) -> Select[Any]:
    """A page of transfers. The order is part of a hash, so it must not be that of a country's alphabet."""
    later = or_(
        _T.created_at_us > number("after_us"), and_(_T.created_at_us == number("after_us"), ids > words("after_id"))
    )
    return (
        select(transfers)
        # The first condition says nothing new, but it is what an index can begin its search at.
        .where(_T.created_at_us >= number("after_us"), _T.created_at_us < number("until_us"), later)
        .order_by(_T.created_at_us, ids)
        .limit(number("limit"))
        .offset(ZERO)
    )


TRANSFERS: Final = Statement(_in_order(_T.id), on_postgresql=_in_order(_T.id.collate("C")))


def day_hash_of(row: Row) -> DayHash:
    """A hash from a whole row."""
    return DayHash(*row)
