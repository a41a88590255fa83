"""A subscriber, or a stranger who texted: the one row that every transaction locks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smsgw.domain.phones import Msisdn

# A pause that only the contact centre ends: no clock reaches it (it still fits 64 bits).
FOR_GOOD_US: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """What is kept of one number.

    `verifier` is the PHC string of the peppered password ("" for a stranger), `pepper_id` the key it was made
    with, `credential_version` grows at every change of password, block or unblock. `pauses` are the
    start times of pauses in the last 24 hours. The `answers_*` fields count replies in the running hour. `level` names
    the limits that hold for this subscriber; "" = those of everybody.
    """

    msisdn: Msisdn
    registered: bool = False
    blocked: bool = False
    language: str = ""
    verifier: str = ""
    pepper_id: str = ""
    credential_version: int = 0
    wrong_passwords: int = 0
    wrong_codes: int = 0
    paused_until_us: int = 0
    pauses: tuple[int, ...] = ()
    answers_since_us: int = 0
    answers: int = 0
    stranger_told_at_us: int = 0
    created_at_us: int = 0
    level: str = ""

    def __post_init__(self) -> None:
        assert not (self.registered and not self.verifier), "a registered subscriber needs a password verifier"

    def paused(self, now_us: int) -> bool:
        """True while paying by SMS is paused."""
        return now_us < self.paused_until_us
