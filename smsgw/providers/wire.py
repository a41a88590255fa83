"""Values as the wire has them: numbers with and without quotes, times as a provider's clock on the wall shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from smsgw.providers.reading import shown

RESULT_CODE: Final = re.compile(r"-?[0-9]{1,9}")
"""A result code of whatever protocol: an integer of a size that one is."""
_REFERENCE: Final = re.compile(r"[1-9][0-9]{0,18}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def scalar_text(value: object) -> str:
    """A code, state or reference as text that may be stored: `untrimmed_text`, fit to be shown."""
    return shown(untrimmed_text(value))


def untrimmed_text(value: object) -> str:
    """A text or a number as text, as it came: billings write numbers with and without quotes. "" for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def our_reference(key: str) -> int:
    """The reference of ours that the key of a statement's line is; 0 = it is none."""
    return int(key) if _REFERENCE.fullmatch(key) else 0


def local_time(at_us: int, zone: tzinfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time (UTC microseconds) as a zone's clocks show it, in a form of `strftime`."""
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).strftime(form)
