"""Files as they come: of another encoding, with a mark at their beginning, cut off, or cut short."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import pytest

from simulator.tapes.capture_filter import CaptureFilter
from simulator.tapes.reading import Reading, read_tape
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import FieldValue, Pdu
from tests.unit.simulator.tapes.wire import ipv4, pcap, tcp


@pytest.mark.parametrize(
    ("name", "lines"), [("tape.csv", "from,to,text\n1,2,Код\n"), ("tape.jsonl", '\n{"text": "Код"}\n')]
)
def test_a_tape_of_another_encoding_is_named_with_its_line(tmp_path: Path, name: str, lines: str) -> None:
    (tmp_path / name).write_bytes(lines.encode("cp1251"))
    with pytest.raises(ValueError, match=r"line 2: not UTF-8; save it as UTF-8 \(iconv -f cp1251 -t utf-8\)"):
        read_tape(tmp_path / name, Reading())


def test_a_tape_may_begin_with_a_mark_of_its_encoding_and_end_in_the_middle_of_a_line(tmp_path: Path) -> None:
    line = json.dumps({"at_s": 0, "from": "+998901234567", "to": "1400", "text": "Код"}, ensure_ascii=False)
    tape = tmp_path / "tape.jsonl"
    tape.write_bytes(f"\ufeff{line}\n{line}".encode()[:-3])
    texts, notes = read_tape(tape, Reading())
    assert ([taped.text.text for taped in texts], notes) == (["Код"], ["left out, line 2: it is cut off"])


BODY: Final[dict[str, FieldValue]] = {
    "source_addr": b"998901234567",
    "destination_addr": b"1400",
    "short_message": b"HELP",
}


@pytest.mark.parametrize(
    "content",
    [
        b'{"at_s": 0, "from": "998901234567", "to": "1400", "text": "HELP"}\n',
        pcap((1.0, ipv4(tcp(encode(Pdu(Command.DELIVER_SM, 0, 1, BODY)))), 0), link=101),
    ],
)
def test_a_tape_may_come_through_a_pipe(content: bytes) -> None:
    """It can be read once only: of `cat tape | replay /dev/stdin` nothing comes again."""
    out, into = os.pipe()
    os.write(into, content)
    os.close(into)
    try:
        texts, notes = read_tape(Path(f"/dev/fd/{out}"), Reading())
    finally:
        os.close(out)
    assert ([taped.text.text for taped in texts], notes) == (["HELP"], [])


def test_a_capture_of_cut_packets_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    tape = tmp_path / "tape.pcap"
    octets = encode(Pdu(Command.DELIVER_SM, 0, 1, {"short_message": b"HELP"}))
    packet = ipv4(tcp(octets))
    tape.write_bytes(pcap((1.0, packet[:50], len(packet) - 50), link=101))
    with pytest.raises(ValueError, match=r"octets are missing of 1 of its packets; .*tcpdump -s 0"):
        read_tape(tape, Reading())
    assert read_tape(tape, Reading(wanted=CaptureFilter.of("port 9"))) == ([], [])
