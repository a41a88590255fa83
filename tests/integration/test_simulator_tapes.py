"""`record` and `replay` as people use them: Monday's dialogue is played on Tuesday, and what is different is said."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from typer.testing import CliRunner

from simulator.app import Simulator
from simulator.cli import app
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.tapes import following, play
from simulator.tapes.following import Door
from simulator.tapes.plan import CODE, Pace, scripts
from simulator.tapes.reading import Reading, read_tape
from simulator.tapes.tape import Taped
from smsgw.smpp.segments import Method
from tests.integration.gateway import ANNA, BORIS, PASSWORD, PAY, SHORT_CODE, code_in, running_gateway
from tests.integration.peers.processes import needs_tshark
from tests.integration.scripted_gateway import Reply, gateway
from tests.integration.test_simulator_commands import command, run

WAIT_S: Final = 15.0
SECRETS: Final = ("n25656", "parol1", "901234567", "SARKOR")


def paying(receipt: str, first_code: int) -> Reply:
    """Answer as a gateway does that always succeeds, with a new code each time; a wrong code is refused."""
    codes: list[str] = []

    def reply(text: str) -> str:
        if text in codes:
            return f"{first_code}7 {receipt} 21.11.26 21:26. SARKOR n25656"
        if text.isdigit():
            return "Wrong code"
        codes.append(str(first_code + len(codes)))
        return f"Code {codes[-1]} - 50000 UZS to SARKOR"

    return reply


@asynccontextmanager
async def operator(reply: Reply, **settings: Any) -> AsyncIterator[Simulator]:
    """A simulator with a scripted gateway."""
    async with (
        Simulator(SimulatorSettings.single(SmscSettings(**settings))) as simulator,
        gateway(simulator.smpp_port, reply),
    ):
        await simulator.bound(timeout_s=5)
        yield simulator


@asynccontextmanager
async def recording(simulator: Simulator, *tapes: Sequence[str | Path]) -> AsyncIterator[None]:
    """Record beside what is done; each tape is its file and its options."""
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(command("record", *map(str, tape), "--url", simulator.http_url))
            for tape in tapes
        ]
        for process in processes:
            assert process.stderr is not None
            assert b"recording" in await asyncio.wait_for(process.stderr.readline(), WAIT_S)
        yield
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [await asyncio.wait_for(process.wait(), WAIT_S) for process in processes] == [0] * len(tapes)


async def ask(simulator: Simulator, number: str, text: str) -> str:
    """Send a text, and wait for the reply."""
    since = simulator.smsc.journal.next_id - 1
    simulator.send_mo(Text(number, SHORT_CODE, text))
    return (await simulator.next_mt(number, since, WAIT_S)).text


async def pay(simulator: Simulator, number: str = ANNA) -> None:
    """One dialogue: a payment, its code, the receipt."""
    code = (await ask(simulator, number, PAY)).split()[1]
    await ask(simulator, number, code)


async def replayed(simulator: Simulator, tape: Path, *words: str) -> tuple[int | None, dict[str, Any]]:
    """Exit code and report of a replay, flat out."""
    words = "replay", str(tape), "--url", simulator.http_url, "--speed", "0", "--reply-timeout", "1", "--json", *words
    code, out, err = await run(*words)
    assert out, err
    return code, json.loads(out)


def names(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is different: which part of which answer, then and now."""
    return [tuple(one.values()) for text in report["different"] for one in text["differences"]]


def said(simulator: Simulator) -> Iterator[tuple[str, str]]:
    """The number and the text of everything said either way."""
    for entry in simulator.smsc.journal.since(0):
        match entry.item:
            case Mo(text=text):
                yield entry.number, text.text
            case Mt(text=text):
                yield entry.number, text


@pytest.mark.parametrize("suffix", ["jsonl", "pcap"])
@pytest.mark.parametrize("options", [(), ("--texts", "--numbers")])
async def test_what_was_recorded_plays_again_and_is_the_same(
    tmp_path: Path, suffix: str, options: tuple[str, ...]
) -> None:
    """Codes are read out of the new replies: other ones than on the tape, which a masked tape does not even show."""
    tape = tmp_path / f"monday.{suffix}"
    async with operator(paying("PAID", 100_000)) as simulator, recording(simulator, (tape, *options)):
        await pay(simulator)
        await pay(simulator, BORIS)
    assert tape.stat().st_mode & 0o077 == 0
    is_open = all(secret.encode() in tape.read_bytes() for secret in SECRETS)
    is_hidden = not any(secret.encode() in tape.read_bytes() for secret in SECRETS)
    assert (is_open, is_hidden) == (bool(options), not options)
    async with operator(paying("PAID", 700_000)) as simulator:
        code, report = await replayed(simulator, tape)
    assert (code, report["sent"], report["states"], report["failures"]) == (0, 4, {"acked": 4}, [])
    assert (report["mo_to_ack"]["count"], report["mo_to_reply"]["count"]) == (4, 4)


async def test_a_reply_that_has_changed_is_shown_and_fails(tmp_path: Path) -> None:
    tape = tmp_path / "monday.jsonl"
    async with operator(paying("PAID", 100_000)) as simulator, recording(simulator, (tape, "--texts", "--numbers")):
        await pay(simulator)
    async with operator(paying("PAYMENT DONE", 100_000)) as simulator:
        code, report = await replayed(simulator, tape)
        shown = await run("replay", str(tape), "--url", simulator.http_url, "--speed", "0")
    assert (code, names(report)) == (1, [("reply 1", "# PAID #. SARKOR n#", "# PAYMENT DONE #. SARKOR n#")])
    assert shown[0] == 1
    assert "2 texts compared with the tape: differences: 1" in shown[1]
    assert "# [-PAID-]{+PAYMENT DONE+} #. SARKOR n#" in shown[1]
    assert "failed: differences: 1, at most 0 may be (--max-differences)" in shown[1]
    assert not any(secret in shown[1] for secret in ("parol1", "100000"))


async def test_our_own_gateway_is_tried_against_its_own_past(tmp_path: Path) -> None:
    """A payment with its code and receipt, a mistake, a balance: all the same on the next day, but for its numbers."""
    tape = tmp_path / "monday.jsonl"
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
    async with running_gateway(tmp_path / "monday") as monday:
        async with recording(monday.simulator, (tape, "--texts", "--numbers")):
            code = await monday.ask(PAY)
            await monday.ask(code_in(code))
            await monday.ask("Nonsense, this")
        assert PASSWORD in tape.read_text(encoding="utf-8")
    async with running_gateway(tmp_path / "tuesday") as tuesday:
        code_and_report = await replayed(tuesday.simulator, tape, "--reply-timeout", "10")
        assert await tuesday.money() == {"taken": 5_000_000, "held": 0, "paid_in": 100_000_000}
    assert (code_and_report[0], names(code_and_report[1])) == (0, [])
    assert code_and_report[1]["states"] == {"acked": 3}


async def test_a_tape_is_played_to_other_people_with_other_passwords(tmp_path: Path) -> None:
    tape, table = tmp_path / "tape.csv", tmp_path / "table.toml"
    tape.write_text(f"from,to,text\n{ANNA},1400,PAY parol1\n{BORIS},1400,PAY parol1\n", encoding="utf-8")
    table.write_text(f'[numbers]\n"{BORIS}" = "+998907654321"\n[words]\nparol1 = "test1"\n', encoding="utf-8")
    async with operator(lambda text: text) as simulator:
        code, _ = await replayed(simulator, tape, "--map", str(table), "--numbers", "998900000000+")
        passed = set(said(simulator))
    assert (code, passed) == (0, {("998900000000", "PAY test1"), ("998907654321", "PAY test1")})


async def test_refused_texts_fail_unless_they_were_refused_then_as_well(tmp_path: Path) -> None:
    tape, plain = tmp_path / "tape.jsonl", tmp_path / "plain.jsonl"
    plain.write_text(json.dumps({"at_s": 0, "from": ANNA, "to": "1400", "text": "HELP"}), encoding="utf-8")
    async with Simulator() as simulator, gateway(simulator.smpp_port, lambda _: None, status=0x45):
        await simulator.bound(timeout_s=5)
        async with recording(simulator, (tape,)):
            mo = simulator.send_mo(Text(ANNA, SHORT_CODE, "HELP"))
            await simulator.answered(mo, WAIT_S)
        as_then, report = await replayed(simulator, tape)
        unknown, other = await replayed(simulator, plain)
    assert (as_then, report["states"], unknown) == (0, {"refused": 1}, 1)
    assert other["failures"] == ["texts not acked: 1, at most 0 may be (--max-refused)"]


async def test_slow_answers_fail_where_a_limit_is_set(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    tape.write_text(json.dumps({"at_s": 0, "from": ANNA, "to": "1400", "text": "HELP"}), encoding="utf-8")
    async with operator(lambda _: "Call us") as simulator:
        slow, report = await replayed(simulator, tape, "--p99-ms", "0", "--reply-p99-ms", "0")
    assert (slow, len(report["failures"])) == (1, 2)


async def test_a_phone_waits_for_its_answers_and_others_do_not_wait_for_it(tmp_path: Path) -> None:
    """The first text of each phone is said before the second of any, though flat out; each has its order."""
    tape = tmp_path / "tape.jsonl"
    texts = [(number, text) for number in (ANNA, BORIS) for text in ("one", "two", "three")]
    lines = [json.dumps({"at_s": at_s, "from": n, "to": "1400", "text": t}) for at_s, (n, t) in enumerate(texts)]
    tape.write_text("\n".join(lines), encoding="utf-8")
    async with operator(lambda text: text.upper()) as simulator:
        code, _ = await replayed(simulator, tape)
        passed = list(said(simulator))
    assert code == 0
    for number in (ANNA, BORIS):
        assert [text for one, text in passed if one == number[1:]] == ["one", "ONE", "two", "TWO", "three", "THREE"]
    assert [text for _, text in passed if text.islower()][:2] == ["one", "one"]


async def test_only_some_of_a_tape_is_played(tmp_path: Path) -> None:
    tape = tmp_path / "tape.csv"
    tape.write_text("from,to,text\n" + f"{ANNA},1400,a\n{BORIS},1400,b\n" * 3, encoding="utf-8")
    async with operator(lambda _: "Call us") as simulator:
        _, report = await replayed(simulator, tape, "--only", ANNA[1:], "--limit", "2", "--rate", "100")
        assert {entry.number for entry in simulator.smsc.journal.since(0) if entry.number} == {ANNA[1:]}
    assert report["sent"] == 2


async def test_without_a_gateway_replay_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = tmp_path / "tape.jsonl"
    tape.write_text(json.dumps({"at_s": 0, "from": ANNA, "to": "1400", "text": "HELP"}), encoding="utf-8")
    monkeypatch.setattr(play, "BOUND_S", 0.2)
    async with Simulator() as simulator:
        player = play.Player(Door(simulator.http_url), {}, re.compile(CODE))
        with pytest.raises(TimeoutError, match="no gateway has bound"):
            await player.play(play.Patience(answer_s=1, reply_s=1), lambda: None)


async def test_tshark_reads_every_recorded_pdu(tmp_path: Path) -> None:
    """Masked or not: no PDU is malformed, no checksum is wrong, nothing is missing, and SMPP is known by its port."""
    tshark = needs_tshark()
    masked, plain = tmp_path / "masked.pcap", tmp_path / "plain.pcap"
    async with operator(paying("PAID", 100_000)) as simulator:
        tapes = (masked, "--smsc-port", "2775"), (plain, "--texts", "--numbers", "--smsc-port", "2775")
        async with recording(simulator, *tapes), gateway(simulator.smpp_port, paying("PAID", 200_000)):
            await pay(simulator)
            for method in Method:
                for long in ("пароль1 [x] " * 40, "parol1 [x] " * 400):
                    mo = simulator.send_mo(Text(ANNA, SHORT_CODE, long, method=method))
                    await simulator.answered(mo, WAIT_S)
        passed = simulator.network.memory.pdus.since(0)
    fields = [await dissected(tshark, tape) for tape in (masked, plain)]
    for packets in fields:
        pdus = [one for packet in packets for one in packet["smpp.command_id"].split(",") if one]
        assert len(pdus) >= len(passed) - 2  # those of the first bind passed before
        assert {packet["_ws.malformed"] + packet["tcp.analysis.flags"] for packet in packets} == {""}
        assert {packet["tcp.checksum.status"] + packet["ip.checksum.status"] for packet in packets} == {"11"}
        assert [packet["tcp.flags.fin"] for packet in packets].count("1") == 2 * 2
    assert [packet["smpp.command_id"] for packet in fields[0]] == [packet["smpp.command_id"] for packet in fields[1]]
    said = ["".join(packet["smpp.message"] + packet["smpp.source_addr"] for packet in packets) for packets in fields]
    secrets = b"parol1".hex(), b"n25656".hex(), ANNA[1:]
    assert [[secret in one for secret in secrets] for one in said] == [[False] * 3, [True] * 3]
    for form in ("pcapng", "nsecpcap"):
        again = tmp_path / f"again.{form}"
        await asyncio.to_thread(
            subprocess.run, [tshark, "-r", plain, "-w", again, "-F", form], check=True, stderr=DEVNULL
        )
        assert read_tape(again, Reading()) == read_tape(plain, Reading())


FIELDS: Final = (
    "smpp.command_id", "smpp.source_addr", "smpp.message", "_ws.malformed", "tcp.analysis.flags",
    "tcp.checksum.status", "ip.checksum.status", "tcp.flags.fin",
)  # fmt: skip


async def dissected(tshark: str, tape: Path) -> list[dict[str, str]]:
    """The fields of each packet, as tshark reads them."""
    options = [word for field in FIELDS for word in ("-e", field)]
    checks = "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"
    process = await asyncio.create_subprocess_exec(
        tshark, "-r", str(tape), *checks, "-T", "fields", *options, stdout=PIPE, stderr=DEVNULL
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in out.decode().splitlines()]


@pytest.mark.parametrize(
    ("name", "content", "words", "hint"),
    [
        ("tape.jsonl", "HELP", (), "tape.jsonl: line 1: "),
        ("tape.csv", "from,to\n", (), "tape.csv: line 1: no column 'text'"),
        ("tape.pcap", "from,to\n", (), "tape.pcap: no capture"),
        ("tape.jsonl", "", (), "tape.jsonl: no text of a subscriber is on it"),
        ("tape.csv", "from,to,text\n1,2,a", ("--code", "("), "--code: no regular expression"),
        ("tape.csv", "from,to,text\n1,2,a", ("--code", "x"), "--code: 'x' has no group"),
        ("tape.csv", "from,to,text\n1,2,a", ("--numbers", "all"), "--numbers: 'all'"),
        ("tape.csv", "from,to,text\n1,2,a", ("--filter", "port 1"), "--filter is for captures"),
        ("tape.csv", "from,to,text\n1,2,a", ("--filter", "udp"), "--filter: 'udp'"),
        ("tape.csv", "from,to,text\n1,2,a", ("--columns", "x"), "--columns: 'x'"),
        ("tape.csv", "from,to,text\n1,2,a", ("--map", "no-such-table.csv"), "--map: no-such-table.csv: No such file"),
        ("tape.csv", "from,to,text\n1,2,a", ("--map", "."), "--map: .: Is a directory"),
        ("tape.csv", "from,to,text\n1,2,a", ("--only", "2"), "or none is left by --only"),
    ],
)
def test_a_tape_that_cannot_be_played_is_named(
    tmp_path: Path, name: str, content: str, words: tuple[str, ...], hint: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", str(tmp_path / name), *words], env={"COLUMNS": "300"})
    assert (result.exit_code, hint in result.output) == (2, True), result.output


async def test_a_replay_that_is_stopped_does_not_call_what_is_under_way_refused(tmp_path: Path) -> None:
    heard = asyncio.Event()
    tape = tmp_path / "tape.csv"
    tape.write_text(f"from,to,text\n{ANNA},1400,HELP\n", encoding="utf-8")
    async with (
        operator(lambda _: heard.set()) as simulator,
        command("replay", str(tape), "--url", simulator.http_url, "--reply-timeout", "60") as process,
    ):
        await asyncio.wait_for(heard.wait(), WAIT_S)
        process.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
    shown = out.decode()
    assert (process.returncode, "1 text sent" in shown, "1 stopped" in shown) == (1, True, True), shown
    assert "stopped: 1 text of the tape" in shown
    assert "not acked" not in shown


async def test_a_simulator_that_goes_while_texts_are_said_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> None:
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(play.Player, "_send", gone)
    tape = [Taped(0.0, Text(number, SHORT_CODE, "HELP")) for number in (ANNA, BORIS)]
    async with operator(lambda _: None) as simulator:
        player = play.Player(Door(simulator.http_url), scripts(tape, Pace(0.0), re.compile(CODE)), re.compile(CODE))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await player.play(play.Patience(answer_s=1, reply_s=1), lambda: None)


async def test_a_simulator_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    monkeypatch.setattr(following, "REQUEST_S", 0.1)
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        url = "http://{}:{}".format(*server.sockets[0].getsockname())
        async with Door(url).open() as http:
            with pytest.raises(TimeoutError):
                await following.get(http, "/health")
        await asyncio.wait_for(gone.wait(), WAIT_S)
