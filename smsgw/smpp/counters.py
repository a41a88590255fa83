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
_NO_COMMAND: Final = -1
_NO_STATUS: Final = -1


class TrafficCounters:
    """How many PDUs passed: (direction, command name, status name) -> number."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int, int], int] = {}

    def count(self, direction: str, command_id: int, status: int) -> None:
        """Count one PDU."""
        key = direction, command_id, status
        if key not in self._counts:
            key = direction, *_bounded(command_id, status)
        self._counts[key] = self._counts.get(key, 0) + 1

    def as_dict(self) -> dict[tuple[str, str, str], int]:
        """All counts."""
        return {
            (direction, _COMMAND_NAMES.get(command_id, _UNKNOWN), _status_name(status)): count
            for (direction, command_id, status), count in self._counts.items()
        }


def _bounded(command_id: int, status: int) -> tuple[int, int]:
    """The numbers to count under: one stands for all that have no name."""
    if status not in _STATUS_NAMES:
        status = VENDOR_STATUSES[0] if status in VENDOR_STATUSES else _NO_STATUS
    return (command_id if command_id in _COMMAND_NAMES else _NO_COMMAND), status


def _status_name(status: int) -> str:
    return _STATUS_NAMES.get(status) or (_VENDOR if status in VENDOR_STATUSES else _UNKNOWN)
