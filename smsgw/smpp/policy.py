"""What to do when an SMSC refuses a text, by its command_status: a table, and the rows that a link sets itself.

`pause`: the whole link rests, and then this text leaves first. `later`: only this text waits. `fail`: it has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.smpp.constants import Status

# An hour is longer than any text of ours is of use; a larger number is a mistake of units.
WAIT_S_MAX: Final = 3600.0


class Then(StrEnum):
    """What a refusal leads to."""

    PAUSE = "pause"
    LATER = "later"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row: what to do, and for how many seconds; a text that fails waits for nothing.

    Raises:
        ValueError: the seconds do not fit.
    """

    then: Then
    wait_s: float = 0.0

    def __post_init__(self) -> None:
        if self.then is Then.FAIL and self.wait_s:
            raise ValueError("fail is final: it has no wait_s")
        if self.then is not Then.FAIL and not 0 < self.wait_s <= WAIT_S_MAX:
            raise ValueError(f"{self.then.value} needs a wait_s above 0, at most {WAIT_S_MAX:.0f}")


REACTIONS: Final[Mapping[int, Reaction]] = {
    # More texts a second than the contract grants: whatever else we sent now would be refused too.
    Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 1.0),
    # A queue of the SMSC is full, mostly that of one recipient: the others need not wait for it.
    Status.ESME_RMSGQFUL: Reaction(Then.LATER, 5.0),
    # The SMSC has a trouble of its own, or asks for patience; a restart of its parts takes seconds.
    Status.ESME_RSYSERR: Reaction(Then.LATER, 5.0),
    Status.ESME_RX_T_APPN: Reaction(Then.LATER, 5.0),
    # The network behind it did not take the text; that rarely mends within seconds.
    Status.ESME_RSUBMITFAIL: Reaction(Then.LATER, 30.0),
    Status.ESME_RDELIVERYFAILURE: Reaction(Then.LATER, 30.0),
}
"""The usual meaning, which a link may set otherwise for its SMSC."""

OTHERWISE: Final = Reaction(Then.FAIL)
"""A wrong address, a wrong field, a status that nobody knows: the same octets would be refused again."""


def reaction_to(status: int, own: Mapping[int, Reaction]) -> Reaction:
    """Find the row of a status; the link's *own* come first."""
    return own.get(status) or REACTIONS.get(status, OTHERWISE)
