"""Documents of money: sums are text, numbers of people are masked in lists, and a state says what it means."""

import pytest

from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.changes import replace
from smsgw.domain.money import KZT, UZS, Money
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Registry, Tally
from smsgw.web.money_documents import (
    MEANINGS,
    action_document,
    findings_document,
    reconciliation_document,
    registries_document,
)
from tests.house import ANNA

ACTION = Action(
    id="adjust:case-17",
    kind=ActionKind.ADJUST,
    subject=ANNA,
    amount=Money(-50_000, UZS),
    reason="kiosk-7 was wrong",
    asked_by="aziza",
    asked_at_us=1_795_262_400_000_000,
)


def test_an_action_is_whole() -> None:
    assert action_document(ACTION, whole_number=True) == {
        "id": "adjust:case-17",
        "kind": "adjust",
        "state": "proposed",
        "meaning": "nothing has moved yet: another operator than aziza has to approve it",
        "subject": ANNA,
        "amount": {"amount": "-500.00", "currency": "UZS"},
        "reason": "kiosk-7 was wrong",
        "asked_by": "aziza",
        "asked_at": "2026-11-21T12:00:00+00:00",
        "decided_by": None,
        "decided_at": None,
        "note": None,
    }


def test_only_the_number_of_a_person_is_masked() -> None:
    refund = replace(ACTION, id="refund:1:1", kind=ActionKind.REFUND, subject="44742441")
    assert action_document(ACTION, whole_number=False)["subject"] == "+998*******67"
    assert action_document(refund, whole_number=False)["subject"] == "44742441"


@pytest.mark.parametrize("state", ActionState)
def test_every_state_means_something(state: ActionState) -> None:
    assert action_document(replace(ACTION, state=state), whole_number=True)["meaning"]
    assert ("nothing has moved" in MEANINGS[state]) is (state is not ActionState.DONE)


def test_a_report_counts_and_names() -> None:
    finding = Finding(Difference.EXTRA, None, "foreign-1", None, 300)
    report = Reconciliation(
        provider="kcell",
        day="2026-11-21",
        currency=KZT,
        run_at_us=1_795_262_400_000_000,
        statement_sha256="ab",
        matched=Tally(2, 100),
        extra=Tally(1, 300),
        findings=(finding,),
    )
    nothing = {"payments": 0, "sum": {"amount": "0.00", "currency": "KZT"}}
    assert reconciliation_document(report) == {
        "provider": "kcell",
        "day": "2026-11-21",
        "compared": True,
        "equal": False,
        "matched": {"payments": 2, "sum": {"amount": "1.00", "currency": "KZT"}},
        "extra": {"payments": 1, "sum": {"amount": "3.00", "currency": "KZT"}},
        **dict.fromkeys(("missing", "mismatched", "resolved", "open"), nothing),
        "statement_sha256": "ab",
        "run_at": "2026-11-21T12:00:00+00:00",
    }
    theirs = {"amount": "3.00", "currency": "KZT"}
    row = {"difference": "extra", "number": None, "key": "foreign-1", "ours": None, "theirs": theirs}
    assert findings_document(report) == {"findings": [row]}


def test_a_registry_is_named_with_its_sum_and_digest() -> None:
    registry = Registry(
        provider="sarkor",
        day="2026-11-21",
        serial=2,
        name="SMSGW_sarkor_202611212.csv",
        payments=3,
        sum_minor=150,
        sha256="cd",
        made_at_us=0,
    )
    assert registries_document([registry], UZS) == {
        "registries": [
            {
                "name": "SMSGW_sarkor_202611212.csv",
                "serial": 2,
                "payments": 3,
                "sum": {"amount": "1.50", "currency": "UZS"},
                "sha256": "cd",
                "made_at": None,
            }
        ]
    }
