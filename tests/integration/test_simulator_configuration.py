"""`serve --config` as people start it: what it serves, and what it says of a file that it cannot use."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import aiohttp

from tests.integration.raw_smsc import WAIT_S

TOKEN = "0123456789abcdef"
FILE = """
[http]
listen = "127.0.0.1:0"
token_env = "SIM_TOKEN"

[operators.beeline]
listen = "127.0.0.1:0"
prefixes = ["99890"]
accounts = { gateway = { password_env = "GATEWAY" } }

[operators.ucell]
listen = "127.0.0.1:0"

[providers.comnet]
protocol = "osmp"
"""


async def run(*words: str) -> tuple[int | None, str]:
    """Exit code and stderr of a command that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *words, stdout=PIPE, stderr=PIPE, env={**os.environ, "COLUMNS": "200"}
    )
    _, err = await asyncio.wait_for(process.communicate(), WAIT_S)
    return process.returncode, err.decode()


async def test_a_file_starts_all_that_it_says(tmp_path: Path) -> None:
    file = tmp_path / "simulator.toml"
    file.write_text(FILE, encoding="utf-8")
    environment = {**os.environ, "SIM_TOKEN": TOKEN, "GATEWAY": "secret1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "serve", "--config", str(file), stdout=PIPE, stderr=PIPE, env=environment
    )
    assert process.stderr is not None
    try:
        said = [(await asyncio.wait_for(process.stderr.readline(), WAIT_S)).decode().split() for _ in range(4)]
        assert [line[-1] for line in said[:2]] == ["beeline", "ucell"]
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(said[2][1]) as http, http.get("operators", headers=bearer) as response:
            operators = (await response.json())["operators"]
        assert [(one["name"], f"127.0.0.1:{one['port']}") for one in operators] == [
            (line[2], line[1]) for line in said[:2]
        ]
        assert "secret1" not in json.dumps(operators)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), WAIT_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_file_that_cannot_be_used_is_mended_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "simulator.toml"
    file.write_text('[operators.a]\nlisten = "2775"\nwindw = 3\n[providers.p]\nprotocol = "soap"\n', encoding="utf-8")
    code, said = await run("serve", "--config", str(file))
    assert (code, "Traceback" in said) == (2, False)
    heads = [line.split(": ")[:2] for line in said.splitlines()]
    keys = ["operators.a.listen", "operators.a.windw", "providers.p.protocol"]
    assert heads == [[str(file), key] for key in keys]
