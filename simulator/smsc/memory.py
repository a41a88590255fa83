"""What all operators of a simulator have in common: one memory of what passed, one numbering of sessions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from simulator.settings import JOURNAL_MAX, PDUS_MAX
from simulator.smsc.journal import Journal
from simulator.smsc.pdus import PduLog, Tap, Where


class Memory:
    """The journal, the PDUs (none are kept with *pdus_max* 0, which costs nothing), the numbers of sessions."""

    def __init__(self, journal_max: int = JOURNAL_MAX, pdus_max: int = PDUS_MAX) -> None:
        self.journal = Journal(journal_max)
        self.pdus = PduLog(pdus_max)
        self.keeps_pdus = pdus_max > 0
        self._line_ids = count(1)

    def next_line_id(self) -> int:
        """The number of the next session."""
        return next(self._line_ids)

    def tap(self, where: Where, clock: Callable[[], float]) -> Tap | None:
        """What a session notes its PDUs by; None = they are not kept."""
        return Tap(self.pdus, where, clock) if self.keeps_pdus else None
