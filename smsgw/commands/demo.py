"""`smsgw demo`: one whole payment on this machine, with nothing from outside.

Two processes talk as they would in the field: this one is the operator's SMSC, the provider's billing and the
subscriber's phone; the other one is the gateway, with its database on disk.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
import time
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.align import Align
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Text
from smsgw.commands.client import Client
from smsgw.commands.stage import Stage, gateway, set_up, why_it_ended
from smsgw.commands.terminal import Failed, out
from smsgw.domain.secret import Secret
from smsgw.web.documents import Document
from smsgw.web.problems import Problem

SUBSCRIBER: Final = "+998901234567"
PASSWORD: Final = "parol1"  # noqa: S105 -- the example of the readme, of a subscriber who does not exist
SHORT_CODE: Final = "1400"
PROVIDER: Final = "sarkor"
ORDER: Final = f"SARKOR*n25656*50000*{PASSWORD}"
CASH: Final = "200000"
CODE: Final = re.compile(r"\b[0-9]{6}\b")
# A start takes about a second and an answer some milliseconds; a busy machine may take ten times as long.
START_S: Final = 30.0
ANSWER_S: Final = 20.0
WIDTH_MAX: Final = 80
BUBBLE_WIDTH: Final = 56


def demo(config: Path, *, once: bool) -> None:
    """Play the dialogue; without *once*, keep the phone page open until Ctrl-C."""
    asyncio.run(_demo(config, once=once))


async def _demo(config: Path, *, once: bool) -> None:
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        with TemporaryDirectory(prefix="smsgw-demo-") as folder:
            await _stage(config, Path(folder), once=once)
    except asyncio.CancelledError:
        raise Failed("stopped before the end") from None


async def _stage(config: Path, folder: Path, *, once: bool) -> None:
    billing_secret = secrets.token_hex(8)
    console = Console(highlight=False, width=min(WIDTH_MAX, out().width))
    async with Simulator(SimulatorSettings(providers=billings(config, billing_secret))) as world:
        stage = set_up(config, folder, (world.smpp_port, world.http_url), billing_secret)
        async with gateway(stage) as process, Client(stage.address, stage.token) as desk:
            ended = asyncio.create_task(process.wait())
            with console.status("Starting the gateway ..."):
                await _either(world.bound(START_S), ended, stage)
            await Play(world, desk, console).perform()
            if not once:
                console.print(f"\nThe phone: [bold]{world.http_url}/[/bold] (text to {SHORT_CODE})")
                console.print(f"The log:   {stage.log}\nCtrl-C ends it all.", style="dim")
                with suppress(asyncio.CancelledError):  # Ctrl-C is how it ends well
                    await _either(asyncio.Event().wait(), ended, stage)


async def _either(wait: Any, ended: asyncio.Task[int], stage: Stage) -> None:
    """Wait, but not longer than the gateway lives."""
    waiting = asyncio.ensure_future(wait)
    try:
        await asyncio.wait((waiting, ended), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise why_it_ended(stage)
        await waiting
    finally:
        waiting.cancel()


def billings(config: Path, secret: str) -> tuple[BillingSetup, ...]:
    """One simulated billing for each provider of the configuration."""
    try:
        tables: Mapping[str, Any] = tomllib.loads((config.parent / "providers.toml").read_text(encoding="utf-8"))
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}; run the demo from the project's folder") from error
    return tuple(
        BillingSetup(
            name=name,
            protocol=table["protocol"],
            login=table.get("login", ""),
            password=secret if table.get("secret_env") else "",
        )
        for name, table in tables.items()
    )


@dataclass(frozen=True, slots=True)
class Play:
    """The dialogue."""

    world: Simulator
    desk: Client
    console: Console

    async def perform(self) -> None:
        """From an empty database to a receipt and proved books."""
        self.console.print("[bold]One payment by SMS[/bold]: gateway and SMSC, two processes, SMPP between them\n")
        _good(await self.desk.add_subscriber(SUBSCRIBER, Secret(PASSWORD), "en"))
        _good(await self.desk.top_up(SUBSCRIBER, CASH, "demo", "demo-1"))
        self.console.print(f"{SUBSCRIBER} is registered; an agent put {CASH} UZS into the wallet.\n", style="dim")
        code = await self._text(ORDER)
        digits = CODE.search(code)
        if digits is None:
            raise Failed("the answer holds no code")
        receipt = await self._text(digits.group())
        await self._epilogue(receipt)

    async def _text(self, text: str) -> str:
        """Text something, show both bubbles, and return the answer."""
        self._bubble(text, SUBSCRIBER, right=True)
        began_s = time.monotonic()
        mo = self.world.send_mo(Text(SUBSCRIBER, SHORT_CODE, text))
        try:
            answer = await self.world.next_mt(SUBSCRIBER, mo.id, ANSWER_S)
        except TimeoutError as error:
            raise Failed(str(error)) from error
        self._bubble(answer.text, f"{SHORT_CODE} after {(time.monotonic() - began_s) * 1000:.0f} ms", right=False)
        return answer.text

    def _bubble(self, text: str, title: str, *, right: bool) -> None:
        style = "green" if right else "blue"
        panel = Panel(
            escape(text),
            title=f"[dim]{title}[/dim]",
            title_align="right" if right else "left",
            border_style=style,
            width=min(BUBBLE_WIDTH, max(len(text), len(title) + 2) + 4),
        )
        self.console.print(Align(panel, "right" if right else "left", width=self.console.width))

    async def _epilogue(self, receipt: str) -> None:
        """What the others say: the provider's own book, the wallet, the proof."""
        subscriber = _good(await self.desk.show_subscriber(SUBSCRIBER))
        proof = _good(await self.desk.check_ledger())
        grid = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for credit in self.world.billings[PROVIDER].book.lines():
            soums, tiyin = divmod(int(credit["amount_minor"]), 100)
            credited = f"{credit['account']}: {soums}.{tiyin:02d} UZS, receipt {credit['receipt']}"
            grid.add_row("provider's book", credited)
        available: Any = subscriber["available"]
        grid.add_row("wallet", f"{available['amount']} {available['currency']} left")
        grid.add_row("ledger check", "[green]balanced[/green]" if proof["balanced"] else "[red]NOT balanced[/red]")
        self.console.print()
        self.console.print(grid)
        if not proof["balanced"] or "PAID" not in receipt:
            raise Failed("the payment did not end as it should; the texts above say how")


def _good(answer: Document | Problem) -> Document:
    if isinstance(answer, Problem):
        raise Failed(answer.detail)
    return answer
