"""How long to wait before a link connects again: by what went wrong, doubled each time, with full jitter.

Wrong credentials must not hammer (SMSCs ban addresses for it); an old session that the SMSC still holds goes away by
itself; a lost connection should be back soon, but not with everybody else at the same second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.smpp.constants import Status


class Cause(StrEnum):
    """Why there is no session."""

    LOST = "lost"
    BUSY = "busy"
    STILL_BOUND = "still_bound"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Wait:
    """The first and the longest wait, in seconds."""

    first_s: float
    longest_s: float


WAITS: Final = {
    Cause.LOST: Wait(0.5, 60.0),
    Cause.BUSY: Wait(2.0, 60.0),
    # The SMSC drops the old session by its own enquire_link or inactivity timer, mostly within a minute.
    Cause.STILL_BOUND: Wait(5.0, 60.0),
    # Only a person can mend it.
    Cause.CREDENTIALS: Wait(30.0, 600.0),
}

CAUSES: Final[dict[int, Cause]] = {
    Status.ESME_RBINDFAIL: Cause.CREDENTIALS,
    Status.ESME_RINVPASWD: Cause.CREDENTIALS,
    Status.ESME_RINVSYSID: Cause.CREDENTIALS,
    Status.ESME_RALYBND: Cause.STILL_BOUND,
    Status.ESME_RSYSERR: Cause.BUSY,
    Status.ESME_RMSGQFUL: Cause.BUSY,
    Status.ESME_RTHROTTLED: Cause.BUSY,
}


def cause_of(bind_status: int) -> Cause:
    """Why a bind was refused; an unknown status is taken as a fault of ours, which haste does not mend."""
    return CAUSES.get(bind_status, Cause.CREDENTIALS)


def wait_s(cause: Cause, failures: int, chance: float) -> float:
    """Seconds to wait after that many failures in a row (1 = the first); *chance* is uniform in 0 to 1."""
    assert failures >= 1, "a wait without a failure"
    wait = WAITS[cause]
    most_s = min(wait.longest_s, wait.first_s * 2.0 ** min(failures - 1, 16))
    # Never quite zero: half of full jitter's spread keeps the first retry from being immediate.
    return most_s * (0.5 + 0.5 * chance)
