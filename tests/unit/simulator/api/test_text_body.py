"""The body of POST /mo: a text, or its octets, whole or in parts."""

from __future__ import annotations

import json
import re

import pytest

from simulator.api.text_body import read_text, write_text
from simulator.smsc.mo import Text
from smsgw.smpp.segments import Method
from smsgw.smpp.text import Alphabet
from smsgw.smpp.tlv import Tag

HEAD = {"from": "+998901234567", "to": "1400"}
PLAIN = {**HEAD, "text": "HELP"}


def test_a_text_needs_three_things_and_takes_more() -> None:
    assert read_text(PLAIN) == Text("+998901234567", "1400", "HELP")
    more = {"long": "sar", "alphabet": "latin1", "data_coding": 8, "system_id": "gateway", "operator": "ucell"}
    assert read_text({**PLAIN, **more}) == Text(
        "+998901234567", "1400", "HELP", Method.SAR, Alphabet.LATIN1, 8, "gateway", "ucell"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"hex": "48454c50"}, "HELP"),
        ({"hex": "48 45 4c 50", "data_coding": 3}, "HELP"),
        ({"hex": "041f0440", "data_coding": 8}, "Пр"),
        ({"hex": "05000301020148454c50", "esm_class": 0x40}, "HELP"),
        ({"hex": ""}, ""),
        ({"hex": "ff", "esm_class": 0x40}, ""),
    ],
)
def test_octets_are_kept_as_they_are_and_shown_as_people_read_them(body: dict[str, object], text: str) -> None:
    read = read_text({**HEAD, **body})
    assert (read.octets, read.text) == (bytes.fromhex(str(body["hex"])), text)


def test_fields_parameters_and_parts_are_read() -> None:
    written = {"protocol_id": 0x7F, "source_addr_ton": 2, "tlvs": {"0x1400": "01ff", "source_port": "00 2a", "5": ""}}
    read = read_text({**PLAIN, **written, "parts": [2, 1, 2], "gap_s": 1})
    assert read.fields == (("protocol_id", 0x7F), ("source_addr_ton", 2))
    assert read.tlvs == ((0x1400, b"\x01\xff"), (Tag.SOURCE_PORT, b"\0*"), (5, b""))
    assert (read.parts, read.gap_s) == ((2, 1, 2), 1.0)


@pytest.mark.parametrize(
    "more",
    [
        {"text": "HELP"},
        {"text": "HELP", "data_coding": 0, "alphabet": "latin1", "esm_class": 0, "tlvs": {"0x1400": "01ff"}},
        {"text": "a" * 400, "long": "sar", "parts": [2, 1], "gap_s": 0.5},
        {"hex": ""},
        {"hex": "0605040b8423f0dead", "data_coding": 4, "esm_class": 64, "dest_addr_npi": 9, "priority_flag": 3},
    ],
)
def test_what_was_read_is_written_as_it_was(more: dict[str, object]) -> None:
    body = {**HEAD, "long": "udh8", **more}
    assert json.loads(json.dumps(write_text(read_text(body)))) == body


def test_where_a_text_goes_out_is_not_written() -> None:
    assert write_text(read_text({**PLAIN, "system_id": "gateway", "operator": "ucell"})) == {**PLAIN, "long": "udh8"}


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("HELP", "an object is needed"),
        ({**PLAIN, "text": 5}, "text: a text is needed"),
        ({**PLAIN, "data_coding": True}, "data_coding: a whole number from 0 to 255"),
        ({**PLAIN, "data_coding": 256}, "data_coding: a whole number from 0 to 255"),
        ({**PLAIN, "dest_addr_npi": -1}, "dest_addr_npi: a whole number"),
        ({**PLAIN, "txt": ""}, "txt: unknown; there are from, to, text, hex"),
        ({"to": "1400", "text": "HELP"}, "from: is missing"),
        (HEAD, "text: is missing"),
        ({**PLAIN, "hex": "00"}, "text, hex: give one of them"),
        ({**HEAD, "hex": "0"}, "hex: octets in hexadecimal"),
        ({**HEAD, "hex": 48}, "hex: octets in hexadecimal"),
        ({**PLAIN, "long": "udh9"}, "long: 'udh9' is none of udh8, udh16, sar, payload"),
        ({**PLAIN, "alphabet": "utf8"}, "alphabet: 'utf8' is none of gsm0338, latin1, ucs2"),
        ({**PLAIN, "from": ""}, "from: 1 to 20"),
        ({**PLAIN, "text": ""}, "text: 1 to 65535 characters"),
        ({**PLAIN, "text": "a\ud800b"}, "text: half a surrogate pair is no character"),
        ({**PLAIN, "parts": []}, "parts: a list of whole numbers"),
        ({**PLAIN, "parts": [0]}, "parts: a list of whole numbers"),
        ({**PLAIN, "parts": [1] * 256}, "parts: at most 255"),
        ({**PLAIN, "gap_s": -1}, "gap_s: seconds from 0"),
        ({**PLAIN, "gap_s": float("nan")}, "gap_s: seconds from 0"),
        ({**PLAIN, "tlvs": []}, "tlvs: an object"),
        ({**PLAIN, "tlvs": {"0x10000": ""}}, "tlvs: '0x10000' is no tag"),
        ({**PLAIN, "tlvs": {"payload": ""}}, "tlvs: 'payload' is no tag"),
        ({**PLAIN, "tlvs": {"0x0424": "00" * 65536}}, "tlvs: a parameter has at most 65535"),
    ],
)
def test_a_mistake_is_named_with_its_mend(body: object, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        read_text(body)
