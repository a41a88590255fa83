"""A backup, an hour of business, a lost machine, a restore: a real run, with the commands that people type.

The operator and the billings live on in this process, as they would, and know what the copy does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from simulator.app import Simulator
from simulator.billing.faults import Fault, FaultKind
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Text
from simulator.smsc.mt import Mt
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Difference, Reconciliation
from smsgw.domain.secret import Secret
from smsgw.providers.http import HttpClient
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.service.reconcile import Reconciler
from smsgw.settings.load import load
from smsgw.store.files import read_only
from smsgw.system import SystemChance, SystemClock
from smsgw.web.operations import Operations
from smsgw.wiring import build_providers, opened_store
from tests.house import CHEAP
from tests.integration.gateway import CONFIG, PASSWORD, SECRETS, SHORT_CODE, SMSC, code_in, write_configuration
from tests.integration.running_link import until
from tests.integration.test_protocols import table

# What only a test that fails waits for.
START_S: Final = 30.0
ANSWER_S: Final = 40.0
ANNA, BORIS, VERA = (Msisdn(f"+99890123456{digit}") for digit in (7, 8, 9))
# SARKOR would credit a second payment under one reference, and can be asked nothing; Payme can be asked everything.
BILLINGS: Final = (
    BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="sarkor", dedupes=False),
    BillingSetup(name="payme", protocol="payme", login="Paycom", password="sarkor"),
)
SILENT: Final = (FaultKind.HTTP_STATUS, ("pay", "status", "prepare"))


@dataclass
class Phone:
    """A subscriber who texts, and reads what comes after the last text that was read."""

    simulator: Simulator
    msisdn: Msisdn
    read: int = 0

    async def ask(self, text: str, *words: str) -> Mt:
        """Send a text, and read on to the first that has these words."""
        self.read = self.simulator.send_mo(Text(self.msisdn, SHORT_CODE, text)).id
        return await self.reads(*words)

    async def reads(self, *words: str) -> Mt:
        while True:
            mt = await self.simulator.next_mt(self.msisdn, self.read, ANSWER_S)
            self.read = mt.id
            if all(word in mt.text for word in words):
                return mt


async def typed(config: Path, *words: str) -> str:
    """What a command answers; it must not fail."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "smsgw", *words, "--config", str(config)),
        cwd=CONFIG.parent,
        env=os.environ | SECRETS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@asynccontextmanager
async def started(config: Path, simulator: Simulator) -> AsyncIterator[None]:
    """A gateway that is bound; at the end it is killed, as a machine is lost."""
    command = (sys.executable, "-m", "smsgw", "run", "--config", str(config))
    with config.with_name("gateway.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=CONFIG.parent, env=os.environ | SECRETS, stdout=log, stderr=log
        )
    try:
        await simulator.bound(START_S)
        yield
    finally:
        process.kill()
        await process.wait()


def rows(config: Path, question: str) -> list[tuple[Any, ...]]:
    """Ask the database file, beside the gateway."""
    file = read_only(config.with_name("smsgw.sqlite"))
    with contextlib.closing(sqlite3.connect(file, uri=True)) as connection:
        return connection.execute(question).fetchall()


def configured(folder: Path, simulator: Simulator) -> Path:
    config = write_configuration(folder, simulator, speak="info")
    tables = "\n".join(table(each.name) for each in BILLINGS)
    (folder / "providers.toml").write_text(tables.replace("{url}", simulator.http_url))
    return config


async def enrol(config: Path) -> None:
    configuration = load(config, SECRETS)
    async with opened_store(configuration) as store:
        operations = Operations(configuration.rules, store, SystemChance(), CHEAP)
        for msisdn in (ANNA, BORIS, VERA):
            await operations.add_subscriber(msisdn, Secret(PASSWORD), "en")
            await operations.top_up(msisdn, "100000", "till", msisdn)


class InTwoDays(SystemClock):
    """The day that is compared is over; it counts as over only some minutes after its end."""

    def now_us(self) -> int:
        return super().now_us() + 2 * 24 * 3600 * 1_000_000


async def reconciled(config: Path, day: str) -> tuple[Reconciliation, list[str]]:
    """Payme's day compared with its statement; and what the books have wrong."""
    configuration = load(config, SECRETS)
    async with opened_store(configuration) as store, HttpClient() as http:
        providers = build_providers(configuration.providers, configuration.secrets, http)
        parties = Parties(providers, {})
        outcomes = Outcomes(configuration.rules, {})
        reconciler = Reconciler(configuration.rules, parties, outcomes, store, InTwoDays())
        report = await reconciler.reconcile("payme", day)
        assert isinstance(report, Reconciliation), report
        return report, list(await store.reads.unbalanced())


def credited(simulator: Simulator, name: str) -> dict[str, int]:
    """The provider's own book: the reference of each account's one credit."""
    lines: list[dict[str, Any]] = list(simulator.billings[name].book.lines())
    assert len({line["reference"] for line in lines}) == len(lines), f"{name} credited one reference twice"
    assert len({line["account"] for line in lines}) == len(lines), f"{name} was paid twice for one account"
    return {line["account"]: line["reference"] for line in lines}


@contextlib.contextmanager
def away(simulator: Simulator, name: str) -> Iterator[None]:
    """A provider that answers nothing of use about payments."""
    kind, commands = SILENT
    for command in commands:
        simulator.billings[name].faults.put(Fault(kind=kind, command=command, count=1000))
    yield
    simulator.billings[name].faults.clear()


def logged(folder: Path) -> list[dict[str, Any]]:
    """Every line of the gateway's log."""
    return [json.loads(line) for line in (folder / "gateway.log").read_text().splitlines()]


def today() -> str:
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Tashkent")).date().isoformat()


@pytest.mark.proves("F58")
async def test_after_a_restore_nothing_is_paid_twice_and_what_the_copy_does_not_know_is_named(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings.single(SMSC, providers=BILLINGS)) as simulator:
        # A statement reaches some minutes over its day's end: what comes after a midnight in this run stands there too.
        config, day = configured(tmp_path, simulator), today()
        copy = tmp_path / "copy.sqlite"
        await enrol(config)
        anna, boris, vera = (Phone(simulator, each) for each in (ANNA, BORIS, VERA))
        async with started(config, simulator):
            with away(simulator, "payme"):
                boris_code = code_in(await boris.ask(f"PAYME*boris*5000*{PASSWORD}", "Code "))
                await boris.ask(boris_code, "IN PROCESSING")
                anna_code = code_in(await anna.ask(f"SARKOR*anna*5000*{PASSWORD}", "Code "))
                made = await typed(config, "backup", str(copy))
            await boris.reads("PAID")
            await anna.ask(anna_code, "PAID")
            await vera.ask(code_in(await vera.ask(f"PAYME*vera*7000*{PASSWORD}", "Code ")), "PAID")
        assert "whole and proved" in made

        restored = await typed(config, "restore", str(copy), "--replace")
        assert "asks about every open payment before it pays" in restored
        async with started(config, simulator):
            await boris.reads("PAID")
            await anna.ask(anna_code, "expired")
            receipt = await anna.ask(code_in(await anna.ask(f"PAYME*second*5000*{PASSWORD}", "Code ")), "PAID")
            await until(lambda: rows(config, "SELECT 1 FROM provider_calls WHERE state = 'due'") == [], ANSWER_S)

        sarkor, payme = credited(simulator, "sarkor"), credited(simulator, "payme")
        assert (set(sarkor), set(payme)) == ({"anna"}, {"boris", "vera", "second"})
        states = dict(rows(config, "SELECT account ->> 0, state FROM payments"))
        assert states == {"boris": "executed", "anna": "expired", "second": "executed"}
        assert any(int(word) > 11_000_000 for word in re.findall(r"\d{8}", receipt.text))
        report, wrong = await reconciled(config, day)
        found = [(each.difference, each.their_minor) for each in report.findings]
        assert (found, wrong) == ([(Difference.EXTRA, 700_000)], [])
        assert report.matched.payments == 2
        (told,) = (line for line in logged(tmp_path) if line["event"] == "store.restored")
        assert (told["calls"], told["codes"]) == (1, 1)
