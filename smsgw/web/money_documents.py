"""Money actions, reconciliations and registries as JSON documents; `web.documents` has the rules of their form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.money import Currency, Money
from smsgw.domain.phones import Msisdn, masked
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Registry, Tally
from smsgw.web.documents import Document, sum_document, time_text

MEANINGS: Final = {
    ActionState.PROPOSED: "nothing has moved yet: another operator than {asked_by} has to approve it",
    ActionState.SENT: "nothing has moved yet: the provider has been asked to take its credit back",
    ActionState.DONE: "it has been carried out",
    ActionState.REJECTED: "nothing has moved, and nothing will",
    ActionState.FAILED: "nothing has moved: the provider does not take its credit back",
}
"""What a state is to a person."""

TALLIES: Final = ("matched", *(difference.value for difference in Difference))


def action_document(action: Action, *, whole_number: bool) -> Document:
    """One money action. `amount` is below zero where it goes out of a wallet; `note` is what came of it."""
    subject = action.subject
    if action.kind is ActionKind.ADJUST and not whole_number:
        subject = masked(Msisdn(subject))
    return {
        "id": action.id,
        "kind": action.kind.value,
        "state": action.state.value,
        "meaning": MEANINGS[action.state].format(asked_by=action.asked_by),
        "subject": subject,
        "amount": sum_document(action.amount),
        "reason": action.reason,
        "asked_by": action.asked_by,
        "asked_at": time_text(action.asked_at_us),
        "decided_by": action.decided_by or None,
        "decided_at": time_text(action.decided_at_us),
        "note": action.note or None,
    }


def reconciliation_document(report: Reconciliation) -> Document:
    """What came of a run, without its findings.

    Where the provider has no statements, `compared` is false and `equal` null: nothing was held against anything.
    """
    return {
        "provider": report.provider,
        "day": report.day,
        "compared": report.compared,
        "equal": report.equal if report.compared else None,
        **{name: _tally_document(getattr(report, name), report.currency) for name in TALLIES},
        "statement_sha256": report.statement_sha256 or None,
        "run_at": time_text(report.run_at_us),
    }


def findings_document(report: Reconciliation) -> Document:
    """The payments that a person may want to look at; the first thousand of them."""
    return {"findings": [_finding_document(finding, report.currency) for finding in report.findings]}


def registry_document(registry: Registry, currency: Currency) -> Document:
    """One file that was made for the provider."""
    return {
        "name": registry.name,
        "serial": registry.serial,
        "payments": registry.payments,
        "sum": sum_document(Money(registry.sum_minor, currency)),
        "sha256": registry.sha256,
        "made_at": time_text(registry.made_at_us),
    }


def registries_document(registries: Sequence[Registry], currency: Currency) -> Document:
    """The files of a day, in the order of their making."""
    return {"registries": [registry_document(registry, currency) for registry in registries]}


def _tally_document(tally: Tally, currency: Currency) -> Document:
    return {"payments": tally.payments, "sum": sum_document(Money(tally.minor, currency))}


def _finding_document(finding: Finding, currency: Currency) -> Document:
    """`key` is how the provider's statement names it."""
    return {
        "difference": finding.difference.value,
        "number": None if finding.number is None else str(finding.number),
        "key": finding.key,
        "ours": _sum_or_none(finding.our_minor, currency),
        "theirs": _sum_or_none(finding.their_minor, currency),
    }


def _sum_or_none(minor: int | None, currency: Currency) -> Document | None:
    return None if minor is None else sum_document(Money(minor, currency))
