"""Faults wait for their requests, and are used up by their count or by time."""

from __future__ import annotations

import pytest

from simulator.faults.fault import FAULTS_MAX, HEALTHY, Fault, FaultTable
from smsgw.smpp.constants import MessageState, Status


def test_a_fault_is_used_up_by_its_count() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED, count=2))
    taken = [table.take("submit_sm", 0.0).status for _ in range(3)]
    assert taken == [Status.ESME_RTHROTTLED, Status.ESME_RTHROTTLED, Status.ESME_ROK]
    assert table.waiting() == {}


def test_the_oldest_is_used_first_and_other_requests_are_left_alone() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(delay_s=1))
    table.put("submit_sm", Fault(delay_s=2))
    assert table.take("data_sm", 0.0) is HEALTHY
    assert [table.take("submit_sm", 0.0).delay_s for _ in range(2)] == [1, 2]


def test_a_window_of_time_begins_with_the_first_request_and_ends_by_itself() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED, for_s=2.0))
    table.put("submit_sm", Fault(status=Status.ESME_RSYSERR))
    taken = [table.take("submit_sm", now_s).status for now_s in (10.0, 11.9, 12.0, 12.1)]
    assert taken == [Status.ESME_RTHROTTLED, Status.ESME_RTHROTTLED, Status.ESME_RSYSERR, Status.ESME_ROK]


def test_clearing_makes_healthy() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(no_response=True))
    table.clear()
    assert table.take("submit_sm", 0.0) is HEALTHY


def test_too_many_are_refused() -> None:
    table = FaultTable()
    for _ in range(FAULTS_MAX):
        table.put("submit_sm", Fault())
    with pytest.raises(ValueError, match="at most"):
        table.put("submit_sm", Fault())


def test_what_waits_is_shown_with_names() -> None:
    table = FaultTable()
    table.put("receipt", Fault(state=MessageState.EXPIRED, status=Status.ESME_RSYSERR))
    (shown,) = table.waiting()["receipt"]
    assert (shown["state"], shown["status"], shown["count"]) == ("EXPIRED", "ESME_RSYSERR", 1)
