"""The small readers at the edges: tapes, senders, sums, headers and bodies of strangers give a value or a refusal."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, TypeVar

import pytest
from hypothesis import given, strategies as st

from simulator.faults import rule_reading
from simulator.faults.chance import DelayKind
from simulator.faults.fault import SUBJECTS
from simulator.faults.reading import read_faults
from simulator.faults.scenario import Scenario
from simulator.faults.scenario_reading import read_scenario
from simulator.faults.when import GROUPS, PDUS
from simulator.tapes.capture import pdus
from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.captured_texts import texts
from simulator.tapes.csv_tape import read_columns, read_table
from simulator.tapes.jsonl import read_lines
from simulator.tapes.mapping import first_number, read_csv, read_toml
from simulator.tapes.masking import Masks, Pseudonyms
from simulator.tapes.pcap_read import packets
from simulator.tapes.pcap_write import FILE_HEADER, Conversation, End
from simulator.tapes.pdu_masking import masked_frame
from simulator.tapes.tape import Taped
from smsgw.domain.money import CURRENCIES, Money, money
from smsgw.domain.phones import subscriber_number
from smsgw.parser.amount import Doubt, read_amount
from smsgw.providers.retry_after import RETRY_AFTER_S_MAX, retry_after_s
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.text import Alphabet
from smsgw.web import bodies
from smsgw.web.bodies import Body, read_body
from smsgw.web.problems import Problem
from tests.fuzz.budget import cases

Read = TypeVar("Read")
NUMBERS: Final = (
    st.sampled_from([0, -1, 1, 2**63, -(2**80), 10**400, 0.5, 1e300, math.inf, math.nan, True]) | st.floats()
)
WORDS: Final = st.sampled_from(["", "1400", "+998901234567", "\0", "\ud800", "mo", "x" * 70_000]) | st.text(max_size=9)
KEYS: Final = st.sampled_from(
    ["at_s", "from", "to", "text", "kind", "number", "agent", "amount", "key", "reason", "paid", "into", "password",
     "submit_sm", "deliver_sm", "status", "say", "count", "for_s", "delay_s", "no_response", "level", "by_house"]
) | st.text(max_size=5)  # fmt: skip
JSON: Final = st.recursive(
    NUMBERS | WORDS | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=10,
)
DEEP: Final = st.sampled_from(["[", '{"a":']).map(lambda opening: opening * 100_000)
DOCUMENTS: Final = JSON.map(json.dumps) | st.text(max_size=30) | DEEP
KINDS: Final = [kind for kind in vars(bodies).values() if isinstance(kind, type) and issubclass(kind, Body)]
NOW: Final = datetime(2026, 11, 28, tzinfo=UTC)


def lines(text: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    """A line of a tape with one of its members replaced."""
    good = {"at_s": 1.5, "kind": "mo", "from": "+998901234567", "to": "1400", "text": "HELP"}
    return st.builds(lambda key, value: json.dumps({**good, key: value}), KEYS, text)


def read_or_refused(reader: Callable[[Any], Read], value: object) -> Read | ValueError:
    """What is read; the refusal, and no other exception, where nothing is."""
    try:
        return reader(value)
    except ValueError as error:
        return error


@cases(200)
@given(st.lists(DOCUMENTS | lines(JSON), max_size=3))
def test_a_tape_is_read_whole_or_refused_by_its_line(tape: list[str]) -> None:
    """What is read can be sent, in a time that comes."""
    read = read_or_refused(read_lines, tape)
    if isinstance(read, ValueError):
        assert str(read).startswith("line ")
        return
    for taped in read:
        assert isinstance(taped, Taped)
        assert math.isfinite(taped.at_s)
        assert taped.text.text.encode()
    assert [taped.at_s for taped in read] == sorted(taped.at_s for taped in read)


CELLS: Final = st.sampled_from(["from", "to", "text", "at", "1400", "+998901234567", '"', "0", "2026-11-28"]) | WORDS
ROWS: Final = st.lists(CELLS, max_size=5).flatmap(lambda cells: st.sampled_from(",;\t").map(lambda by: by.join(cells)))


@cases(300)
@given(st.just(["from,to,text,at"]) | st.just([]), st.lists(ROWS | st.text(max_size=30), max_size=4))
def test_a_table_is_read_whole_or_refused_by_its_line(header: list[str], rows: list[str]) -> None:
    """What is read can be sent, in a time that comes."""
    read = read_or_refused(lambda table: read_table(table, {}), header + rows)
    if isinstance(read, ValueError):
        assert str(read).startswith("line ")
        return
    for taped in read:
        assert math.isfinite(taped.at_s)
        assert taped.text.text.encode()


@cases(100)
@given(st.sampled_from([read_columns, first_number, read_toml, CaptureFilter.of]), DOCUMENTS | WORDS | ROWS)
def test_what_is_typed_is_read_or_refused(reader: Callable[[str], object], words: str) -> None:
    assert str(read_or_refused(reader, words)) is not None


@cases(100)
@given(st.lists(ROWS, max_size=3))
def test_other_words_are_read_or_refused(rows: list[str]) -> None:
    assert str(read_or_refused(read_csv, rows))


def written() -> bytes:
    """A capture as we write them: a long text in two segments, its answer, a reply."""
    talk = Conversation(End.of("10.0.0.2:50000"), End.of("10.0.0.1:2775"), 1)
    addresses: dict[str, Any] = {"source_addr": b"998901234567", "destination_addr": b"1400"}
    long = encode(Pdu(Command.DELIVER_SM, 0, 1, addresses, ((0x0424, b"x" * 2_000),)))
    reply = encode(Pdu(Command.SUBMIT_SM, 0, 2, {**addresses, "short_message": b"Code 483920"}))
    answer = encode(Pdu(Command.DELIVER_SM_RESP, 0, 1, {}))
    return FILE_HEADER + b"".join(
        (
            talk.opened(1.0),
            talk.said(1.0, long, by_gateway=False),
            talk.said(1.5, answer + reply, by_gateway=True),
            talk.closed(2.0),
        )
    )


WRITTEN: Final = written()
PCAPNG: Final = bytes.fromhex(
    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000 01000000 14000000 0100 0000 00000400 14000000"
)
MAGICS: Final = [WRITTEN[:24], PCAPNG, b"\xa1\xb2\x3c\x4d" + bytes(19) + b"\1"]
CHANGES: Final = st.lists(st.tuples(st.integers(0, len(WRITTEN) - 1), st.integers(0, 255)), max_size=8)
ALL: Final = CaptureFilter()


def changed(changes: list[tuple[int, int]], length: int) -> bytes:
    """Our capture with some octets changed, and cut off."""
    octets = bytearray(WRITTEN)
    for at, octet in changes:
        octets[at] = octet
    return bytes(octets[:length])


CAPTURES: Final = (
    st.builds(changed, CHANGES, st.integers(0, len(WRITTEN)))
    | st.builds(bytes.__add__, st.sampled_from(MAGICS), st.binary(max_size=200))
    | st.binary(max_size=60)
)


@cases(400)
@given(CAPTURES, st.sampled_from(list(Alphabet)))
def test_a_capture_is_read_or_refused_with_the_place(octets: bytes, alphabet: Alphabet) -> None:
    """What is read can be sent."""
    read = read_or_refused(lambda file: texts(pdus(packets(io.BytesIO(file)), ALL).pdus, alphabet), octets)
    if isinstance(read, ValueError):
        assert re.match("no capture|the header of the file|(packet|block) [0-9]+: ", str(read))
        return
    for taped in read.texts:
        assert taped.text.text.encode()
        assert math.isfinite(taped.at_s)


def test_the_capture_that_is_changed_is_a_good_one() -> None:
    """Else nothing behind its headers would ever be tried."""
    found = texts(pdus(packets(io.BytesIO(WRITTEN)), ALL).pdus, Alphabet.GSM0338).texts
    assert [(taped.text.text, taped.recorded) for taped in found] == [("x" * 2_000, ("acked", 0, ()))]


@cases(300)
@given(st.sampled_from(list(Command)), st.binary(max_size=120), st.booleans())
def test_any_pdu_is_masked_within_its_length(command: Command, body: bytes, keyed: bool) -> None:  # noqa: FBT001 -- drawn
    octets = (16 + len(body)).to_bytes(4) + command.to_bytes(4) + bytes(8) + body
    masks = Masks(texts=True, pseudonyms=Pseudonyms(b"a key") if keyed else None)
    assert len(masked_frame(octets, masks)) == len(octets)


FAULTS: Final = st.dictionaries(st.sampled_from(sorted(SUBJECTS)), st.dictionaries(KEYS, JSON, max_size=3), max_size=2)


@cases(200)
@given(JSON | FAULTS)
def test_faults_are_read_or_refused(body: object) -> None:
    assert str(read_or_refused(read_faults, body))


RULES: Final = st.fixed_dictionaries(
    {"pdu": st.sampled_from((*PDUS, *GROUPS)) | JSON},
    optional={key: JSON for key in rule_reading.KEYS if key != "pdu"}
    | {"when": st.dictionaries(st.sampled_from(["text", "data_coding", "system_id"]), JSON, max_size=2)}
    | {"delay_s": st.dictionaries(st.sampled_from(list(DelayKind)), st.lists(NUMBERS, max_size=3), max_size=1)},
)


@cases(200)
@given(RULES | JSON)
def test_a_rule_is_read_or_its_mistakes_are_told(table: object) -> None:
    mistakes: list[str] = []
    rule = rule_reading.read_rule(table, "rule 1", mistakes)
    assert (rule is None) is bool(mistakes)
    assert all(mistake.startswith("rule 1: ") for mistake in mistakes)
    if rule is not None:
        assert math.isfinite(rule.delay.draw(Random(1)))  # noqa: S311 -- the same every time
        assert rule.schedule.next_s(1e6) >= rule.schedule.from_s
        assert json.dumps(rule.described())


@cases(200)
@given(st.text(st.sampled_from("[]{}=.\"'\n#titlerulesphad01- ")) | WORDS)
def test_a_scenario_is_read_or_refused(text: str) -> None:
    read = read_or_refused(lambda toml: read_scenario(toml, "fuzz"), text)
    assert isinstance(read, Scenario) or str(read).startswith("fuzz: ")


@cases(200)
@given(st.text(st.characters(max_codepoint=0xFF), max_size=20) | st.text("+0123456789", max_size=20))
def test_a_sender_is_a_number_of_e164_or_nobody(address: str) -> None:
    number = subscriber_number(address, "UZ")
    assert number is None or (number[0] == "+" and number[1:].isascii() and 7 <= len(number[1:]) <= 15)


SUMS: Final = st.text("0123456789.,' \xa0٣½²−-+eExкkсумUZ$₽_", max_size=14) | st.text(max_size=8)


@cases(400)
@given(SUMS, st.sampled_from(list(CURRENCIES.values())))
def test_a_sum_is_what_its_digits_say_or_none(text: str, currency: object) -> None:
    """Whatever is read as a sum is one whose digits stand in the text, in their order."""
    read = read_amount(text, currency)  # type: ignore[arg-type]  # sampled_from loses the type
    assert isinstance(read, Money | Doubt)
    if isinstance(read, Money):
        assert read.minor >= 0
        typed = "".join(str(int(character)) for character in text if character.isdecimal())
        assert str(read.minor).rstrip("0") == typed.rstrip("0").lstrip("0") or not read.minor


@cases(200)
@given(SUMS | WORDS, st.sampled_from(list(CURRENCIES.values())))
def test_a_sum_of_a_configuration_is_one_or_is_refused(text: str, currency: object) -> None:
    try:
        read = money(text, currency)  # type: ignore[arg-type]
    except ValueError:
        return
    assert text.isascii()
    assert read.minor >= 0


@cases(200)
@given(st.text(max_size=40) | st.text("0123456789 :,GMTNovSatz+-", max_size=40))
def test_retry_after_is_some_seconds_at_most_ten_minutes(header: str) -> None:
    assert 0 <= retry_after_s(header, NOW) <= RETRY_AFTER_S_MAX


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
@cases(40)
@given(DOCUMENTS)
def test_a_body_is_read_or_a_problem_is_named(kind: type[Body], document: str) -> None:
    read = read_body(kind, document.encode(errors="surrogatepass"))
    assert isinstance(read, kind | Problem)
    if isinstance(read, Problem):
        assert read.detail
