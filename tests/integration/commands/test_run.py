"""`smsgw run` as a service manager runs it: only log lines, signals, exit codes."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smsgw.settings.load import environment, load


@contextmanager
def running(**changes: str) -> Iterator[subprocess.Popen[str]]:
    """`smsgw run` in the test's folder; killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "smsgw", "run"],
        env=os.environ | {"SMSGW_LOG__FORMAT": "json"} | changes,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        yield process
        process.kill()


def enrol() -> None:
    """Ask for something that has to be written."""
    command = [sys.executable, "-m", "smsgw", "subscriber", "add", "+998901234567", "--password-stdin"]
    subprocess.run(command, input="parol1\n", text=True, capture_output=True, timeout=60, check=False)  # noqa: S603 -- words of our own


def events(process: subprocess.Popen[str], until: str) -> list[str]:
    """The names of the events up to this one; every line must be JSON."""
    assert process.stderr is not None
    names: list[str] = []
    for line in process.stderr:
        names.append(json.loads(line)["event"])
        if names[-1] == until:
            break
    return names


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("machine")
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    with running() as process:
        assert "service.started" in events(process, "service.started")
        process.send_signal(number)
        assert events(process, "service.stopped")[-1] == "service.stopped"
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.usefixtures("machine")
def test_a_configuration_that_cannot_be_used_is_two() -> None:
    with running(SMSGW_OTP__DIGITS="3") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert "SMSGW_OTP__DIGITS" in err
    assert "Traceback" not in err


def test_a_taken_port_is_named(machine: Path) -> None:
    host, port = load(machine / "config" / "smsgw.toml", environment()).settings.http.address
    with socket.create_server((host, port)), running() as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"smsgw: http.listen {host}:{port}: " in err
    assert "Traceback" not in err


@pytest.mark.proves("F16")
def test_a_second_gateway_on_the_same_store_is_refused(machine: Path) -> None:
    with running() as first:
        assert events(first, "service.started")
        with running(SMSGW_HTTP__LISTEN="127.0.0.1:1") as second:
            _, err = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"in use by process {first.pid}" in err
    assert (machine / "var" / "smsgw.sqlite").exists()


@pytest.mark.proves("F14")
def test_a_damaged_database_is_two_so_that_nobody_starts_it_again_and_again(machine: Path) -> None:
    (machine / "var" / "smsgw.sqlite").write_bytes(b"no database " * 1000)
    with running() as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert (
        "smsgw.sqlite is damaged (file is not a database); keep it and its -wal, and restore the latest backup" in err
    )
    assert "Traceback" not in err


@pytest.mark.proves("F11")
@pytest.mark.usefixtures("machine")
def test_a_disk_that_fails_ends_it_with_one_so_that_a_restart_checks_the_file() -> None:
    """The system refuses to write another octet, which is an I/O error; the next commit meets it."""
    with running() as process:
        assert events(process, "service.started")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, 1))
        # At night a gateway that nobody asks may have nothing to write for hours; by day it may have ended before this.
        enrol()
        told = events(process, "store.broken")
        assert process.stdout is not None
        assert process.stderr is not None
        # What came with those lines is read already, and `communicate` would miss it.
        err, out = process.stderr.read(), process.stdout.read()
        process.wait(timeout=30)
    assert (process.returncode, out, told[-1]) == (1, "", "store.broken")
    assert "store.transaction_failed" in told
    assert err.endswith("smsgw: the storage has failed; a restart checks the file before anything is taken\n")
    assert "Traceback" not in err
    with running() as process:
        assert "service.started" in events(process, "service.started")
