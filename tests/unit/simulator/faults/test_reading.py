"""Faults come as data, and name what is wrong with them."""

from __future__ import annotations

import pytest

from simulator.faults.fault import REPEATS_MAX, Fault
from simulator.faults.reading import read_faults
from simulator.faults.utterances import Utterance
from smsgw.smpp.constants import MessageState, Status


def test_everything_that_can_be_said_can_be_asked_for() -> None:
    """One or a list, by name."""
    names = [what.value for what in Utterance]
    ((_, one),) = read_faults({"connection": {"say": "outbind", "mute_after": True}})
    ((_, some),) = read_faults({"submit_sm": {"say": names[:REPEATS_MAX], "octet_every_s": 0.01}})
    assert (one.say, one.mute_after) == ((Utterance.OUTBIND,), True)
    assert (some.say, some.octet_every_s) == (tuple(Utterance)[:REPEATS_MAX], 0.01)


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
        ({"submit": {}}, "submit: unknown; there are connection, bind_transmitter"),
        ({"submit_sm": 3}, "submit_sm: an object is needed"),
        ({"submit_sm": {"count": 0}}, "submit_sm: count: 1 to"),
        ({"submit_sm": {"count": True}}, "submit_sm: count: a whole number"),
        ({"submit_sm": {"delay_s": -1}}, "submit_sm: delay_s: 0 to"),
        ({"submit_sm": {"delay_s": "1"}}, "submit_sm: delay_s: a number"),
        ({"submit_sm": {"no_response": 1}}, "submit_sm: no_response: true or false"),
        ({"submit_sm": {"status": "LATER"}}, "submit_sm: status: 'LATER' is no status"),
        ({"submit_sm": {"stauts": 8}}, "submit_sm: stauts: unknown; there are count, for_s"),
        ({"submit_sm": {"say": ["response", "hello"]}}, "submit_sm: say: 'hello' is none of response, wrong_sequence"),
        ({"submit_sm": {"say": ["response"] * 21}}, "copies, say: at most 20"),
        ({"submit_sm": {"for_s": 1e9}}, "for_s: 0 to"),
        ({"submit_sm": {"octet_every_s": -1}}, "octet_every_s: 0 to"),
        (
            {"receipt": {"status": 8, "count": 2}},
            "receipt: status: not for receipt, which can be given copies, delay_s",
        ),
        ({"submit_sm": {"delay_s": 1, "state": "EXPIRED"}}, "submit_sm: state: not for submit_sm, which can be given"),
        ({"receipt": {"copies": 0}}, "receipt: copies, say: at most"),
        ({"receipt": {"form": "letter"}}, "receipt: form: 'letter' is none of both, text, tlvs"),
        ({"receipt": {"id": 7}}, "receipt: id: 7 is none of same, hex, decimal"),
        ({"receipt": {"state": None}}, "receipt: state: None is none of"),
        ({"receipt": {"state": "eaten"}}, "receipt: state: 'eaten' is none of ENROUTE"),
    ],
)
def test_a_mistake_is_named(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_faults(body)
