"""`record` as people use it: what comes onto a tape, behind what, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from typer.testing import CliRunner

from simulator.app import Simulator
from simulator.cli import app
from simulator.smsc.mo import Mo, Text
from simulator.tapes.jsonl import write_header
from simulator.tapes.masking import Masks
from simulator.tapes.reading import Reading, read_tape
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import INTERFACE_VERSION, Command
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.text import UCS2
from tests.integration.gateway import ANNA, BORIS, SHORT_CODE
from tests.integration.test_simulator_commands import run
from tests.integration.test_simulator_conformance import UNBIND, say
from tests.integration.test_simulator_tapes import WAIT_S, operator, recording, replayed

BIND_TRANSCEIVER: Final = encode(
    Pdu(Command.BIND_TRANSCEIVER, 0, 1, {"system_id": b"gateway", "interface_version": INTERFACE_VERSION})
)


def sent(simulator: Simulator) -> list[Text]:
    """What subscribers have sent."""
    return [entry.item.text for entry in simulator.smsc.journal.since(0) if isinstance(entry.item, Mo)]


async def test_what_is_no_plain_text_is_played_as_it_was_sent(tmp_path: Path) -> None:
    tape = tmp_path / "monday.jsonl"
    bodies: tuple[dict[str, Any], ...] = (
        {"hex": ""},
        {"hex": "050003010101", "esm_class": 64},
        {"hex": "0605040b8423f0dead", "data_coding": 4, "esm_class": 64},
        {"text": "HELP", "data_coding": 0xF1, "tlvs": {"user_message_reference": "0007"}},
        {"text": "a" * 400, "parts": [3, 1, 2], "gap_s": 0.01},
    )
    async with operator(lambda _: None) as simulator, recording(simulator, (tape, "--texts", "--numbers")):
        async with aiohttp.ClientSession(simulator.http_url) as http:
            for body in bodies:
                async with http.post("/mo?wait=ack", json={"from": ANNA, "to": SHORT_CODE, **body}) as response:
                    assert response.status == 200
        monday = sent(simulator)
    async with operator(lambda _: None) as simulator:
        code, report = await replayed(simulator, tape)
    assert (code, report["states"]) == (0, {"acked": len(bodies)})
    assert sent(simulator) == monday


async def test_half_a_surrogate_pair_comes_onto_no_tape(tmp_path: Path) -> None:
    """A request with one is refused; out of the octets of a gateway it is read as the character for what is none."""
    tape = tmp_path / "monday.jsonl"
    half = {"source_addr": b"1400", "destination_addr": ANNA[1:].encode(), "short_message": b"\xd8\x3d"}
    submit = encode(Pdu(Command.SUBMIT_SM, 0, 2, {**half, "data_coding": UCS2}))
    async with Simulator() as simulator, recording(simulator, (tape, "--texts")):
        async with aiohttp.ClientSession(simulator.http_url) as http:
            body = json.dumps({"from": ANNA, "to": SHORT_CODE, "text": "a\ud800b"})
            async with http.post("/mo", data=body) as response:
                refused = response.status, (await response.json(content_type=None))["detail"]
        await say(simulator.smpp_port, BIND_TRANSCEIVER, submit, UNBIND)
    assert refused == (400, "text: half a surrogate pair is no character; leave it out, or send both halves")
    lines = [json.loads(line) for line in tape.read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines if "text" in line] == ["\ufffd"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("tape.jsonl", "--smsc-port", "2775"), "--smsc-port: only a capture has ports"),
        (("tape.pcapng",), "only .pcap and lines of JSON are written"),
        (("other.pcap",), "something else stands there, and no capture of ours"),
        (("README.md",), "something else stands there, and no tape of ours"),
        (("minimal.jsonl",), "something else stands there, and no tape of ours"),
        ((".",), "is a folder, or its folder is missing"),
        (("no-such-folder/tape.jsonl",), "is a folder, or its folder is missing"),
    ],
)
def test_what_cannot_be_recorded_is_named(tmp_path: Path, words: tuple[str, ...], hint: str) -> None:
    (tmp_path / "other.pcap").write_bytes(bytes.fromhex("a1b2c3d4") + b"\0" * 20)
    (tmp_path / "README.md").write_text("# Our gateway\n", encoding="utf-8")
    (tmp_path / "minimal.jsonl").write_text('{"at_s": 0, "from": "1", "to": "2", "text": "3"}\n', encoding="utf-8")
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in tmp_path.iterdir()}
    file, *rest = words
    result = CliRunner().invoke(app, ["record", str(tmp_path / file), *rest], env={"COLUMNS": "300"})
    assert (result.exit_code, hint in result.output) == (2, True), result.output
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("missing", "played"), [(0, 2), (1, 2), (5, 1)])
async def test_a_tape_that_was_cut_off_is_continued(tmp_path: Path, missing: int, played: int) -> None:
    """Between its octets and the header that follows there must be the end of a line."""
    tape, line = tmp_path / "tape.jsonl", json.dumps({"at_s": 0, "from": ANNA, "to": "1400", "text": "HELP"})
    recorded = f"{write_header(0.0, Masks(texts=False, pseudonyms=None))}\n{line}\n{line}\n".encode()
    tape.write_bytes(recorded[: len(recorded) - missing])
    async with operator(lambda _: None) as simulator, recording(simulator, (tape, "--texts")):
        await simulator.answered(simulator.send_mo(Text(BORIS, SHORT_CODE, "BALANCE")), WAIT_S)
    texts, notes = read_tape(tape, Reading())
    assert ([taped.text.text for taped in texts], notes) == ([*["HELP"] * played, "BALANCE"], [])


async def test_a_recording_without_a_simulator_leaves_no_file(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    code, _, err = await run("record", str(tape), "--url", "http://127.0.0.1:1")
    assert (code, "does not answer" in err, tape.exists()) == (1, True, False)


async def test_nobody_else_reads_a_recording_whatever_was_allowed_before(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    tape.touch(mode=0o644)
    async with Simulator() as simulator, recording(simulator, (tape,)):
        assert tape.stat().st_mode & 0o777 == 0o600
