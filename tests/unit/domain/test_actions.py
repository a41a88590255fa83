"""What people do about money: every step that there is, and none besides."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from smsgw.domain.actions import NEXT, Action, ActionKind, ActionState, IllegalStep, Step, advance
from smsgw.domain.money import UZS, Money


def an_action(**changes: Any) -> Action:
    values: dict[str, Any] = {
        "id": "refund:10000000:1",
        "kind": ActionKind.REFUND,
        "subject": "10000000",
        "amount": Money(5_050_000, UZS),
        "reason": "paid to the wrong account",
        "asked_by": "aziza",
        "asked_at_us": 1,
    }
    return Action(**(values | changes))


@pytest.mark.parametrize(("state", "step"), [*product(ActionState, Step)])
def test_every_step_is_a_row_or_a_bug(state: ActionState, step: Step) -> None:
    action = an_action(state=state)
    if (state, step) in NEXT:
        assert advance(action, step, "bobur", 2).state is NEXT[state, step]
    else:
        with pytest.raises(IllegalStep, match=f"{step} in {state}"):
            advance(action, step, "bobur", 2)


def test_what_has_ended_stays_so() -> None:
    ends = set(ActionState) - {state for state, _ in NEXT}
    assert ends == {ActionState.DONE, ActionState.REJECTED, ActionState.FAILED}


def test_a_decision_has_its_name_time_and_note() -> None:
    done = advance(an_action(), Step.REJECTED, "bobur", 2, "not ours")
    assert (done.decided_by, done.decided_at_us, done.note) == ("bobur", 2, "not ours")


def test_the_providers_answer_leaves_the_name_of_whoever_decided() -> None:
    sent = advance(an_action(), Step.HANDED_OVER, "bobur", 2)
    done = advance(sent, Step.CARRIED_OUT, "", 3)
    assert (done.decided_by, done.decided_at_us) == ("bobur", 2)


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"reason": "x" * 201}, {"asked_by": ""}, {"id": ""}, {"id": "x" * 65}]
)
def test_an_action_has_a_reason_and_a_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        an_action(**wrong)
