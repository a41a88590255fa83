"""Simulated billings over loopback HTTP, and the ways to them: what the tests of the protocols have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from simulator.billing.app import add_billing
from simulator.billing.book import Asked, Credit
from simulator.billing.faults import Answers, Fault, FaultBox, FaultKind
from simulator.billing.provider import Billing, BillingSetup
from smsgw.domain.calls import Answer, Kind, Order, Question, Verb
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.ports import Provider
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProviderProfile
from smsgw.providers.registry import build

# Of every exchange: long enough on any machine. Where it must pass, it is jumped over and not waited for.
DEADLINE_S: Final = 20.0
# Until the jump: what the billing says before it falls silent gets to its client.
SILENT_S: Final = 0.02

# Which call a question belongs to.
KIND_OF: Final[Mapping[Verb, Kind]] = {
    Verb.CHECK: Kind.CHECK,
    Verb.PREPARE: Kind.PAY,
    Verb.PAY: Kind.PAY,
    Verb.STATUS: Kind.PAY,
    Verb.WITHDRAW: Kind.PAY,
    Verb.CANCEL: Kind.CANCEL,
}


def order(reference: int = 900_001, account: str = "25656", soums: int = 50_000) -> Order:
    return Order(reference, (account,), Money(soums * 100, UZS), 1_795_289_389_000_000, "5001")


class Clock:
    """The clock of the running loop, which can be put forward: every timer of the test's process goes by it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop_s = loop.time
        self._ahead_s = 0.0
        loop.time = self._now_s  # type: ignore[method-assign]  # for as long as the loop lives, which is one test

    def skip(self, seconds: float) -> None:
        self._ahead_s += seconds

    def end_waiting(self) -> None:
        """Let every deadline pass that begins now, once what is under way has arrived."""
        asyncio.get_running_loop().call_later(SILENT_S, self.skip, DEADLINE_S)

    def _now_s(self) -> float:
        return self._loop_s() + self._ahead_s


class Faults(FaultBox):
    """Faults after which the client's deadline passes as soon as it is waiting in vain, and never before."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def take(self, asked: Asked, known: Credit | None = None) -> Fault | None:
        fault = super().take(asked, known)
        if fault is not None and _leaves_waiting(fault):
            self._clock.end_waiting()
        return fault


def _leaves_waiting(fault: Fault) -> bool:
    late = fault.kind is FaultKind.SLOW and fault.wait_s >= DEADLINE_S
    return late or fault.effect.answers in {Answers.SILENCE, Answers.DRIP}


@dataclass(frozen=True)
class World:
    """The simulated billings, and the way to them."""

    port: int
    billings: Mapping[str, Billing]
    http: HttpClient
    clock: Clock

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/providers{path}"

    def provider(self, name: str, **changes: Any) -> Provider:
        """The adapter of a simulated billing, with the settings that it needs at least; `secret` is plain text."""
        billing = self.billings[name]
        settings: dict[str, Any] = {
            "name": name,
            "protocol": billing.setup.protocol,
            "url": self.url(f"/{name}{billing.server.base}"),
            "login": billing.setup.login,
            "secret": billing.setup.password,
            "check_deadline_s": DEADLINE_S,
            "pay_deadline_s": DEADLINE_S,
        }
        settings |= changes
        return build(ProviderProfile(**(settings | {"secret": Secret(settings["secret"])})), self.http)

    def fault(self, name: str, kind: str, **options: Any) -> None:
        self.billings[name].faults.put(Fault(kind=FaultKind(kind), **options))

    def credited(self, name: str) -> list[tuple[object, object, object]]:
        lines = self.billings[name].book.lines()
        return [(line["reference"], line["account"], line["amount_minor"]) for line in lines]


@asynccontextmanager
async def serving(app: web.Application, setups: Iterable[BillingSetup]) -> AsyncIterator[World]:
    """Serve the billings as a part of *app*."""
    billings, clock = add_billing(app, setups), Clock()
    for billing in billings.values():
        billing.faults = Faults(clock)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with HttpClient() as http:
            yield World(runner.addresses[0][1], billings, http, clock)
    finally:
        await runner.cleanup()


async def ask(provider: Provider, verb: Verb, about: Order, *, repeat: bool = False) -> Answer:
    """Make one exchange, of parameters made for it."""
    parameters = provider.parameters(KIND_OF[verb], about)
    assert parameters is not None
    return await provider.call(Question(verb=verb, parameters=parameters, repeat=repeat), lambda: True)
