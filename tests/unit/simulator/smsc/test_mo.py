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
        ({"text": "👍\ud83d"}, "text: half a surrogate pair"),
        ({"data_coding": 256}, "data_coding: "),
        ({"fields": (("esm_class", 256),)}, "esm_class: "),
        ({"parts": (1,) * 256}, "parts: "),
        ({"gap_s": -1.0}, "gap_s: "),
        ({"octets": bytes(65_536)}, "hex: "),
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
    for outcome in (Outcome.RETRYING, Outcome.RETRYING, Outcome.ACKED):
        first.attempts += 1
        first.answered(first, outcome, 0)
        assert not sent.answered, "the second was not answered yet, however often the first was"
    second.attempts += 1
    second.answered(second, Outcome.RETRYING, LATER)
    assert (sent.answered, sent.over) == (True, False)


def octets_of(text: Text) -> list[tuple[Any, Any]]:
    return [(one.fields["esm_class"], one.fields["short_message"]) for one in mo(text).deliveries(Alphabet.GSM0338)]


@pytest.mark.parametrize("octets", [b"", b"\x00\xff", b"x" * 254])
def test_octets_go_as_they_are_while_one_message_holds_them(octets: bytes) -> None:
    assert octets_of(Text("1", "2", "", octets=octets)) == [(0, octets)]


@pytest.mark.parametrize("method", Method)
def test_more_octets_are_cut_and_are_whole_again_at_the_other_end(method: Method) -> None:
    octets = bytes(range(255)) * 2
    deliveries = mo(Text("1", "2", "", method, octets=octets)).deliveries(Alphabet.GSM0338)
    read = []
    for delivery in deliveries:
        esm_class, short_message = delivery.fields["esm_class"], delivery.fields["short_message"]
        assert isinstance(esm_class, int)
        assert isinstance(short_message, bytes)
        assert len(short_message) <= 140
        read.append(concatenation(esm_class, short_message, delivery.tlvs))
    assert b"".join(part.payload for part in read if isinstance(part, Part | Whole)) == octets
    assert [part.number for part in read if isinstance(part, Part)] == ([] if len(read) == 1 else [1, 2, 3, 4])


def test_more_octets_than_parts_can_hold_are_refused() -> None:
    with pytest.raises(ValueError, match=r"hex: .* 255 are the most"):
        octets_of(Text("1", "2", "", octets=bytes(134 * 255 + 1)))
    assert len(octets_of(Text("1", "2", "", octets=bytes(134 * 255)))) == 255


@pytest.mark.parametrize(
    ("parts", "sent", "texts"),
    [((), (1, 2, 3), "abc"), ((3, 1, 2), (3, 1, 2), "cab"), ((2, 1, 2), (2, 1, 2), "bab"), ((3,), (3,), "c")],
)
def test_parts_go_in_any_order_again_and_again_or_not_at_all(
    parts: tuple[int, ...], sent: tuple[int, ...], texts: str
) -> None:
    text = mo(Text("1", "2", "a" * 153 + "b" * 153 + "c" * 153, parts=parts))
    deliveries = text.deliveries(Alphabet.GSM0338)
    assert "".join(str(one.fields["short_message"], "ascii")[-1] for one in deliveries) == texts  # type: ignore[arg-type]
    assert (text.parts, text.parts_total, text.segments) == (sent, 3, len(sent))


def test_a_part_that_the_text_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="parts: this text has the parts 1 to 1"):
        mo(Text("1", "2", "HELP", parts=(2,))).deliveries(Alphabet.GSM0338)


def test_fields_and_parameters_go_into_each_deliver_sm_as_they_are() -> None:
    fields = (("esm_class", 0x08), ("source_addr_ton", 5), ("protocol_id", 0x7F))
    (delivery,) = mo(Text("+998901234567", "1400", "HELP", fields=fields, tlvs=((0x1400, b"x"),))).deliveries(
        Alphabet.GSM0338
    )
    assert dict(fields).items() <= delivery.fields.items()
    assert (delivery.fields["source_addr_npi"], delivery.tlvs) == (Npi.ISDN, ((0x1400, b"x"),))


def test_what_is_no_deliver_sm_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="short_message and message_payload exclude each other"):
        mo(Text("1", "2", "HELP", tlvs=((0x0424, b"x"),))).deliveries(Alphabet.GSM0338)
