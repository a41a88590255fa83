"""Money actions of people: refund, resolve, adjust, close a day. Each has a reason and names, and is a transfer.

Rule 1: what is asked for is written down first; the same thing asked again is the same action.
Rule 2: above the house's limit, and where the books of a day differ, one person asks and another one decides.
Rule 3: nothing is done twice: `carrying_out` sees to that, whatever is asked how often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from smsgw.domain.actions import Action, ActionKind, ActionState, Step, advance
from smsgw.domain.changes import replace
from smsgw.domain.money import Money
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.ledger.rules import KEY_LENGTH_MAX
from smsgw.log import get_logger
from smsgw.ports import Store
from smsgw.service.carrying_out import CarryingOut
from smsgw.service.rules import Rules
from smsgw.transaction import Tx

# So many tries at one thing are a case for more than a command.
TRIES_MAX: Final = 20
# After these the same thing may be asked for anew.
UNDONE: Final = frozenset({ActionState.REJECTED, ActionState.FAILED})

log = get_logger(__name__)


class Refusal(StrEnum):
    """Why an action was not taken, in words for programs."""

    NO_PAYMENT = "no_payment"
    NO_ACTION = "no_action"
    OTHER_UNDER_KEY = "other_under_key"
    NOT_NOW = "not_now"
    SAME_PERSON = "same_person"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An action that was not taken, and why, for people."""

    refusal: Refusal
    why: str


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants it, and why."""

    by: str
    reason: str


class Actions:
    """See the module."""

    def __init__(self, rules: Rules, carrying_out: CarryingOut, store: Store) -> None:
        self._rules = rules
        self._carrying_out = carrying_out
        self._store = store

    async def about_payment(self, kind: ActionKind, number: int, request: Request) -> Action | NotTaken:
        """Refund or give back an executed payment, or say what became of a parked one."""
        payment = await self._store.reads.payment(number)
        if payment is None:
            return NotTaken(Refusal.NO_PAYMENT, f"there is no payment {number}")
        action = _about(payment, kind, request)
        return await self._store.write(payment.msisdn, partial(self._numbered, action, self._alone(action)))

    async def adjust(self, msisdn: Msisdn, amount: Money, key: str, request: Request) -> Action | NotTaken:
        """Correct a wallet; *amount* below zero takes money out. *key* is the caller's own: a repeat moves nothing.

        Raises:
            ValueError: the key cannot be used.
        """
        if not 0 < len(key) <= KEY_LENGTH_MAX:
            raise ValueError(f"a key of {len(key)} characters: 1 to {KEY_LENGTH_MAX} are needed")
        action = _new(ActionKind.ADJUST, f"adjust:{key}", msisdn, amount, request)
        return await self._store.write(msisdn, partial(self._keyed, action, self._alone(action)))

    async def close_day(self, provider: str, day: str, owed: Money, request: Request) -> Action | NotTaken:
        """Set aside for payout what a reconciled day owes the provider, less what was set aside for it before."""
        found = await self._store.reads.reconciliation(provider, day)
        if found is None:
            return NotTaken(Refusal.NOT_NOW, f"{provider} has not been reconciled for {day}; do that first")
        if found.open.payments:
            why = f"{found.open.payments} payments have no outcome yet; resolve them, then reconcile the day again"
            return NotTaken(Refusal.NOT_NOW, why)
        action = _new(ActionKind.CLOSE_DAY, f"close:{provider}:{day}", f"{provider} {day}", owed, request)
        alone = self._alone(action) and found.equal
        return await self._store.write("", partial(self._closed, action, alone))

    async def decide(self, action_id: str, by: Request, *, approved: bool) -> Action | NotTaken:
        """Another person's word on what was proposed."""
        action = await self._store.reads.action(action_id)
        if action is None:
            return NotTaken(Refusal.NO_ACTION, f"there is no action {action_id}")
        step = self._approve if approved else _reject
        return await self._store.write(action.subject, partial(_decided, action_id, by, step))

    def _alone(self, action: Action) -> bool:
        """True if one person may do this."""
        return abs(action.amount.minor) <= self._rules.four_eyes_above.minor

    def _numbered(self, action: Action, alone: bool, tx: Tx) -> Action | NotTaken:  # noqa: FBT001 -- bound by `partial`
        """The same thing asked again is the same action, unless it came to nothing."""
        for serial in range(1, TRIES_MAX + 1):
            tried = replace(action, id=f"{action.id}:{serial}")
            earlier = tx.actions.get(tried.id)
            if earlier is None:
                return self._take(tried, alone, tx)
            if earlier.state not in UNDONE:
                return earlier
        return NotTaken(Refusal.NOT_NOW, f"{action.id} has been tried {TRIES_MAX} times")

    def _keyed(self, action: Action, alone: bool, tx: Tx) -> Action | NotTaken:  # noqa: FBT001 -- bound by `partial`
        earlier = tx.actions.get(action.id)
        if earlier is None:
            return self._take(action, alone, tx)
        if (earlier.subject, earlier.amount) != (action.subject, action.amount):
            return NotTaken(Refusal.OTHER_UNDER_KEY, "the key was used for another adjustment")
        return earlier

    def _closed(self, action: Action, alone: bool, tx: Tx) -> Action | NotTaken:  # noqa: FBT001 -- bound by `partial`
        """The first closing is about all of the day, a later one about what has come since."""
        rest = action.amount
        for serial in range(1, TRIES_MAX + 1):
            tried = replace(action, id=f"{action.id}:{serial}")
            earlier = tx.actions.get(tried.id)
            if earlier is None and rest.minor > 0:
                return self._take(replace(tried, amount=rest), alone, tx)
            if earlier is None:
                return NotTaken(Refusal.NOT_NOW, f"{action.subject} is closed; there is nothing more to set aside")
            if earlier.state is ActionState.PROPOSED:
                return earlier
            if earlier.state is ActionState.DONE:
                rest -= earlier.amount
        return NotTaken(Refusal.NOT_NOW, f"{action.subject} has been closed {TRIES_MAX} times")

    def _take(self, action: Action, alone: bool, tx: Tx) -> Action | NotTaken:  # noqa: FBT001 -- see `_numbered`
        """Write a new action down, and carry it out at once where one person may."""
        hindrance = self._carrying_out.hindrance(action, tx)
        if hindrance:
            return NotTaken(Refusal.NOT_NOW, hindrance)
        asked = replace(action, asked_at_us=tx.now_us)
        tx.actions.add(asked)
        _tell("asked", asked)
        return self._carry_out(asked, Request(action.asked_by, ""), tx) if alone else asked

    def _approve(self, action: Action, by: Request, tx: Tx) -> Action | NotTaken:
        if action.asked_by == by.by:
            return NotTaken(Refusal.SAME_PERSON, "who asked for it cannot approve it; another person has to")
        hindrance = self._carrying_out.hindrance(action, tx)
        return NotTaken(Refusal.NOT_NOW, hindrance) if hindrance else self._carry_out(action, by, tx)

    def _carry_out(self, action: Action, by: Request, tx: Tx) -> Action:
        return _advanced(action, self._carrying_out.carry_out(action, tx), by, tx)


def _decided(
    action_id: str, by: Request, step: Callable[[Action, Request, Tx], Action | NotTaken], tx: Tx
) -> Action | NotTaken:
    action = tx.actions.get(action_id)
    assert action is not None, "actions are never deleted"
    if action.state is not ActionState.PROPOSED:
        return NotTaken(Refusal.DECIDED, f"{action_id} is {action.state} already")
    return step(action, by, tx)


def _reject(action: Action, by: Request, tx: Tx) -> Action:
    """Whoever asked may take it back too."""
    return _advanced(action, Step.REJECTED, by, tx)


def _advanced(action: Action, step: Step, by: Request, tx: Tx) -> Action:
    decided = advance(action, step, by.by, tx.now_us, by.reason)
    tx.actions.save(decided)
    _tell(decided.state, decided)
    return decided


def _about(payment: Payment, kind: ActionKind, request: Request) -> Action:
    action = _new(kind, f"{kind}:{payment.number}", str(payment.number), payment.total, request)
    return replace(action, payment_id=payment.id)


def _new(kind: ActionKind, name: str, subject: str, amount: Money, request: Request) -> Action:
    return Action(
        id=name,
        kind=kind,
        subject=subject,
        amount=amount,
        reason=request.reason,
        asked_by=request.by,
        asked_at_us=0,
    )


def _tell(what: str, action: Action) -> None:
    fields = {"action": action.id, "by": action.decided_by or action.asked_by, "amount_minor": action.amount.minor}
    log.info("money.action", step=what, **fields)
