"""Lines of a tape: what is written, what is read back, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.api.bodies import entry_body
from simulator.api.text_body import read_text
from simulator.smsc.journal import Entry, Kind
from simulator.smsc.mo import Mo, Text
from simulator.tapes.jsonl import read_lines, without_rest, write_header, write_line
from simulator.tapes.masking import Masks, Pseudonyms
from simulator.tapes.tape import NOTHING_TOLD, Recorded
from smsgw.smpp.segments import Method
from smsgw.smpp.text import Alphabet

OPEN = Masks(texts=False, pseudonyms=None)
HIDDEN = Masks(texts=True, pseudonyms=Pseudonyms(b"a key"))
ANNA, HER_DOUBLE = "+998901234567", HIDDEN.number("+998901234567")

HEAD: dict[str, Any] = {"operator": "beeline", "number": ANNA[1:]}
ACKED: dict[str, Any] = {"state": "acked", "status": 0, "status_name": "ESME_ROK", "attempts": 1}
MO: dict[str, Any] = (
    HEAD
    | {"id": 7, "at_s": 12.5, "kind": "mo", "from": ANNA, "to": "1400", "text": "SARKOR*n25656*50000*parol1"}
    | {"segments": 1, "latency_s": 0.1, "long": "sar"}
    | ACKED
)
ANSWER: dict[str, Any] = HEAD | {"id": 8, "at_s": 12.6, "kind": "answer", "mo": 7} | ACKED
MT: dict[str, Any] = (
    HEAD
    | {"id": 9, "at_s": 12.7, "kind": "mt", "from": "1400", "to": ANNA[1:], "text": "Code 483920", "data_coding": 0}
    | {"segments": 1, "message_ids": ["00000001"], "registered_delivery": 0, "validity_period": "", "system_id": "gw"}
)
RECEIPT: dict[str, Any] = HEAD | {"id": 10, "at_s": 12.8, "kind": "receipt", "message_id": "1", "state": "DELIVERED"}
SESSION: dict[str, Any] = HEAD | {
    "id": 11, "at_s": 12.9, "kind": "session", "number": "", "session": 3, "system_id": "gw", "state": "closed"
}  # fmt: skip
MINIMAL = '{"at_s": 0, "from": "1", "to": "2", "text": "3"}'


def lines(*entries: dict[str, Any], masks: Masks = OPEN) -> list[str]:
    """A recording of these entries, header and all."""
    written = [write_line(entry, masks) for entry in entries]
    return [write_header(10.0, masks), *(line for line in written if line is not None)]


def passed(text: Text) -> dict[str, Any]:
    """The entry of GET /traffic of a text that was sent."""
    mo = Mo(7, text, 0.0, lambda _: None)
    mo.deliveries(Alphabet.GSM0338)
    entry: dict[str, Any] = json.loads(json.dumps(entry_body(Entry(7, 12.5, Kind.MO, mo.number, mo, "beeline"))))
    return entry


def test_a_recording_says_what_it_is_and_what_it_hides() -> None:
    assert json.loads(write_header(1.5, HIDDEN)) == {
        "kind": "tape",
        "version": 2,
        "at_s": 1.5,
        "masked": {"texts": True, "numbers": True},
    }
    assert json.loads(write_header(1.5, OPEN))["masked"] == {"texts": False, "numbers": False}


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (MO, {"id": 7, "at_s": 12.5, "operator": "beeline", "kind": "mo", "from": HER_DOUBLE, "to": "1400",
              "text": "xxxxxx*x00000*00000*xxxxx0", "long": "sar", "segments": 1, "masked": True}),
        (ANSWER, {"id": 8, "at_s": 12.6, "operator": "beeline", "kind": "answer", "mo": 7, "state": "acked",
                  "status": 0, "status_name": "ESME_ROK", "attempts": 1}),
        (MT, {"id": 9, "at_s": 12.7, "operator": "beeline", "kind": "mt", "from": "1400", "to": HER_DOUBLE[1:],
              "text": "xxxx 000000", "segments": 1, "data_coding": 0, "message_ids": ["00000001"],
              "system_id": "gw", "masked": True}),
        (RECEIPT, {"id": 10, "at_s": 12.8, "operator": "beeline", "kind": "receipt", "number": HER_DOUBLE[1:],
                   "message_id": "1", "state": "DELIVERED"}),
        (SESSION, {"id": 11, "at_s": 12.9, "operator": "beeline", "kind": "session", "session": 3,
                   "system_id": "gw", "state": "closed"}),
    ],
)  # fmt: skip
def test_a_line_holds_what_the_schema_says_and_hides_the_rest(entry: dict[str, Any], line: dict[str, Any]) -> None:
    written = write_line(entry, HIDDEN)
    assert written is not None
    assert json.loads(written) == line


def test_texts_and_numbers_are_kept_if_told() -> None:
    written = write_line(MO, OPEN)
    assert written is not None
    kept = json.loads(written)
    assert (kept["text"], kept["from"], kept["masked"]) == (MO["text"], ANNA, False)


def test_a_kind_of_later_days_is_not_written() -> None:
    assert write_line({**SESSION, "kind": "weather"}, OPEN) is None


def test_answers_and_replies_are_tied_to_their_texts() -> None:
    later = {**MO, "id": 20, "at_s": 20.0, "text": "483920"}
    refused = {**ANSWER, "id": 21, "at_s": 20.1, "mo": 20, "state": "refused", "status": 8}
    tape = read_lines(lines(MO, ANSWER, MT, RECEIPT, SESSION, later, refused))
    assert [(taped.text.text, taped.recorded) for taped in tape] == [
        ("SARKOR*n25656*50000*parol1", Recorded("acked", 0, ("Code 483920",))),
        ("483920", Recorded("refused", 8, ())),
    ]
    assert [taped.where for taped in tape] == ["line 2", "line 7"]


def test_an_answer_that_is_not_final_tells_nothing() -> None:
    waiting = {**ANSWER, "state": "retrying", "status": 8}
    assert read_lines(lines(MO, waiting))[0].recorded == Recorded("", None, ())


def test_two_recordings_in_one_file_do_not_mix() -> None:
    """Ids count within a recording."""
    refused = {**ANSWER, "at_s": 112.6, "state": "refused", "status": 8}
    tape = read_lines(lines(MO, ANSWER) + lines({**MO, "at_s": 112.5}, refused))
    assert [taped.recorded.state for taped in tape] == ["acked", "refused"]


def test_two_texts_of_one_id_are_both_played() -> None:
    tape = read_lines(lines(MO, {**MO, "at_s": 13.0}))
    assert len(tape) == 2


def test_a_tape_without_a_header_tells_of_replies_only_if_it_has_any() -> None:
    """Tapes of version 1 had texts both ways, those of people only what was sent."""
    old = [line for line in (write_line(entry, OPEN) for entry in (MO, MT)) if line]
    assert read_lines(old)[0].recorded == Recorded("", None, ("Code 483920",))
    assert read_lines([MINIMAL])[0].recorded == NOTHING_TOLD


def test_what_was_masked_is_known_to_be() -> None:
    assert [read_lines(lines(MO, masks=masks))[0].masked for masks in (HIDDEN, OPEN)] == [True, False]


def test_a_text_is_cut_as_it_was() -> None:
    assert [read_lines([line])[0].text.method for line in (lines(MO)[1], MINIMAL)] == [Method.SAR, Method.UDH8]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "HELP", "long": "udh8", "data_coding": 0xF1, "esm_class": 0, "tlvs": {"0x020C": "0007"}},
        {"text": "a" * 400, "long": "sar", "parts": [2, 1, 2], "gap_s": 0.5},
        {"text": "Код", "long": "udh8", "alphabet": "latin1", "source_addr_ton": 5},
        {"hex": "", "long": "udh8"},
        {"hex": "05000301020148454c50", "long": "udh8", "esm_class": 64},
        {"hex": "0605040b8423f0dead", "long": "udh8", "data_coding": 4, "esm_class": 64},
    ],
)
def test_a_text_is_played_as_it_was_sent(body: dict[str, Any]) -> None:
    """Octets for a program stay octets: no person said what they look like as a text."""
    text = read_text({"from": ANNA, "to": "1400", **body})
    assert [taped.text for taped in read_lines(lines(passed(text)))] == [text]


def test_a_line_does_not_say_what_nobody_asked_for() -> None:
    written = json.loads(lines(passed(Text(ANNA, "1400", "a" * 400)))[1])
    assert written.keys() == {"id", "at_s", "operator", "kind", "from", "to", "text", "long", "segments", "masked"}


def test_octets_and_parameters_are_hidden_as_in_a_capture() -> None:
    """Header and ports stay, and all lengths: a program's message stays one."""
    sent = MO | {"text": "secret", "hex": "0605040b8423f0" + b"secret1".hex(), "data_coding": 4, "esm_class": 64}
    sent |= {"tlvs": {"0x0381": b"998901234567".hex(), "0x1400": b"secret".hex(), "0x020A": "0007"}}
    assert b"secret".hex() in lines(sent)[1]
    line = json.loads(lines(sent, masks=HIDDEN)[1])
    assert line["hex"] == "0605040b8423f0" + b"xxxxxx0".hex()
    double = HER_DOUBLE[1:].encode().hex()
    assert line["tlvs"] == {"0x0381": double, "0x1400": b"xxxxxx".hex(), "0x020A": "0007"}


def test_texts_come_in_the_order_of_time() -> None:
    tape = read_lines([MINIMAL.replace("0,", "9,"), "", MINIMAL, '{"kind": "weather", "at_s": "?"}'])
    assert [taped.at_s for taped in tape] == [0, 9]


@pytest.mark.parametrize(
    ("last", "kept", "notes"),
    [
        (MINIMAL[:20], 1, ["left out, line 2: it is cut off"]),
        (MINIMAL, 2, []),
        (MINIMAL[:20] + "\n", 2, []),
        ("HELP", 2, []),
    ],
)
def test_a_last_line_that_was_cut_off_is_left_out(last: str, kept: int, notes: list[str]) -> None:
    """What is wrong otherwise is not: it is to be named."""
    found: list[str] = []
    assert list(without_rest([MINIMAL + "\n", last], found)) == [MINIMAL + "\n", last][:kept]
    assert found == notes


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("HELP", "line 2: "),
        ("[]", "line 2: an object is needed"),
        ('{"at_s": 0, "from": "1", "to": "2"}', "line 2: text: is missing"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": ""}', "line 2: text: 1 to"),
        ('{"at_s": 0, "from": ["1"], "to": "2", "text": "3"}', "line 2: from: a text"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": "\\ud800"}', "line 2: text: half a surrogate pair"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": "3", "id": []}', "line 2: id: a whole number"),
        ('{"kind": "answer", "at_s": 0, "mo": {}, "state": "acked"}', "line 2: mo: a whole number"),
        ('{"kind": "answer", "at_s": 0, "mo": 1, "state": "fine"}', "line 2: 'fine' is not a valid MoState"),
        ('{"kind": "answer", "at_s": 0, "mo": 1, "state": "acked", "status": "0"}', "line 2: status: a number or null"),
        ('{"at_s": 0, "from": "1", "to": "2", "hex": "0"}', "line 2: hex: octets in hexadecimal"),
        ('{"kind": "mt", "at_s": 0, "text": "3"}', "line 2: 'to' is missing"),
        ('{"kind": "mt", "at_s": 0, "to": "1", "text": "\\ud800"}', "line 2: .* surrogates not allowed"),
        ('{"at_s": 0, "from": "1", "to": "2", "text": "3", "long": "tar"}', "line 2: long: 'tar' is none of"),
        ('{"kind": "tape", "version": 3}', "line 2: version: 3 .* there are 1 to 2"),
        ('{"kind": "tape"}', "line 2: 'version' is missing"),
        *[
            (f'{{"at_s": {at_s}, "from": "1", "to": "2", "text": "3"}}', "line 2: at_s: a number of seconds")
            for at_s in ('"soon"', '" 1_0 "', "true", "NaN", "1e999", "-Infinity", "1" + "0" * 400)
        ],
        (
            '{"at_s": 1795892282717, "from": "1", "to": "2", "text": "3"}',
            "line 2: at_s: .* at most 100000000000; milliseconds",
        ),
        ("[" * 100_000, "line 2: maximum recursion depth"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_lines([MINIMAL, line])
