"""Simulated billings over loopback HTTP, and the ways to them: what the tests of the protocols have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from simulator.billing.app import add_billing
from simulator.billing.faults import Fault, FaultKind
from simulator.billing.provider import Billing, BillingSetup
from smsgw.domain.calls import Answer, Kind, Order, Question, Verb
from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.ports import Provider
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProviderProfile
from smsgw.providers.registry import build

# Long enough for an answer over loopback on a busy machine, short enough to be waited for.
DEADLINE_S: Final = 0.5

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


@dataclass(frozen=True)
class World:
    """The simulated billings, and the way to them."""

    port: int
    billings: Mapping[str, Billing]
    http: HttpClient

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
    billings = add_billing(app, setups)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with HttpClient() as http:
            yield World(runner.addresses[0][1], billings, http)
    finally:
        await runner.cleanup()


async def ask(provider: Provider, verb: Verb, about: Order, *, repeat: bool = False) -> Answer:
    """Make one exchange, of parameters made for it."""
    parameters = provider.parameters(KIND_OF[verb], about)
    assert parameters is not None
    return await provider.call(Question(verb=verb, parameters=parameters, repeat=repeat), lambda: True)
