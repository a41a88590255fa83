"""The simulator as a whole: operators, providers, and HTTP beside them. `async with Simulator(...) as simulator:`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from simulator.api.conformance import ConformanceApi
from simulator.api.control import ControlApi
from simulator.api.events import EventsApi
from simulator.api.operators import OperatorsApi
from simulator.api.origin import origin_guard
from simulator.api.pages import PagesApi
from simulator.api.pdus import PdusApi
from simulator.api.problems import LOG, problems
from simulator.api.queries import query_guard
from simulator.api.scenario import ScenarioApi
from simulator.api.texts import TextsApi
from simulator.api.token import token_guard
from simulator.api.wire import WireApi
from simulator.billing.app import add_billing, open_paths
from simulator.billing.provider import Billing
from simulator.conformance.judge import Judge
from simulator.conformance.session import Limits
from simulator.settings import SimulatorSettings, callable_host
from simulator.smsc.deliveries import ANY_GATEWAY
from simulator.smsc.memory import Memory
from simulator.smsc.mo import Mo, Text
from simulator.smsc.mt import Mt
from simulator.smsc.network import Network, listening
from simulator.smsc.smsc import Smsc
from simulator.smsc.waiters import ANYONE, Waiters

HTTP_FAREWELL_S: Final = 1.0
"""How long requests get to finish when the simulator ends; long polls are sent home at once."""


class Simulator:
    """Everything operators and providers would be. Ports are known once it is entered."""

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self.http_port = 0
        self.billings: Mapping[str, Billing] = {}
        self._judge: Judge | None = None
        self._started: tuple[Network, Waiters, web.AppRunner] | None = None

    async def __aenter__(self) -> Self:
        settings = self.settings
        network = Network(settings.operators, Memory(settings.journal_max, settings.pdus_max))
        waiters = Waiters()
        network.memory.journal.watchers.append(waiters.passed)
        runner = web.AppRunner(
            self._app(network, waiters), access_log=None, logger=LOG, shutdown_timeout=HTTP_FAREWELL_S
        )
        self._started = network, waiters, runner
        try:
            await network.listen()
            await runner.setup()
            with listening("HTTP", settings.http_host, settings.http_port, "--http"):
                await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        except OSError:
            await self._stop()
            raise
        self.http_port = runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def http_url(self) -> str:
        """Where the phone page is for this machine, without a slash at the end."""
        host = callable_host(self.settings.http_host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def network(self) -> Network:
        """The operators."""
        assert self._started is not None, "enter the simulator first"
        return self._started[0]

    @property
    def judge(self) -> Judge:
        """What the gateways have broken."""
        assert self._judge is not None, "enter the simulator first"
        return self._judge

    @property
    def smsc(self) -> Smsc:
        """The SMSC of the first operator: its journal (which is everyone's), queue, lines and faults."""
        return self.network.first.smsc

    @property
    def smpp_port(self) -> int:
        """Where the first operator listens."""
        return next(iter(self.network.ports.values()))

    def send_mo(self, text: Text) -> Mo:
        """Send a subscriber's text. Raises QueueFullError, ValueError."""
        return self.network.send(text)

    async def answered(self, mo: Mo, timeout_s: float) -> Mo:
        """Wait until the gateway has answered each segment of *mo* once. Raises TimeoutError."""
        if not await self._waiters.until(mo.number, lambda: mo.answered, timeout_s):
            raise TimeoutError(f"no answer to text {mo.id} within {timeout_s:g} s")
        return mo

    async def next_mt(self, number: str, since: int, timeout_s: float) -> Mt:
        """Wait for the first text to *number* after the journal's entry *since* (an `Mo.id` or `Mt.id`).

        Raises TimeoutError.
        """
        number = number.removeprefix("+")

        def look() -> Mt | None:
            texts = (e.item for e in self.smsc.journal.since(since) if e.number == number and isinstance(e.item, Mt))
            return next(texts, None)

        found = await self._waiters.until(number, look, timeout_s)
        if found is None:
            raise TimeoutError(f"no text to {number} within {timeout_s:g} s")
        return found

    async def bound(self, timeout_s: float, system_id: str = ANY_GATEWAY, *, everywhere: bool = False) -> None:
        """Wait until a gateway receives texts at some operator, or at each. Raises TimeoutError."""
        if not await self._waiters.until(
            ANYONE, lambda: self.network.receiving(system_id, everywhere=everywhere), timeout_s
        ):
            where = " at every operator" if everywhere and len(self.settings.operators) > 1 else ""
            raise TimeoutError(f"no gateway has bound as receiver or transceiver within {timeout_s:g} s{where}")

    @property
    def _waiters(self) -> Waiters:
        assert self._started is not None, "enter the simulator first"
        return self._started[1]

    def _app(self, network: Network, waiters: Waiters) -> web.Application:
        settings = self.settings
        token, free = settings.http_token, open_paths(settings.providers)
        guards = [origin_guard(any_name=bool(token), open_paths=free), problems]
        if token:
            guards.append(token_guard(token, free))
        app = web.Application(middlewares=[*guards, query_guard(free)])
        self.billings = add_billing(app, settings.providers)
        self._judge = _judge(network)
        pdus, conformance = PdusApi(network), ConformanceApi(self._judge)
        control = ControlApi(network, self.billings)
        states = {
            "session": control.sessions,
            "fault": control.faults,
            "ledger": self._totals,
            "conformance": conformance.verdict,
        }
        events = EventsApi(network.memory, pdus.body, states)
        app.on_shutdown.extend([pdus.feed.close, conformance.feed.close, events.close])
        app.add_routes(
            [
                *TextsApi(network, waiters).routes(),
                *pdus.routes(),
                *conformance.routes(),
                *control.routes(),
                *ScenarioApi(network).routes(),
                *events.routes(),
                *PagesApi(network, control, events.boot).routes(),
                *OperatorsApi(network).routes(),
                *WireApi(network).routes(),
            ]
        )
        return app

    def _totals(self) -> dict[str, object]:
        """What the providers' books come to, by their names."""
        return {name: billing.totals() for name, billing in self.billings.items()}

    async def _stop(self) -> None:
        assert self._started is not None
        network, waiters, runner = self._started
        waiters.close()
        await network.close()
        await runner.cleanup()


def _judge(network: Network) -> Judge:
    limits = {
        one.name: Limits(window=one.gateway_window, response_s=one.smsc.response_s) for one in network.settings.values()
    }
    return Judge(network.memory, limits, time.time)
