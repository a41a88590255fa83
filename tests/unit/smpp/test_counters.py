"""Counters whose number a peer cannot drive up."""

from smsgw.smpp.constants import Command
from smsgw.smpp.counters import RECEIVED, SENT, TrafficCounters


def test_counts_by_direction_command_and_status() -> None:
    """Each combination has its own number."""
    counters = TrafficCounters()
    counters.count(SENT, Command.SUBMIT_SM, 0)
    counters.count(RECEIVED, Command.SUBMIT_SM_RESP, 0x58)
    counters.count(RECEIVED, Command.SUBMIT_SM_RESP, 0x58)
    assert counters.as_dict() == {
        ("sent", "submit_sm", "ESME_ROK"): 1,
        ("received", "submit_sm_resp", "ESME_RTHROTTLED"): 2,
    }


def test_foreign_numbers_share_a_key() -> None:
    """A million invented ids and statuses are three counters."""
    counters = TrafficCounters()
    for number in range(0x300, 0x600):
        counters.count(RECEIVED, number, number)
    assert set(counters.as_dict()) == {("received", "unknown", "vendor"), ("received", "unknown", "unknown")}


def test_a_copy_is_given() -> None:
    """Whoever reads the counts cannot change them."""
    counters = TrafficCounters()
    counters.as_dict()["sent", "submit_sm", "ESME_ROK"] = 1
    assert counters.as_dict() == {}
