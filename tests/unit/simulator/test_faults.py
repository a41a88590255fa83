"""Faults come as data, are used up by their count, and name what is wrong with them."""

from __future__ import annotations

import pytest

from simulator.faults import FAULTS_MAX, HEALTHY, Fault, FaultTable, read_faults
from smsgw.smpp.constants import MessageState, Status


def test_a_fault_is_used_up_by_its_count() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(status=Status.ESME_RTHROTTLED, count=2))
    taken = [table.take("submit_sm").status for _ in range(3)]
    assert taken == [Status.ESME_RTHROTTLED, Status.ESME_RTHROTTLED, Status.ESME_ROK]
    assert table.waiting() == {}


def test_the_oldest_is_used_first_and_other_requests_are_left_alone() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(delay_s=1))
    table.put("submit_sm", Fault(delay_s=2))
    assert table.take("data_sm") is HEALTHY
    assert [table.take("submit_sm").delay_s for _ in range(2)] == [1, 2]


def test_clearing_makes_healthy() -> None:
    table = FaultTable()
    table.put("submit_sm", Fault(no_response=True))
    table.clear()
    assert table.take("submit_sm") is HEALTHY


def test_too_many_are_refused() -> None:
    table = FaultTable()
    for _ in range(FAULTS_MAX):
        table.put("submit_sm", Fault())
    with pytest.raises(ValueError, match="at most"):
        table.put("submit_sm", Fault())


def test_a_fault_is_read_from_what_a_request_says() -> None:
    body = {"submit_sm": {"status": "ESME_RTHROTTLED", "count": 3}, "receipt": [{"state": "undeliverable"}, {}]}
    assert read_faults(body) == [
        ("submit_sm", Fault(status=Status.ESME_RTHROTTLED, count=3)),
        ("receipt", Fault(state=MessageState.UNDELIVERABLE)),
        ("receipt", Fault()),
    ]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ([], "an object is needed"),
        ({"submit": {}}, "submit: unknown; there are bind_transmitter"),
        ({"submit_sm": 3}, "submit_sm: an object is needed"),
        ({"submit_sm": {"count": 0}}, "submit_sm: count: 1 to"),
        ({"submit_sm": {"count": True}}, "submit_sm: count: unknown or of a wrong type"),
        ({"submit_sm": {"delay_s": -1}}, "submit_sm: delay_s: 0 to"),
        ({"submit_sm": {"delay_s": "1"}}, "submit_sm: delay_s: unknown or of a wrong type"),
        ({"submit_sm": {"no_response": 1}}, "submit_sm: no_response: unknown or of a wrong type"),
        ({"submit_sm": {"status": "LATER"}}, "submit_sm: 'LATER' is no status"),
        ({"receipt": {"state": "eaten"}}, "receipt: state: unknown"),
    ],
)
def test_a_mistake_is_named(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_faults(body)


def test_what_waits_is_shown_with_names() -> None:
    table = FaultTable()
    table.put("receipt", Fault(state=MessageState.EXPIRED, status=Status.ESME_RSYSERR))
    (shown,) = table.waiting()["receipt"]
    assert (shown["state"], shown["status"], shown["count"]) == ("EXPIRED", "ESME_RSYSERR", 1)
