"""How a submit_sm says until when its text is of use (validity_period: SMPP 3.4, 5.2.16 and 7.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

# SMPP 3.4, 7.1.1.2: a relative validity has two digits for days; longer lives are the SMSC's own default.
RELATIVE_S_MAX: Final = 63 * 24 * 3600


class Validity(StrEnum):
    """The form of validity_period that an SMSC takes; NONE = it is left empty, and the SMSC's own default holds."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    NONE = "none"

    def period(self, left_s: int, expires_at_us: int) -> bytes:
        """The field for a text that is of use for so many seconds, which is until that Unix time."""
        if self is Validity.NONE:
            return b""
        return _absolute(expires_at_us) if self is Validity.ABSOLUTE else _relative(left_s)


def _relative(left_s: int) -> bytes:
    """`YYMMDDhhmmss000R`: the SMSC counts from its own clock, so the two need not agree (SMPP 3.4, 7.1.1.2)."""
    left = min(max(1, left_s), RELATIVE_S_MAX)
    minutes, seconds = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    months, days = divmod(days, 30)
    return f"00{months:02d}{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R".encode()


def _absolute(expires_at_us: int) -> bytes:
    """`YYMMDDhhmmsst00+`, tenths of a second and no quarter of an hour from UTC (SMPP 3.4, 7.1.1.1)."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=expires_at_us)
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}00+".encode()
