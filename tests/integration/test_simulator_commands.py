"""The commands of the simulator as people start them: processes, signals, exit codes."""

from __future__ import annotations

import asyncio
import json
import runpy
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.load.run import run_load
from simulator.load.settings import LoadSettings
from simulator.settings import SimulatorSettings, SmscSettings
from tests.integration.scripted_gateway import Reply, gateway

ANY_PORTS = ("--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0")


def pay(text: str) -> str:
    """Answer as a gateway does that always succeeds."""
    return "44742441 PAID. SARKOR n25656" if text.isdigit() else "Code 483920 - 1000 UZS to SARKOR"


@asynccontextmanager
async def command(*words: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *words, stdout=PIPE, stderr=PIPE, env={"COLUMNS": "200"}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run(*words: str) -> tuple[int | None, str, str]:
    """Exit code, stdout, stderr."""
    async with command(*words) as process:
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def smpp_port(process: Process) -> int:
    """Read where it listens, from its first line."""
    assert process.stderr is not None
    return int((await process.stderr.readline()).split(b":")[1])


async def load(reply: Reply, *words: str) -> tuple[int | None, Any]:
    """Exit code and report of a load against a scripted gateway."""
    async with command("load", *ANY_PORTS, "--json", *words) as process, gateway(await smpp_port(process), reply):
        out, _ = await process.communicate()
        return process.returncode, json.loads(out)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serve_ends_in_order_on_a_signal(number: signal.Signals) -> None:
    async with command("serve", *ANY_PORTS, "--provider", "comnet:osmp") as process:
        assert await smpp_port(process) > 0
        assert process.stderr is not None
        assert b"http://127.0.0.1:" in await process.stderr.readline()
        assert b"/providers/comnet/osmp" in await process.stderr.readline()
        process.send_signal(number)
        assert await process.wait() == 0


async def test_serve_says_which_scenario_it_plays() -> None:
    async with command("serve", *ANY_PORTS, "--scenario", "flaky", "--seed", "7") as process:
        assert await smpp_port(process) > 0
        assert process.stderr is not None
        assert (await process.stderr.readline()).strip() == b"plays Flaky (seed 7)"


async def test_load_pays_and_says_how_it_went() -> None:
    code, report = await load(pay, "--count", "50", "--concurrent", "10")
    assert (code, report["endings"]["done"], report["open"], report["unexpected"]) == (0, 50, 0, {})
    assert report["latency"]["mo_to_ack"]["count"] == 100


async def test_load_at_a_rate_starts_as_many_as_it_was_told() -> None:
    code, report = await load(
        lambda _: "Balance: 0", "--plain", "--text", "BALANCE", "--rate", "100", "--duration", "0.5"
    )
    assert (code, report["started"], report["endings"]["done"]) == (0, 50, 50)


async def test_load_fails_where_a_dialogue_does() -> None:
    code, report = await load(lambda _: "Not registered", "--count", "3")
    assert (code, report["endings"]["refused"], report["unexpected"]) == (1, 3, {"Not registered": 3})


async def test_load_gives_up_when_nobody_binds() -> None:
    code, _, err = await run("load", *ANY_PORTS, "--bind-timeout", "0.1")
    assert (code, "no gateway has bound" in err, "operator" in err) == (1, True, False)


async def test_load_goes_on_when_the_gateway_comes_back() -> None:
    """What a dead gateway had not answered is delivered to the next one: no dialogue is lost."""
    settings = SimulatorSettings.single(SmscSettings(redelivery_delay_s=0.05))
    async with Simulator(settings) as simulator:
        async with gateway(simulator.smpp_port, pay):
            await simulator.bound(timeout_s=5)
            run = LoadSettings(count=2_000, concurrent=50, timeout_s=2.0)
            running = asyncio.create_task(run_load(simulator, run))
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
        assert not running.done()
        async with gateway(simulator.smpp_port, pay):
            report = await running
    # The scripted gateway keeps nothing, so a reply that died with it is missed; a text never is.
    assert report["endings"]["not_taken"] == 0
    assert report["redelivered"] > 0
    assert report["started"] == sum(report["endings"].values())


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("serve", "--smpp", "2775"), "HOST:PORT"),
        (("serve", "--provider", "sarkor:soap"), "soap"),
        (("serve", "--scenario", "flakey"), "bad_afternoon"),
        (("serve", "--provider", "{x:osmp"), "'{x' is no name"),
        (("serve", "--tls-clients", "README.md"), "--tls-clients needs --tls"),
        (("load", "--text", "{acount}"), "{account}"),
        (("record", "tape.jsonl", "--url", "127.0.0.1:8090"), "--url: '127.0.0.1:8090' is no address"),
        (("replay", "no-such-tape.jsonl"), "no-such-tape.jsonl"),
        (("frobnicate",), "frobnicate"),
    ],
)
async def test_wrong_usage_is_named_without_a_traceback(words: tuple[str, ...], hint: str) -> None:
    code, _, err = await run(*words)
    assert (code, hint in err, "Traceback" in err) == (2, True, False), err


def test_ctrl_c_before_a_command_has_begun_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, _: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "simulator.cli", Interrupted("simulator.cli"))
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("simulator", run_name="__main__")
    assert ended.value.code == 130


async def test_a_port_that_is_taken_is_a_failure_with_a_name() -> None:
    async with Simulator() as simulator:
        taken = {"--smpp": simulator.smpp_port, "--http": simulator.http_port}
        for (option, port), who in zip(taken.items(), ("operator", "HTTP"), strict=True):
            code, _, err = await run("serve", *ANY_PORTS, option, f"127.0.0.1:{port}")
            said = (
                f"{who} cannot listen at 127.0.0.1:{port}: Address already in use; choose another address ({option}, "
            )
            assert (code, said in err, "Errno" in err, "Traceback" in err) == (1, True, False, False), err


async def test_without_a_simulator_replay_and_record_say_so(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    tape.write_text('{"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}\n', encoding="utf-8")
    for name, file in (("replay", tape), ("record", tmp_path / "new.jsonl")):
        code, _, err = await run(name, str(file), "--url", "http://127.0.0.1:1")
        assert (code, "does not answer" in err, "Traceback" in err) == (1, True, False), err
