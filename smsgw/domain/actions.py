"""What people do about money: each with its reason and its names, each a transfer in the end, none a changed row.

Rule 1: every step is a row of `NEXT`; a missing row is a programming error.
Rule 2: what needs four eyes is decided by another person than the one who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.money import Money

# A reason is a sentence for the auditor, not a letter.
REASON_LENGTH_MAX: Final = 200
# `close:`, a provider's longest name, a day and a number are 52 characters; as long as the ids of transfers may be.
ACTION_ID_LENGTH_MAX: Final = 64


class ActionKind(StrEnum):
    """What is to be done.

    A refund goes through the provider's cancel where it has one; `give_back` never asks the provider. `paid` and
    `not_paid` are a person's word on a parked payment, `taken_back` on a parked cancel: the provider has carried it
    out.
    """

    REFUND = "refund"
    GIVE_BACK = "give_back"
    TAKEN_BACK = "taken_back"
    PAID = "paid"
    NOT_PAID = "not_paid"
    ADJUST = "adjust"
    CLOSE_DAY = "close_day"


class ActionState(StrEnum):
    """How far it has come. `sent`: the provider has been asked to take its credit back, and has not answered yet."""

    PROPOSED = "proposed"
    SENT = "sent"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"


class Step(StrEnum):
    """What can happen to an action."""

    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    CARRIED_OUT = "carried_out"
    PROVIDER_REFUSED = "provider_refused"


NEXT: Final[dict[tuple[ActionState, Step], ActionState]] = {
    (ActionState.PROPOSED, Step.APPROVED): ActionState.DONE,
    (ActionState.PROPOSED, Step.HANDED_OVER): ActionState.SENT,
    (ActionState.PROPOSED, Step.REJECTED): ActionState.REJECTED,
    (ActionState.SENT, Step.CARRIED_OUT): ActionState.DONE,
    (ActionState.SENT, Step.PROVIDER_REFUSED): ActionState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `id` is chosen before the first try and is the same for the same thing asked twice.

    `subject` is what it is about, for people: a payment's number, an account, a provider and a day. `payment_id` is set
    where it is about a payment. `amount` is what moves; an adjustment out of an account is below zero. `note` is what
    came of it.
    """

    id: str
    kind: ActionKind
    subject: str
    amount: Money
    reason: str
    asked_by: str
    asked_at_us: int
    state: ActionState = ActionState.PROPOSED
    payment_id: int | None = None
    decided_by: str = ""
    decided_at_us: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        assert 0 < len(self.id) <= ACTION_ID_LENGTH_MAX, f"action id of {len(self.id)} characters"
        assert 0 < len(self.reason) <= REASON_LENGTH_MAX, f"reason of {len(self.reason)} characters"
        assert self.asked_by, "an action without a name"


class IllegalStep(AssertionError):  # noqa: N818 -- the name of the thing in every text on state machines
    """A step that the table does not have: a bug of ours."""


def advance(action: Action, step: Step, by: str, now_us: int, note: str = "") -> Action:
    """Return the action after *step*, decided by *by*.

    Raises:
        IllegalStep: `NEXT` has no such row.
    """
    try:
        state = NEXT[action.state, step]
    except KeyError:
        raise IllegalStep(f"{step} in {action.state} (action {action.id})") from None
    if not by:
        # What the provider answers later is no decision of a person.
        return replace(action, state=state, note=note or action.note)
    return replace(action, state=state, decided_by=by, decided_at_us=now_us, note=note or action.note)
