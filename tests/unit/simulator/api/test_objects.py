"""Bodies of requests are read key by key, and a mistake is named with its key."""

from __future__ import annotations

import re

import pytest

from simulator.api.objects import read_order, read_outbind, read_raw
from simulator.faults.fault import Form, IdForm
from simulator.smsc.receipt_desk import ReceiptOrder
from smsgw.smpp.constants import MessageState


@pytest.mark.parametrize(
    ("body", "chunks"),
    [
        ({"hex": "00000010"}, [b"\0\0\0\x10"]),
        ({"hex": "00000010", "chunks": [1, 2]}, [b"\0", b"\0\0", b"\x10"]),
        ({"hex": "00000010", "chunks": [4]}, [b"\0\0\0\x10"]),
    ],
)
def test_octets_are_cut_as_told_and_what_is_left_goes_last(body: object, chunks: list[bytes]) -> None:
    assert read_raw(body) == (chunks, 0.0)


def test_the_gap_between_chunks_is_in_seconds() -> None:
    assert read_raw({"hex": "0001", "chunks": [1], "gap_s": 0.5})[1] == 0.5


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ([], "an object is needed, with any of hex, chunks, gap_s"),
        ({}, "hex: is missing"),
        ({"hex": ""}, "hex: 1 to 70000 octets"),
        ({"hex": "zz"}, "hex: octets in hexadecimal"),
        ({"hex": "00", "chunks": [2]}, "chunks: at most"),
        ({"hex": "00", "chunks": [0]}, "chunks: a list of whole numbers above 0"),
        ({"hex": "00", "gap_s": 61}, "gap_s: seconds from 0 to 60"),
        ({"hex": "00", "gap_s": True}, "gap_s: seconds from 0 to 60"),
        ({"hex": "00", "gaps": 1}, "gaps: unknown; there are hex, chunks, gap_s"),
    ],
)
def test_a_mistake_in_raw_octets_is_named(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        read_raw(body)


def test_a_receipt_by_hand_has_defaults() -> None:
    assert read_order({}) == ReceiptOrder()
    written = {"state": "undeliverable", "copies": 2, "form": "text", "id": "decimal"}
    assert read_order(written) == ReceiptOrder(MessageState.UNDELIVERABLE, 2, Form.TEXT, IdForm.DECIMAL)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"state": "LOST"}, "state: 'LOST' is none of ENROUTE, DELIVERED"),
        ({"copies": 0}, "copies: a whole number from 1 to 20"),
        ({"form": "xml"}, "form: 'xml' is none of both, text, tlvs"),
        ({"id": 5}, "id: 5 is none of same, hex, decimal"),
    ],
)
def test_a_mistake_in_a_receipt_is_named(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        read_order(body)


def test_an_outbind_needs_a_place() -> None:
    where = {"host": "127.0.0.1", "port": 2776}
    assert read_outbind(where) == where
    assert read_outbind({**where, "system_id": "smsc", "password": "", "operator": "ucell"})["operator"] == "ucell"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"port": 1}, "host: is missing"),
        ({"host": "h", "port": 0}, "port: a whole number from 1 to 65535"),
        ({"host": "h", "port": 1, "system_id": "x" * 16}, "system_id: at most 15 ASCII characters"),
        ({"host": "h", "port": 1, "password": "x" * 9}, "password: at most 8 ASCII characters"),
        ({"host": "h", "port": 1, "password": "ключ"}, "password: at most 8 ASCII characters"),
    ],
)
def test_a_mistake_in_an_outbind_is_named(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        read_outbind(body)
