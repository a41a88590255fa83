"""Which faults pass by themselves."""

from __future__ import annotations

import pytest

from smsgw.store.errors import Fault, TransactionFailed


@pytest.mark.parametrize(
    ("fault", "passing"),
    [(Fault.CONFLICT, True), (Fault.LOST, True), (Fault.REFUSED, False), (Fault.BROKEN, False)],
)
def test_a_transaction_runs_again_only_after_a_passing_fault(fault: Fault, passing: bool) -> None:  # noqa: FBT001 -- a column
    assert fault.passing == passing


def test_a_failure_says_its_fault_and_why() -> None:
    failure = TransactionFailed(Fault.LOST, "no answer")
    assert (failure.fault, str(failure)) == (Fault.LOST, "no answer")
