"""Other people's programs beside a test: whether they are installed, and how each of ours is ended, by its own pid."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from typing import Final

import pytest

END_S: Final = 2.0
"""How long a program gets to end by itself before it is killed."""

# Debian puts daemons where a plain user's PATH does not look.
WHERE: Final = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def program(name: str) -> str | None:
    """The path of a program, or None."""
    return shutil.which(name, path=WHERE)


def has_perl(*modules: str) -> bool:
    """Whether Perl is here, with all of these modules."""
    perl = program("perl")
    if perl is None:
        return False
    command = [perl, *(f"-M{module}" for module in modules), "-e1"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 -- names of our own


def needs_net_smpp() -> None:
    """Skip the module that asks, where Net::SMPP is missing."""
    if not has_perl("Net::SMPP", "JSON::PP", "IO::Select"):
        reason = "no Net::SMPP for Perl on this machine (Debian: apt-get install libnet-smpp-perl)"
        pytest.skip(reason, allow_module_level=True)


def needs_kannel() -> None:
    """Skip the module that asks, where Kannel is missing."""
    if program("bearerbox") is None or program("smsbox") is None:
        reason = "no Kannel on this machine (Debian: apt-get install --no-install-recommends kannel)"
        pytest.skip(reason, allow_module_level=True)


def needs_tshark() -> str:
    """The path of tshark; skip the test that asks, where it is missing."""
    path = program("tshark")
    if path is None:
        pytest.skip("no tshark on this machine (Debian: apt-get install --no-install-recommends tshark)")
    return path


async def ended(process: asyncio.subprocess.Process) -> int:
    """End a process that a test has started; its exit status."""
    if process.stdin is not None:
        process.stdin.close()
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        return await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        process.kill()
        return await process.wait()
