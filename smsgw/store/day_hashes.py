"""The hashes of the days, and the transfers that they are made of."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from smsgw.ledger.day_hash import DayHash
from smsgw.store.sql import ZERO, Row, Statement, given, number, words
from smsgw.store.tables import day_hashes, transfers

_H, _T = day_hashes.c, transfers.c

# A second node that comes to the same day at the same time finds it done.
ADD: Final = Statement(insert(day_hashes).values(given(day_hashes)).on_conflict_do_nothing())
AFTER: Final = Statement(
    select(_H.day, _H.transfers, _H.sha256)
    .where(_H.day > words("day"))
    .order_by(_H.day)
    .limit(number("limit"))
    .offset(ZERO)
)
LATEST: Final = Statement(select(func.max(_H.day)))
FIRST_TRANSFER: Final = Statement(select(func.min(_T.created_at_us)))
_later = or_(
    _T.created_at_us > number("after_us"), and_(_T.created_at_us == number("after_us"), _T.id > words("after_id"))
)
TRANSFERS: Final = Statement(
    select(transfers)
    # The first condition says nothing new, but it is what an index can begin its search at.
    .where(_T.created_at_us >= number("after_us"), _T.created_at_us < number("until_us"), _later)
    .order_by(_T.created_at_us, _T.id)
    .limit(number("limit"))
    .offset(ZERO)
)


def day_hash_of(row: Row) -> DayHash:
    """A hash from the columns of `AFTER`."""
    return DayHash(*row)
