"""SMPP's times, `YYMMDDhhmmsstnnp`: a moment with its distance from UTC, or so long from now (SMPP 3.4, 7.1.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

QUARTERS_MAX: Final = 48
"""Quarter hours that a local time may be away from UTC."""

YEAR_DAYS: Final = 365
MONTH_DAYS: Final = 30
"""What a relative time means by years and months is nowhere said; gateways count so."""

_TIME: Final = re.compile(rb"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9])([0-9]{2})([+R-])")


def seconds_until(octets: bytes, now_s: float) -> float | None:
    """Seconds from *now_s* (Unix time) to the time in a field, negative for the past; None for an empty field.

    Raises:
        ValueError: it is no time.
    """
    if not octets:
        return None
    seconds, is_relative = _read(octets)
    return seconds if is_relative else seconds - now_s


@lru_cache(maxsize=256)
def _read(octets: bytes) -> tuple[float, bool]:
    """Read a time into seconds from now, or into Unix time. Gateways say the same validity again and again."""
    found = _TIME.fullmatch(octets)
    if found is None:
        raise ValueError(f"{octets!r} is no time of the form YYMMDDhhmmsstnnp")
    *numbers, sign = found.groups()
    year, month, day, hour, minute, second, tenths, quarters = map(int, numbers)
    if sign == b"R":
        days = year * YEAR_DAYS + month * MONTH_DAYS + day
        return timedelta(days=days, hours=hour, minutes=minute, seconds=second).total_seconds(), True
    if quarters > QUARTERS_MAX:
        raise ValueError(f"{octets!r} is more than {QUARTERS_MAX} quarter hours away from UTC")
    away = timedelta(minutes=15 * quarters)
    zone = timezone(away if sign == b"+" else -away)
    moment = datetime(2000 + year, month, day, hour, minute, second, tenths * 100_000, zone)
    return moment.timestamp(), False


def write_time(unix_s: float) -> bytes:
    """Write a moment as an absolute time in UTC."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%y%m%d%H%M%S}000+".encode("ascii")
