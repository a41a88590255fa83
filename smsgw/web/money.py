"""What people may do about money and ask of reconciliations, whether it comes over HTTP or from a command.

Every method answers with a JSON document, or with the `Problem` that says why not.

Rule 1: money is moved by a person; whoever has no name is told how to get one, before anything else is looked at.
Rule 2: a reason, a key and a day have one plain spelling: they land in the books, in logs and on terminals.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Final

from smsgw.domain.actions import ACTION_ID_LENGTH_MAX, REASON_LENGTH_MAX, Action, ActionKind, ActionState
from smsgw.domain.money import Money
from smsgw.ports import Store
from smsgw.service.actions import Actions, NotTaken, Refusal, Request
from smsgw.service.parties import Parties
from smsgw.service.rules import Rules
from smsgw.web.documents import Document
from smsgw.web.money_documents import (
    action_document,
    findings_document,
    reconciliation_document,
    registries_document,
)
from smsgw.web.operations import WRONG_LIMIT, is_listable, read_amount, read_number, read_payment_number
from smsgw.web.operators import GENERAL, OPERATOR_NEEDED
from smsgw.web.problems import Problem, conflicting, missing, wrong
from smsgw.web.runs import RUNS_MAX, Runs

STATUSES: Final = {
    Refusal.NO_PAYMENT: HTTPStatus.NOT_FOUND,
    Refusal.NO_ACTION: HTTPStatus.NOT_FOUND,
    Refusal.OTHER_UNDER_KEY: HTTPStatus.CONFLICT,
    Refusal.NOT_NOW: HTTPStatus.CONFLICT,
    Refusal.SAME_PERSON: HTTPStatus.FORBIDDEN,
    Refusal.DECIDED: HTTPStatus.CONFLICT,
}
# Most statements come within a second or two; whoever waits longer than this asks again.
PATIENCE_S: Final = 5.0
# Days outside of these are slips of the pen, and near the ends of the calendar a day has no morrow.
FIRST_DAY, LAST_DAY = "2000-01-01", "2999-12-31"

RUNNING: Final[Document] = {"state": "running"}
BUSY: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "busy", f"{RUNS_MAX} days are being reconciled already; ask again in a minute"
)
NO_ACTION: Final = missing("no_action", "there is no such action; `smsgw action list` names the latest")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOperations:
    """See the module. `by` is the operator who asks."""

    rules: Rules
    parties: Parties
    store: Store
    taking: Actions
    runs: Runs
    by: str = GENERAL

    def of(self, operator: str) -> MoneyOperations:
        """The same, asked by an operator."""
        return replace(self, by=operator)

    async def refund(self, number: str, reason: str, *, by_house: bool) -> Document | Problem:
        """Give an executed payment back: through the provider where it takes its credit back, unless *by_house*."""
        return await self._about_payment(ActionKind.GIVE_BACK if by_house else ActionKind.REFUND, number, reason)

    async def resolve(self, number: str, reason: str, *, paid: bool) -> Document | Problem:
        """Say what became of a parked payment, as the provider has told a person."""
        return await self._about_payment(ActionKind.PAID if paid else ActionKind.NOT_PAID, number, reason)

    async def taken_back(self, number: str, reason: str) -> Document | Problem:
        """Say that the provider has taken its credit back, as it told a person after its cancel was parked."""
        return await self._about_payment(ActionKind.TAKEN_BACK, number, reason)

    async def adjust(self, number: str, amount: str, key: str, reason: str, *, into: bool) -> Document | Problem:
        """Correct a wallet; the same again under the same key moves nothing."""
        request, msisdn = self._request(reason), read_number(number)
        if isinstance(request, Problem):
            return request
        if isinstance(msisdn, Problem):
            return msisdn
        asked = self._adjustment(amount, into=into)
        if isinstance(asked, Problem):
            return asked
        if not _is_plain(key):
            return wrong("key: one line of your own, the same for the same adjustment")
        try:
            return _told(await self.taking.adjust(msisdn, asked, key, request))
        except ValueError as error:
            return wrong(str(error))

    async def close_day(self, provider: str, day: str, reason: str) -> Document | Problem:
        """Set aside for payout what the day owes the provider."""
        request, place = self._request(reason), self._place(provider, day)
        if isinstance(request, Problem):
            return request
        if isinstance(place, Problem):
            return place
        return _told(await self.taking.close_day(provider, day, request))

    async def approve(self, action_id: str, reason: str = "") -> Document | Problem:
        """Let a proposed action be carried out; not by whoever asked for it."""
        return await self._decide(action_id, self._request(reason, least=0), approved=True)

    async def reject(self, action_id: str, reason: str) -> Document | Problem:
        """Let a proposed action come to nothing; whoever asked may do that too."""
        return await self._decide(action_id, self._request(reason), approved=False)

    async def actions(self, state: str | None, limit: int) -> Document | Problem:
        """What people asked for, newest first; in one state or in all."""
        if state is not None and state not in set(ActionState):
            return wrong(f"state: there are {', '.join(ActionState)}")
        if not is_listable(limit):
            return WRONG_LIMIT
        found = await self.store.reads.actions(None if state is None else ActionState(state), limit)
        return {"actions": [action_document(action, whole_number=False) for action in found]}

    async def action(self, action_id: str) -> Document | Problem:
        """One action by its id."""
        found = await self.store.reads.action(action_id) if _is_action_id(action_id) else None
        return NO_ACTION if found is None else action_document(found, whole_number=True)

    async def reconcile(self, provider: str, day: str) -> Document | Problem:
        """Compare a day with the provider's statement: the report, or `RUNNING` where that takes longer."""
        place = self._place(provider, day)
        if isinstance(place, Problem):
            return place
        if not self.runs.begin(provider, day):
            return BUSY
        await self.runs.wait(provider, day, PATIENCE_S)
        if self.runs.goes_on(provider, day):
            return RUNNING
        why = self.runs.failure(provider, day)
        if why:
            return conflicting("not_reconciled", why)
        report = await self.store.reads.reconciliation(provider, day)
        assert report is not None, "a run that did not fail has left its report"
        return reconciliation_document(report) | findings_document(report)

    async def day(self, provider: str, day: str) -> Document | Problem:
        """The latest report of a day, its registries, whether a run goes on, and why the latest one failed."""
        place = self._place(provider, day)
        if isinstance(place, Problem):
            return place
        report = await self.store.reads.reconciliation(provider, day)
        registries = await self.store.reads.registries(provider, day)
        told = reconciliation_document(report) | findings_document(report) if report is not None else None
        return {
            "provider": provider,
            "day": day,
            "running": self.runs.goes_on(provider, day),
            "failure": self.runs.failure(provider, day) or None,
            "report": told,
            **registries_document(registries, self.rules.provider(provider).currency),
        }

    async def days(self, provider: str, limit: int) -> Document | Problem:
        """The latest reports of a provider, the newest day first, without their findings."""
        if provider not in self.parties.providers:
            return self._no_provider()
        if not is_listable(limit):
            return WRONG_LIMIT
        return {"days": [reconciliation_document(r) for r in await self.store.reads.reconciliations(provider, limit)]}

    async def _about_payment(self, kind: ActionKind, number: str, reason: str) -> Document | Problem:
        request, wanted = self._request(reason), read_payment_number(number)
        if isinstance(request, Problem):
            return request
        if isinstance(wanted, Problem):
            return wanted
        return _told(await self.taking.about_payment(kind, wanted, request))

    async def _decide(self, action_id: str, request: Request | Problem, *, approved: bool) -> Document | Problem:
        if isinstance(request, Problem):
            return request
        if not _is_action_id(action_id):
            return NO_ACTION
        return _told(await self.taking.decide(action_id, request, approved=approved))

    def _request(self, reason: str, least: int = 1) -> Request | Problem:
        if self.by == GENERAL:
            return OPERATOR_NEEDED
        plain = reason.strip()
        if not least <= len(plain) <= REASON_LENGTH_MAX:
            return wrong(f"reason: {least} to {REASON_LENGTH_MAX} characters are needed")
        if not plain.isprintable():
            return wrong("reason: one line of plain text is needed, without control characters")
        return Request(self.by, plain)

    def _adjustment(self, amount: str, *, into: bool) -> Money | Problem:
        asked = read_amount(amount, self.rules.currency)
        if isinstance(asked, Problem):
            return asked
        return asked if into else replace(asked, minor=-asked.minor)

    def _place(self, provider: str, day: str) -> Problem | None:
        """What is wrong with a provider and a day, if anything is."""
        if provider not in self.parties.providers:
            return self._no_provider()
        return None if is_day(day) else wrong("the day is written as 2026-11-21")

    def _no_provider(self) -> Problem:
        return missing(
            "no_provider",
            f"there is no such provider; there are {', '.join(self.parties.providers)}; see config/providers.toml",
        )


def is_day(text: str) -> bool:
    """True for a date in the one spelling that our books have, 2026-11-21.

    ISO 8601 has others (20261121, 2026-W47-6); by each of them the same day could be closed once more.
    """
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat() == text and FIRST_DAY <= text <= LAST_DAY
    return False


def _told(taken: Action | NotTaken) -> Document | Problem:
    if isinstance(taken, NotTaken):
        return Problem(STATUSES[taken.refusal], taken.refusal.value, taken.why)
    return action_document(taken, whole_number=True)


def _is_action_id(text: str) -> bool:
    return len(text) <= ACTION_ID_LENGTH_MAX and _is_plain(text)


def _is_plain(text: str) -> bool:
    """True for one line that a terminal shows as it is."""
    return text.isprintable() and text == text.strip() and bool(text)
