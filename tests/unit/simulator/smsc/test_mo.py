"""A subscriber's text: what may be typed, how it is addressed, and how far it has come."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.smsc.deliveries import Outcome
from simulator.smsc.mo import Mo, MoState, Text, address
from smsgw.smpp.constants import Npi, Status, Ton
from smsgw.smpp.reassembly import Part, Whole, concatenation
from smsgw.smpp.segments import Method
from smsgw.smpp.text import UCS2, Alphabet, decode

LONG = "Оплатите счёт " * 20
REFUSED = Status.ESME_RX_P_APPN
LATER = Status.ESME_RMSGQFUL


def mo(text: Text) -> Mo:
    return Mo(7, text, 0.0, lambda _: None)


@pytest.mark.parametrize(
    ("number", "ton", "npi", "digits"),
    [
        ("+998901234567", Ton.INTERNATIONAL, Npi.ISDN, b"998901234567"),
        ("998901234567", Ton.INTERNATIONAL, Npi.ISDN, b"998901234567"),
        ("1400", Ton.UNKNOWN, Npi.ISDN, b"1400"),
        ("SARKOR", Ton.ALPHANUMERIC, Npi.UNKNOWN, b"SARKOR"),
    ],
)
def test_a_number_is_addressed_as_what_it_is(number: str, ton: int, npi: int, digits: bytes) -> None:
    assert address("source_addr", number) == {"source_addr_ton": ton, "source_addr_npi": npi, "source_addr": digits}


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"sender": "+"}, "from: "),
        ({"sender": "9" * 21}, "from: "),
        ({"recipient": "140٠"}, "to: "),
        ({"recipient": "14\n00"}, "to: "),
        ({"text": ""}, "text: "),
        ({"data_coding": 256}, "data_coding: "),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_name(fields: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Text(**{"sender": "+998901234567", "recipient": "1400", "text": "HELP", **fields})


@pytest.mark.parametrize("method", Method)
def test_a_long_text_travels_by_every_method_whole(method: Method) -> None:
    sent = mo(Text("+998901234567", "1400", LONG, method))
    deliveries = sent.deliveries(Alphabet.GSM0338)
    payloads = []
    for delivery in deliveries:
        esm_class, short_message = delivery.fields["esm_class"], delivery.fields["short_message"]
        assert isinstance(esm_class, int)
        assert isinstance(short_message, bytes)
        match concatenation(esm_class, short_message, delivery.tlvs):
            case Part(payload=payload) | Whole(payload):
                payloads.append(payload)
    assert decode(b"".join(payloads), UCS2) == LONG
    assert sent.segments == len(deliveries) == (1 if method is Method.PAYLOAD else 5)


def test_a_data_coding_may_lie() -> None:
    (delivery,) = mo(Text("1", "2", "Код", data_coding=0)).deliveries(Alphabet.GSM0338)
    assert (delivery.fields["data_coding"], delivery.fields["short_message"]) == (0, "Код".encode("utf-16-be"))


def test_a_text_for_one_gateway_waits_for_that_one() -> None:
    (delivery,) = mo(Text("1", "2", "3").to_system("other")).deliveries(Alphabet.GSM0338)
    assert delivery.system_id == "other"


@pytest.mark.parametrize(
    ("outcomes", "state", "status"),
    [
        ([(0, Outcome.ACKED, 0)], MoState.WAITING, None),
        ([(0, Outcome.ACKED, 0), (1, Outcome.ACKED, 0)], MoState.ACKED, 0),
        ([(0, Outcome.RETRYING, LATER)], MoState.RETRYING, LATER),
        ([(0, Outcome.RETRYING, LATER), (0, Outcome.ACKED, 0), (1, Outcome.ACKED, 0)], MoState.ACKED, 0),
        ([(0, Outcome.RETRYING, None)], MoState.RETRYING, None),
        ([(0, Outcome.REFUSED, REFUSED), (1, Outcome.ACKED, 0)], MoState.REFUSED, REFUSED),
        ([(0, Outcome.REFUSED, REFUSED), (1, Outcome.RETRYING, LATER)], MoState.REFUSED, REFUSED),
        ([(0, Outcome.GIVEN_UP, None)], MoState.GIVEN_UP, None),
    ],
)
def test_it_has_come_as_far_as_its_segments(
    outcomes: list[tuple[int, Outcome, int | None]], state: MoState, status: int | None
) -> None:
    sent = mo(Text("1", "2", "x" * 200))
    deliveries = sent.deliveries(Alphabet.GSM0338)
    for segment, outcome, answer in outcomes:
        deliveries[segment].attempts += 1
        deliveries[segment].answered(deliveries[segment], outcome, answer)
    assert (sent.state, sent.status) == (state, status)


def test_it_is_answered_when_each_segment_was_or_all_is_over() -> None:
    sent = mo(Text("1", "2", "x" * 200))
    first, second = sent.deliveries(Alphabet.GSM0338)
    first.answered(first, Outcome.ACKED, 0)
    assert not sent.answered
    second.answered(second, Outcome.RETRYING, LATER)
    assert (sent.answered, sent.over) == (True, False)
