"""Counts what passed, by command and status, and what the peer did wrong.

Rule: the number of counters is bounded. A peer chooses the numbers in its headers, so whatever SMPP 3.4 does not name
is counted under `unknown` (vendor statuses under `vendor`), never under a key of its own.
"""

from typing import Final

from smsgw.smpp.constants import VENDOR_STATUSES, Command, Status

RECEIVED: Final = "received"
SENT: Final = "sent"

_COMMAND_NAMES: Final[dict[int, str]] = {command.value: command.wire_name for command in Command}
_STATUS_NAMES: Final[dict[int, str]] = {status.value: status.name for status in Status}
_UNKNOWN: Final = "unknown"
_VENDOR: Final = "vendor"


class TrafficCounters:
    """How many PDUs passed: (direction, command name, status name) -> number."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}

    def count(self, direction: str, command_id: int, status: int) -> None:
        """Count one PDU."""
        status_name = _STATUS_NAMES.get(status) or (_VENDOR if status in VENDOR_STATUSES else _UNKNOWN)
        key = direction, _COMMAND_NAMES.get(command_id, _UNKNOWN), status_name
        self._counts[key] = self._counts.get(key, 0) + 1

    def as_dict(self) -> dict[tuple[str, str, str], int]:
        """A copy of all counts."""
        return dict(self._counts)
