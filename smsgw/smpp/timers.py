"""The timers of a session as a value that is told the time (SMPP 3.4, 7.2).

Rule 1: nothing here reads a clock, sends or closes: `due` says what is due, the session does it.
Rule 2: life is a whole PDU, not an octet: a peer that drips octets is not alive.
The response timer is the window's: it belongs to each request.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from smsgw.smpp.session_settings import SessionSettings


class Alarm(StrEnum):
    """What has become due."""

    SESSION_INIT = "session_init"
    PDU_READ = "pdu_read"
    ENQUIRE_LINK = "enquire_link"
    ENQUIRE_LINK_TIMEOUT = "enquire_link_timeout"
    INACTIVITY = "inactivity"


@dataclass(slots=True)
class Timers:
    """The moments from which the timers run (monotonic seconds); None = this timer does not run now."""

    settings: SessionSettings
    heard_at_s: float
    message_at_s: float
    opened_at_s: float | None
    pdu_started_at_s: float | None = None
    asked_at_s: float | None = None

    @classmethod
    def start(cls, settings: SessionSettings, now_s: float) -> "Timers":
        """The timers of a connection that was made *now_s*."""
        return cls(settings, heard_at_s=now_s, message_at_s=now_s, opened_at_s=now_s)

    def heard(self, now_s: float) -> None:
        """A whole PDU came in: the peer lives, and no PDU is half read."""
        self.heard_at_s = now_s
        self.asked_at_s = None
        self.pdu_started_at_s = None

    def pdu_waits(self, now_s: float) -> None:
        """A PDU has begun and is not complete; its timer runs from the first such moment."""
        if self.pdu_started_at_s is None:
            self.pdu_started_at_s = now_s

    def message(self, now_s: float) -> None:
        """A message passed, either way."""
        self.message_at_s = now_s

    def bound(self) -> None:
        """The bind succeeded: from now on silence is watched instead."""
        self.opened_at_s = None

    def asked(self, now_s: float) -> None:
        """An enquire_link was sent."""
        self.asked_at_s = now_s

    def due(self, now_s: float) -> Alarm | None:
        """What is due first, None when nothing is."""
        deadline_s, alarm = min(self._deadlines())
        return alarm if now_s >= deadline_s else None

    def next_deadline_s(self) -> float:
        """When something will be due, `math.inf` when nothing ever will."""
        return min(self._deadlines())[0]

    def _deadlines(self) -> list[tuple[float, Alarm]]:
        settings = self.settings
        deadlines = [(math.inf, Alarm.INACTIVITY)]
        if self.pdu_started_at_s is not None:
            deadlines.append((self.pdu_started_at_s + settings.pdu_read_s, Alarm.PDU_READ))
        if self.opened_at_s is not None:
            return [*deadlines, (self.opened_at_s + settings.session_init_s, Alarm.SESSION_INIT)]
        deadlines.append((self.message_at_s + settings.inactivity_s, Alarm.INACTIVITY))
        if self.asked_at_s is None:
            return [*deadlines, (self.heard_at_s + settings.enquire_link_interval_s, Alarm.ENQUIRE_LINK)]
        return [*deadlines, (self.asked_at_s + settings.enquire_link_timeout_s, Alarm.ENQUIRE_LINK_TIMEOUT)]
