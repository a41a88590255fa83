"""Statuses as people write them: `ESME_RTHROTTLED`, `88` or `0x58`."""

from __future__ import annotations

from smsgw.smpp.constants import Status

# command_status has four octets (SMPP 3.4, 3.2).
STATUS_MAX = 0xFFFF_FFFF


def read_status(value: object) -> int:
    """Read a command_status from a name or a number.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str) and value in Status.__members__:
        return int(Status[value])
    try:
        number = int(value, 0) if isinstance(value, str) else value
    except ValueError:
        number = None
    if type(number) is int and 0 <= number <= STATUS_MAX:
        return number
    raise ValueError(f"{value!r} is no status: give a name such as ESME_RTHROTTLED, or a number such as 0x58")


def status_name(status: int) -> str:
    """Name a status; those of operators' own keep their number."""
    return Status(status).name if status in _KNOWN else f"0x{status:08X}"


_KNOWN = frozenset(Status)
