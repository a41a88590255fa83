"""How the money of one payment stands with its source: a wallet in our books, or a bank that keeps it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

# The source of whatever is paid by a text: the subscriber's own account in our books.
WALLET: Final = "wallet"


class Funds(StrEnum):
    """What a source says of one payment's total.

    FREE: nothing is held: it never was, it was let go, or the source refused. SHORT: refused for want of money.
    UNKNOWN: the source was asked and has not answered yet; it may or may not be held.
    """

    HELD = "held"
    CAPTURED = "captured"
    FREE = "free"
    SHORT = "short"
    UNKNOWN = "unknown"
