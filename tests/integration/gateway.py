"""A whole gateway beside a simulated operator and simulated billings: real files, real TCP, real HTTP, one process."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from smsgw.app import App, opened
from smsgw.domain.calls import Kind
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.settings.load import Configuration, load
from smsgw.system import SystemChance
from smsgw.web.operations import Operations
from tests.house import CHEAP
from tests.integration.running_link import until

CONFIG: Final = Path(__file__).parents[2] / "config"
SHORT_CODE: Final = "1400"
ANNA, BORIS = Msisdn("+998901234567"), Msisdn("+998901234568")
PASSWORD: Final = "parol1"
PAY: Final = f"SARKOR*n25656*50000*{PASSWORD}"
PAY_COMNET: Final = f"COMNET*ali77*10000*{PASSWORD}"
SECRETS: Final = {"SIMULATOR_PASSWORD": "simpass", "SARKOR_SECRET": "sarkor"}
MASTER: Final = bytes(range(32)).hex()
TOKEN: Final = "token-of-the-operations-api"
# What only a test that fails waits for.
WAIT_S: Final = 15.0
# Of an exchange with a provider, also on a busy machine; and where one must get no answer in time.
DEADLINE_S: Final = 20.0
SHORT_S: Final = 1.0

# Receipts and second attempts at once: nobody learns anything by waiting.
SMSC: Final = SmscSettings(credentials={"smsgw": "simpass"}, receipt_delay_s=0.01, redelivery_delay_s=0.05)
BILLINGS: Final = (
    # The real contract knows no second payment under one reference; here a wrong repeat would be credited.
    BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="sarkor", dedupes=False),
    BillingSetup(name="comnet", protocol="osmp"),
)

SETTINGS: Final = """
[service]
short_code = "1400"
call_centre = "8001003900"
language = "en"
[store]
url = "sqlite:///{folder}/smsgw.sqlite"
[keys]
file = "master.key"
[links.simulator]
host = "127.0.0.1"
port = {smpp_port}
system_id = "smsgw"
password_env = "SIMULATOR_PASSWORD"
[http]
listen = "127.0.0.1:{api_port}"
token_file = "api.token"
[limits]
answers_per_hour = {answers_per_hour}
[log]
level = "{speak}"
"""


def write_configuration(folder: Path, simulator: Simulator, **changes: Any) -> Path:
    """Write the developer's configuration into *folder*, towards this simulator and in a hurry with the providers."""
    values = {"folder": folder, "smpp_port": simulator.smpp_port, "api_port": 0, "speak": "debug"}
    values |= {"answers_per_hour": 20, "pay_deadline_s": DEADLINE_S, **changes}
    (folder / "smsgw.toml").write_text(SETTINGS.format(**values))
    providers = (CONFIG / "providers.toml").read_text().replace("http://127.0.0.1:8090", simulator.http_url)
    for name, more in (("sarkor", ""), ("comnet", "repeat_after_s = 2\ndedupes_by_reference = true\n")):
        hurry = f"[{name}]\npay_deadline_s = {values['pay_deadline_s']}\ncheck_deadline_s = {DEADLINE_S}\n{more}"
        providers = providers.replace(f"[{name}]\n", hurry)
    (folder / "providers.toml").write_text(providers)
    for name in ("words.toml", "replies.toml"):
        (folder / name).write_text((CONFIG / name).read_text())
    for name, secret in (("master.key", MASTER), ("api.token", TOKEN)):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    return folder / "smsgw.toml"


class Gateway:
    """The running gateway, the operator it is bound to, and the subscribers who text."""

    def __init__(self, app: App, simulator: Simulator, configuration: Configuration) -> None:
        self.app = app
        self.simulator = simulator
        self.configuration = configuration
        self.operations = Operations(configuration.rules, app.store, SystemChance(), CHEAP)
        self.file = Path(configuration.settings.store.url.get_secret_value().removeprefix("sqlite:///"))
        self.stop = asyncio.Event()

    async def enrol(self, msisdn: Msisdn = ANNA, language: str = "en", money_in: str = "1000000") -> None:
        """Register a subscriber who has money."""
        await self.operations.add_subscriber(msisdn, Secret(PASSWORD), language)
        await self.operations.top_up(msisdn, money_in, "till", f"first-{msisdn}")

    async def send(self, text: str, msisdn: Msisdn = ANNA, **how: Any) -> Mo:
        """Send a text that must be acknowledged."""
        mo = self.simulator.send_mo(Text(msisdn, SHORT_CODE, text, **how))
        await self.simulator.answered(mo, WAIT_S)
        assert mo.status == 0, f"the text was answered with {mo.status}"
        return mo

    async def ask(self, text: str, msisdn: Msisdn = ANNA, **how: Any) -> Mt:
        """Send a text; the first answer to it."""
        mo = await self.send(text, msisdn, **how)
        return await self.simulator.next_mt(msisdn, mo.id, WAIT_S)

    async def next(self, after: Mt, msisdn: Msisdn = ANNA) -> Mt:
        """The next text after one that came."""
        return await self.simulator.next_mt(msisdn, after.id, WAIT_S)

    async def payment(self, msisdn: Msisdn = ANNA) -> Payment:
        """The subscriber's latest payment."""
        # Not the first of the list: two that were opened in one commit have the same time.
        return max(await self.app.store.reads.payments(msisdn, 20), key=lambda payment: payment.number)

    async def until_state(self, state: State, msisdn: Msisdn = ANNA) -> Payment:
        """Wait until the latest payment is there."""
        latest = "SELECT state FROM payments WHERE msisdn = ? ORDER BY number DESC LIMIT 1"
        await until(lambda: self.rows(latest, msisdn) == [(state.value,)], WAIT_S)
        return await self.payment(msisdn)

    def rows(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        """Ask the database file, beside the gateway."""
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            return connection.execute(question, values).fetchall()

    def credits(self, provider: str) -> list[tuple[str, int]]:
        """The provider's own book: (account, minor units) of each line."""
        lines: list[dict[str, Any]] = list(self.simulator.billings[provider].book.lines())
        return [(line["account"], line["amount_minor"]) for line in lines]

    async def money(self, msisdn: Msisdn = ANNA) -> dict[str, int]:
        """The wallet's four counters."""
        wallet = next(each for each in await self.app.store.reads.accounts() if each.name == f"wallet:{msisdn}")
        return {"taken": wallet.debits_posted, "held": wallet.debits_pending, "paid_in": wallet.credits_posted}

    async def prove(self) -> None:
        """The books balance, nobody was paid twice, and the providers' books say the same as ours."""
        reads = self.app.store.reads
        assert await reads.unbalanced() == []
        for provider, billing in self.simulator.billings.items():
            lines: list[dict[str, Any]] = list(billing.book.lines())
            assert billing.overlaps == 0
            assert len({line["reference"] for line in lines}) == len(lines), f"{provider} credited one payment twice"
            ours = {p.id: p for p in await reads.payments(None, 1000) if p.provider == provider}
            credited = {line["reference"]: line["amount_minor"] for line in lines}
            executed = {p.id: p.amount.minor for p in ours.values() if p.state is State.EXECUTED}
            assert executed.items() <= credited.items(), f"a receipt without a credit at {provider}"
            open_ones = credited.keys() - executed.keys()
            assert all(ours[each].state is State.PROCESSING for each in open_ones), f"a free credit at {provider}"


def code_in(mt: Mt) -> str:
    """The one-time code in a text, in whichever language."""
    found: list[str] = re.findall(r"^(?:Code|Kod|Код) ([0-9]{6})\b", mt.text)
    assert found, f"no code in: {mt.text}"
    return found[0]


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@dataclass(frozen=True, slots=True)
class Payees:
    """Who can be paid: the simulated billings, and their tables for providers.toml, `{url}` for the simulator's."""

    billings: tuple[BillingSetup, ...]
    tables: str


def impatient(configuration: Configuration) -> Configuration:
    """Wait for no provider long: the answer to a payment does not come."""
    providers = {
        name: section.model_copy(update={"pay_deadline_s": SHORT_S})
        for name, section in configuration.providers.items()
    }
    return replace(configuration, providers=providers)


@asynccontextmanager
async def running_gateway(
    folder: Path,
    change: Callable[[Configuration], Configuration] = lambda c: c,
    smsc: SmscSettings = SMSC,
    payees: Payees | None = None,
) -> AsyncIterator[Gateway]:
    """A gateway that is bound, with Anna registered; at the end everything must balance and stop in order."""
    billings = payees.billings if payees else BILLINGS
    async with Simulator(SimulatorSettings.single(smsc, providers=billings)) as simulator:
        file = write_configuration(folder, simulator)
        if payees:
            (folder / "providers.toml").write_text(payees.tables.replace("{url}", simulator.http_url))
        configuration = change(load(file, SECRETS))
        async with opened(configuration) as app:
            gateway = Gateway(app, simulator, configuration)
            running = asyncio.ensure_future(app.run(gateway.stop))
            try:
                await simulator.bound(WAIT_S)
                await gateway.enrol()
                yield gateway
                await gateway.prove()
            finally:
                gateway.stop.set()
                await asyncio.wait_for(running, WAIT_S)


async def call_state(gateway: Gateway, kind: Kind = Kind.PAY) -> str:
    """Where the call of the latest payment stands."""
    call = await gateway.app.store.reads.call((await gateway.payment()).id, kind)
    assert call is not None
    return call.state.value
