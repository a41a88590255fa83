"""A rule is about the PDUs whose fields are as it says."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.faults.when import CLOCK, PDUS, Seen, fields_of, read_when
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.segments import Method, split
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tlvs

SUBMIT = frozenset({"submit_sm"})
FIELDS: dict[str, FieldValue] = {
    "service_type": b"",
    "source_addr": b"1400",
    "destination_addr": b"998931234567",
    "esm_class": 0,
    "data_coding": 0,
    "short_message": b"Code 483920",
}


def seen(tlvs: Tlvs = (), fields: dict[str, FieldValue] | None = None) -> Seen:
    return Seen("submit_sm", 1, "shop", Pdu(Command.SUBMIT_SM, 0, 1, FIELDS | (fields or {}), tlvs))


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"destination_addr": "99893.*"}, True),
        ({"destination_addr": "99893"}, False),
        ({"destination_addr": "93.*"}, False),
        ({"service_type": ""}, True),
        ({"system_id": "shop|bank"}, True),
        ({"system_id": "SHOP"}, False),
        ({"data_coding": 0}, True),
        ({"data_coding": 8}, False),
        ({"data_coding": [4, 0]}, True),
        ({"text": ".*483920"}, True),
        ({"text": "483920"}, False),
        ({"destination_addr": "99893.*", "data_coding": 8}, False),
    ],
)
def test_every_field_must_be_as_it_says(when: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 -- a column
    assert read_when(when, SUBMIT).fits(seen()) is fits


def test_a_pattern_may_reach_over_lines() -> None:
    assert read_when({"text": "Code.*min"}, SUBMIT).fits(seen(fields={"short_message": b"Code 1\n5 min"}))


@pytest.mark.parametrize("method", list(Method))
def test_a_text_is_that_of_its_part_without_any_header(method: Method) -> None:
    parts = split("Оплата " * 30, Alphabet.GSM0338, method, 7)
    when = read_when({"text": "(Оплата |[ Оплатa-яА-я])+"}, SUBMIT)
    for part in parts:
        coding: dict[str, FieldValue] = {"esm_class": int(part.esm_class), "data_coding": part.data_coding}
        assert when.fits(seen(part.tlvs, coding | {"short_message": part.short_message}))


def test_what_cannot_be_read_is_a_text_too() -> None:
    """A broken header is matched as it stands, and raises nothing."""
    assert not read_when({"text": "x"}, SUBMIT).fits(seen(fields={"esm_class": 0x40, "short_message": b"\xff"}))


@pytest.mark.parametrize("pdu", PDUS)
def test_passwords_and_octets_are_not_to_be_asked(pdu: str) -> None:
    assert not {"password", "short_message"} & fields_of(frozenset({pdu})).keys()


@pytest.mark.parametrize(
    ("pdus", "has", "lacks"),
    [
        ({"submit_sm"}, "destination_addr", "address_range"),
        ({"bind_receiver"}, "address_range", "text"),
        ({"submit_sm", "data_sm"}, "text", "priority_flag"),
        ({"receipt"}, "destination_addr", "priority_flag"),
        ({"replace_sm"}, "message_id", "text"),
        ({"submit_multi"}, "source_addr", "dest_addresses"),
        ({"enquire_link"}, "system_id", "text"),
        ({CLOCK}, "system_id", "text"),
    ],
)
def test_only_what_all_of_them_have_is_to_be_asked(pdus: set[str], has: str, lacks: str) -> None:
    names = fields_of(frozenset(pdus))
    assert has in names
    assert lacks not in names


def test_of_a_connection_nothing_is_known() -> None:
    assert fields_of(frozenset({"connection"})) == {}


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ([], "a table is needed"),
        ({"colour": "red"}, "colour: not to be asked of these PDUs; there are system_id, service_type"),
        ({"data_coding": "8"}, "data_coding: a whole number is needed, or a list of them"),
        ({"data_coding": []}, "data_coding: a whole number"),
        ({"data_coding": [True]}, "data_coding: a whole number"),
        ({"text": 8}, "text: a regular expression is needed, of at most 1000"),
        ({"text": "x" * 1_001}, "text: a regular expression is needed"),
        ({"text": "("}, r"text: '\(' is no regular expression"),
        ({"text": "(", "data_coding": ""}, "text: .*; data_coding: "),
    ],
)
def test_mistakes_are_named_all_at_once(when: object, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_when(when, SUBMIT)
