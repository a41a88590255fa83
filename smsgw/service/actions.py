"""Money actions of people: refund, resolve, adjust, close a day. Each has a reason and names, and is a transfer.

Rule 1: what is asked for is written down first; the same thing asked again is the same action.
Rule 2: above the house's limit, and where the books of a day differ, one person asks and another one decides.
Rule 3: nothing is done twice: `carrying_out` sees to that, whatever is asked how often.
"""

from __future__ import annotations

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
from smsgw.service.closing import CLOSINGS_MAX, closing_of, name_of, not_closable
from smsgw.service.parties import Parties
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

    def __init__(self, rules: Rules, parties: Parties, carrying_out: CarryingOut, store: Store) -> None:
        self._rules = rules
        self._parties = parties
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

    async def close_day(self, provider: str, day: str, request: Request) -> Action | NotTaken:
        """Set aside for payout what a reconciled day owes the provider, less what was set aside for it before."""
        return await self._store.write("", partial(self._closed, provider, day, request))

    async def decide(self, action_id: str, by: Request, *, approved: bool) -> Action | NotTaken:
        """Another person's word on what was proposed."""
        action = await self._store.reads.action(action_id)
        if action is None:
            return NotTaken(Refusal.NO_ACTION, f"there is no action {action_id}")
        decided = partial(self._decided, action_id, by)
        return await self._store.write(action.subject, partial(decided, approved=approved))

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
        return self._take(action, alone, tx) if tx.actions.get(action.id) is None else _met(action, tx)

    def _closed(self, provider: str, day: str, request: Request, tx: Tx) -> Action | NotTaken:
        """The first closing is about all of the day, a later one about what has changed since."""
        report = tx.reconciliations.get(provider, day)
        hindrance = not_closable(report, provider, day)
        if hindrance or report is None:
            return NotTaken(Refusal.NOT_NOW, hindrance)
        latest, serial, rest = closing_of(tx, self._parties, report)
        if latest is not None and latest.state is ActionState.PROPOSED:
            if latest.amount == rest:
                return latest
            _advanced(latest, Step.REJECTED, Request("", f"the day owes {rest} now"), tx)
        if latest is not None and latest.state is ActionState.DONE and not rest.minor and _asks_for(latest, request):
            return latest
        if not rest.minor:
            return NotTaken(Refusal.NOT_NOW, f"{provider} {day} owes nothing{' more' if latest else ''}; nothing moves")
        if serial > CLOSINGS_MAX:
            return NotTaken(Refusal.NOT_NOW, f"{provider} {day} has been closed {CLOSINGS_MAX} times")
        action = _new(ActionKind.CLOSE_DAY, name_of(provider, day, serial), f"{provider} {day}", rest, request)
        return self._take(action, self._alone(action) and report.equal, tx)

    def _take(self, action: Action, alone: bool, tx: Tx) -> Action | NotTaken:  # noqa: FBT001 -- see `_numbered`
        """Write a new action down, and carry it out at once where one person may."""
        hindrance = self._carrying_out.hindrance(action, tx)
        if hindrance:
            return NotTaken(Refusal.NOT_NOW, hindrance)
        asked = replace(action, asked_at_us=tx.now_us)
        if not tx.actions.add(asked):
            # Another node has written one under this id since we looked.
            return _met(asked, tx)
        _tell("asked", asked)
        return self._carry_out(asked, Request(action.asked_by, ""), tx) if alone else asked

    def _decided(self, action_id: str, by: Request, tx: Tx, *, approved: bool) -> Action | NotTaken:
        action = tx.actions.get(action_id)
        assert action is not None, "actions are never deleted"
        if action.state is not ActionState.PROPOSED:
            same = action.decided_by == by.by and (action.state is ActionState.REJECTED) is not approved
            return action if same else NotTaken(Refusal.DECIDED, f"{action_id} is {action.state} already")
        if not approved:
            # Whoever asked may take it back too.
            return _advanced(action, Step.REJECTED, by, tx)
        if action.asked_by == by.by:
            return NotTaken(Refusal.SAME_PERSON, "who asked for it cannot approve it; another person has to")
        hindrance = self._carrying_out.hindrance(action, tx)
        return NotTaken(Refusal.NOT_NOW, hindrance) if hindrance else self._carry_out(action, by, tx)

    def _carry_out(self, action: Action, by: Request, tx: Tx) -> Action:
        done = _advanced(action, self._carrying_out.carry_out(action, tx), by, tx)
        for other in tx.actions.for_payment(action.payment_id) if action.payment_id else ():
            if other.state is ActionState.PROPOSED:
                _advanced(other, Step.REJECTED, Request(by.by, f"settled by {action.id}"), tx)
        return done


def _met(action: Action, tx: Tx) -> Action | NotTaken:
    """What stands under the id of an action."""
    earlier = tx.actions.get(action.id)
    assert earlier is not None, "an id that is taken has its action"
    if (earlier.subject, earlier.amount) == (action.subject, action.amount):
        return earlier
    return NotTaken(Refusal.OTHER_UNDER_KEY, f"{action.id} was asked for otherwise, just now or before")


def _asks_for(action: Action, request: Request) -> bool:
    return (action.asked_by, action.reason) == (request.by, request.reason)


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
