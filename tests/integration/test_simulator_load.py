"""Load as people run it: against a gateway over a socket, by the command or inside a program."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.app import Simulator
from simulator.load.arrivals import Arrivals
from simulator.load.run import run_load
from simulator.load.settings import Behaviour, LoadSettings
from simulator.settings import OperatorSettings, SimulatorSettings
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu
from tests.integration.scripted_gateway import Reply, ScriptedGateway, gateway
from tests.integration.test_simulator_commands import ANY_PORTS, command, pay, run, smpp_port
from tests.integration.test_simulator_conformance import BIND, say

CANCELLED = "Cancelled: 1000 UZS to SARKOR will not be paid"


def pay_with_care(text: str) -> str:
    """Answer as a gateway that knows its code, and a cancellation."""
    if text == "0":
        return CANCELLED
    return pay(text) if not text.isdigit() or text == "483920" else "Wrong code. Tries left: 4"


def twice_refused() -> Reply:
    """Answer as a gateway that does not know the first two who pay."""
    strangers = ["Not registered", "Not registered"]
    return lambda text: strangers.pop() if strangers else pay(text)


@asynccontextmanager
async def bound(simulator: Simulator, reply: Reply) -> AsyncIterator[ScriptedGateway]:
    async with gateway(simulator.smpp_port, reply) as one:
        await simulator.bound(timeout_s=5)
        yield one


async def test_a_gateway_that_stands_still_is_seen_to_do_so() -> None:
    """It stops reading for half a second: whoever was due meanwhile has waited, though one text would have shown it."""
    async with Simulator() as simulator, bound(simulator, lambda _: "Balance: 0") as one:
        wanted = LoadSettings(plain=True, text="BALANCE {n}", rate_per_s=100, duration_s=1.5, count=0)
        running = asyncio.create_task(run_load(simulator, wanted))
        await asyncio.sleep(0.5)
        one.stand_still(0.5)
        report = await running
    slow = sum(count for upper_ms, count in report["distribution"]["whole"] if upper_ms >= 100)
    assert (report["endings"]["done"], report["due"], report["missed"]) == (150, 150, 0)
    assert slow >= 30, "fifty were due in that time, and forty of them waited for more than 100 ms"
    assert report["latency"]["mo_to_ack"]["max_ms"] >= 450


async def test_subscribers_behave_as_they_were_told() -> None:
    shares = {Behaviour.WRONG_CODE: 0.3, Behaviour.CANCEL: 0.3, Behaviour.SILENT: 0.3}
    async with Simulator() as simulator, bound(simulator, pay_with_care):
        wanted = LoadSettings(
            count=100, rate_per_s=500, arrivals=Arrivals.POISSON, think_s=0.05, shares=shares, timeout_s=5.0
        )
        report = await run_load(simulator, wanted)
    endings = {name: count for name, count in report["endings"].items() if count}
    assert set(endings) == {"done", "cancelled", "abandoned"}
    assert (sum(endings.values()), report["failed"], report["unexpected"]) == (100, 0, {})
    assert report["latency"]["code_to_receipt"]["count"] == report["endings"]["done"]


async def test_subscribers_of_several_operators_text_at_their_own() -> None:
    operators = (
        OperatorSettings(name="beeline", prefixes=("99890",)),
        OperatorSettings(name="ucell", prefixes=("99893",)),
    )
    async with (
        Simulator(SimulatorSettings(operators=operators)) as simulator,
        gateway(simulator.network.ports["beeline"], pay),
        gateway(simulator.network.ports["ucell"], pay),
    ):
        await simulator.bound(timeout_s=5, everywhere=True)
        report = await run_load(simulator, LoadSettings(count=40, prefixes=("99890", "99893")))
    assert {name: one["done"] for name, one in report["operators"].items()} == {"beeline": 20, "ucell": 20}


async def load(*words: str) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr of a load against a gateway that pays."""
    async with command("load", *ANY_PORTS, *words) as process, gateway(await smpp_port(process), pay):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def test_the_command_writes_one_page_beside_its_report(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    words = "--dialogues", "60", "--rate", "100", "--ramp", "0.2s", "--warm-up-s", "0.2", "--seed", "7"
    code, out, err = await load(*words, "--arrivals", "poisson", "--html", str(file), "--json")
    report, page = json.loads(out), file.read_text(encoding="utf-8")
    assert (code, report["verdict"]["passed"], str(file) in err) == (0, True, True)
    assert report["started"] + report["warm_up"]["dialogues"] == 60
    assert (report["settings"]["arrivals"], report["settings"]["seed"]) == ("poisson", 7)
    assert f'<data value="{report["latency"]["whole"]["p99_ms"]}">' in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--count", "5", "--p99-ms", "30000"), 0, "passed"),
        (("--count", "5", "--p99-ms", "0.001"), 1, "wanted at most 0.001"),
        (("--ramp", "50:0.1,100:0.1", "--arrivals", "even"), 0, "15 done"),
    ],
)
async def test_thresholds_decide_the_exit_code(words: tuple[str, ...], code: int, said: str) -> None:
    got, out, _ = await load(*words)
    assert (got, said in out) == (code, True), out


async def test_so_many_may_fail_and_no_more() -> None:
    for bound, code in (("40%", 0), ("1", 1)):
        words = "load", *ANY_PORTS, "--count", "5", "--concurrent", "1", "--max-failed", bound
        async with command(*words) as process, gateway(await smpp_port(process), twice_refused()):
            out, _ = await process.communicate()
        assert (process.returncode, b"3 done, 2 refused" in out) == (code, True), out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--share", "sulk=1"), "wrong_code, cancel, silent"),
        (("--html", "no-such-folder/report.html"), "--html"),
    ],
)
async def test_wrong_usage_is_named_before_anything_starts(words: tuple[str, ...], hint: str) -> None:
    code, _, err = await run("load", *ANY_PORTS, *words)
    assert (code, hint in err, "Traceback" in err) == (2, True, False), err


@asynccontextmanager
async def breaking(port: int) -> AsyncIterator[None]:
    """A gateway beside the others that sends a command that is none, and a request with a number that is none."""
    unknown = bytes.fromhex("00000010000000990000000000000002")
    beyond = encode(Pdu(Command.ENQUIRE_LINK, 0, 0x80000001, {}))
    await say(port, BIND, unknown, beyond)
    yield


@pytest.mark.parametrize(("strict", "code"), [(("--strict",), 1), ((), 0)])
async def test_strict_judges_a_load_too(tmp_path: Path, strict: tuple[str, ...], code: int) -> None:
    file = tmp_path / "report.html"
    words = "load", *ANY_PORTS, "--count", "5", "--html", str(file), *strict
    async with command(*words) as process:
        port = await smpp_port(process)
        async with breaking(port), gateway(port, pay):
            out, err = await process.communicate()
    said = [rule for rule in ("must unknown_command", "must sequence_range") if rule in err.decode()]
    assert (process.returncode, len(said)) == (code, 2 * code), err
    assert ("failed: breaches is 2, wanted at most 0" in out.decode()) is bool(code), out
    assert ("the gateway breaks SMPP" in file.read_text(encoding="utf-8")) is bool(code)


async def test_a_report_is_written_though_nobody_reads_what_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    out, into = os.pipe()
    os.close(out)
    words = sys.executable, "-m", "simulator", "load", *ANY_PORTS, "--count", "5", "--html", str(file)
    process = await asyncio.create_subprocess_exec(*words, stdout=into, stderr=PIPE)
    os.close(into)
    async with gateway(await smpp_port(process), pay):
        _, err = await process.communicate()
    assert "verdict passed" in file.read_text(encoding="utf-8"), err


@pytest.mark.parametrize(("strict", "code"), [((), 1), (("--strict",), 0)])
async def test_where_no_pdus_are_kept_no_capture_is_begun(tmp_path: Path, strict: tuple[str, ...], code: int) -> None:
    file = tmp_path / "tape.pcap"
    async with command("load", *ANY_PORTS, *strict) as process:
        await smpp_port(process)
        assert process.stderr is not None
        url = (await process.stderr.readline()).decode().split()[1]
        got, _, err = await run("record", str(file), "--url", url, "--duration", "0.1")
    assert (got, "keeps no PDUs; start `load` with --strict" in err, file.exists()) == (code, bool(code), not code), err


async def test_one_bind_is_not_enough_where_there_are_two_operators() -> None:
    operators = OperatorSettings(name="beeline"), OperatorSettings(name="ucell", prefixes=("99893",))
    async with Simulator(SimulatorSettings(operators=operators)) as simulator, bound(simulator, pay):
        with pytest.raises(TimeoutError, match="at every operator"):
            await simulator.bound(timeout_s=0.05, everywhere=True)
        async with gateway(simulator.network.ports["ucell"], pay):
            await simulator.bound(timeout_s=5, everywhere=True)
