"""What the gateway submits is read as a phone would read it."""

from __future__ import annotations

import pytest

import simulator.smsc.mt
from simulator.smsc.mt import UNFINISHED_S, MtReader
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.segments import Method, Segment, split
from smsgw.smpp.text import Alphabet

LONG = "Код 483920 - 50000 сум для SARKOR n25656. " * 6


def submit(segment: Segment, to: bytes = b"998901234567", command: Command = Command.SUBMIT_SM) -> Pdu:
    fields: dict[str, FieldValue] = {
        "source_addr": b"1400",
        "destination_addr": to,
        "esm_class": int(segment.esm_class),
        "registered_delivery": 1,
        "data_coding": segment.data_coding,
    }
    if command is Command.SUBMIT_SM:
        fields |= {"validity_period": b"000000000500000R", "short_message": segment.short_message}
    return Pdu(command, 0, 1, fields, segment.tlvs)


def parts(method: Method, reference: int = 1) -> tuple[Segment, ...]:
    return split(LONG, Alphabet.GSM0338, method, reference)


@pytest.mark.parametrize("method", Method)
def test_a_long_text_is_one_message_when_all_is_there(method: Method) -> None:
    reader = MtReader(Alphabet.GSM0338)
    read = [reader.read(submit(segment), "gateway", str(n), 0.0) for n, segment in enumerate(parts(method))]
    assert read[:-1] == [None] * (len(read) - 1)
    mt = read[-1]
    assert mt is not None
    assert (mt.text, mt.sender, mt.to, mt.system_id) == (LONG, "1400", "998901234567", "gateway")
    assert (mt.segments, mt.message_ids) == (len(read), tuple(str(n) for n in range(len(read))))
    assert (mt.registered_delivery, mt.validity_period) == (1, "000000000500000R")


def test_parts_to_two_subscribers_under_one_reference_stay_apart() -> None:
    reader = MtReader(Alphabet.GSM0338)
    for segment in parts(Method.UDH8)[:-1]:
        assert reader.read(submit(segment, to=b"1"), "gateway", "a", 0.0) is None
    assert reader.read(submit(parts(Method.UDH8)[-1], to=b"2"), "gateway", "b", 0.0) is None


def test_data_sm_carries_a_text_too() -> None:
    (segment,) = split(LONG, Alphabet.GSM0338, Method.PAYLOAD, 1)
    mt = MtReader(Alphabet.GSM0338).read(submit(segment, command=Command.DATA_SM), "gateway", "a", 0.0)
    assert mt is not None
    assert (mt.text, mt.validity_period) == (LONG, "")


def test_what_is_no_text_is_shown_as_such() -> None:
    broken = Segment(b"\x05\x00\x03\x01\x02\x03", 0x40, 0, ())
    mt = MtReader(Alphabet.GSM0338).read(submit(broken), "gateway", "a", 0.0)
    assert mt is not None
    assert mt.text == "[no text: number]"


def test_of_a_part_that_comes_again_the_latest_counts() -> None:
    reader = MtReader(Alphabet.GSM0338)
    first, *others = parts(Method.UDH8)
    wrong = first._replace(short_message=first.short_message[:6] + bytes(len(first.short_message) - 6))
    for number in range(1_000):
        assert reader.read(submit(wrong), "gateway", str(number), 0.0) is None
    read = [reader.read(submit(segment), "gateway", "x", 0.0) for segment in (first, *others)]
    mt = read[-1]
    assert mt is not None
    assert (mt.text, mt.message_ids) == (LONG, ("x",) * len(read))


@pytest.mark.parametrize(("after_s", "whole"), [(UNFINISHED_S, True), (UNFINISHED_S + 1.0, False)])
def test_parts_that_came_too_long_ago_are_of_another_text(after_s: float, *, whole: bool) -> None:
    reader = MtReader(Alphabet.GSM0338)
    first, *others = parts(Method.UDH8)
    reader.read(submit(first), "gateway", "a", 0.0)
    read = [reader.read(submit(segment), "gateway", "b", after_s) for segment in others]
    assert (read[-1] is not None) is whole


def test_of_too_many_unfinished_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator.smsc.mt, "UNFINISHED_MAX", 1)
    reader = MtReader(Alphabet.GSM0338)
    first, second = parts(Method.UDH8, 1), parts(Method.UDH8, 2)
    reader.read(submit(first[0]), "gateway", "a", 0.0)
    reader.read(submit(second[0]), "gateway", "b", 0.0)
    assert [reader.read(submit(segment), "gateway", "c", 0.0) for segment in first[1:]] == [None] * (len(first) - 1)
