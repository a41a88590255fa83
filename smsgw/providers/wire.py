"""Values as the wire has them: numbers with and without quotes, times as a provider's clock on the wall shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smsgw.providers.reading import shown

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def scalar_text(value: object) -> str:
    """A code, state or reference as text: billings write numbers with and without quotes. "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return shown(str(value))


def local_time(at_us: int, time_zone: str) -> str:
    """A time (UTC microseconds) as `YYYY-MM-DD HH:MM:SS` in an IANA zone, cut to the second."""
    at = _EPOCH + timedelta(microseconds=at_us)
    return at.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M:%S")
