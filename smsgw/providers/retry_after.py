"""The header Retry-After (RFC 9110, 10.2.3): how long a provider wants to be left alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# Ten minutes: a provider may slow us down, but no header of a stranger holds payments back for a day.
RETRY_AFTER_S_MAX: Final = 600

_SECONDS: Final = re.compile(r"[0-9]{1,18}")


def retry_after_s(text: str, now: datetime) -> int:
    """Seconds to wait by the header's *text*, at most RETRY_AFTER_S_MAX; 0 for what is past or cannot be read."""
    text = text.strip()
    seconds = int(text) if _SECONDS.fullmatch(text) else _until(text, now)
    return min(max(seconds, 0), RETRY_AFTER_S_MAX)


def _until(date: str, now: datetime) -> int:
    try:
        at = parsedate_to_datetime(date)
        return int(((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
