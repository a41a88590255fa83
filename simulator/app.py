"""The simulator as a whole: an SMSC, the providers, and HTTP beside them. `async with Simulator(...) as simulator:`."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from simulator.api import pages
from simulator.api.control import ControlApi
from simulator.api.problems import problems
from simulator.api.texts import TextsApi
from simulator.billing.app import add_billing
from simulator.billing.provider import Billing
from simulator.deliveries import ANY_GATEWAY
from simulator.mo import Mo, Text
from simulator.mt import Mt
from simulator.server import SmscServer
from simulator.settings import SimulatorSettings
from simulator.smsc import Smsc
from simulator.waiters import ANYONE, Waiters

HTTP_FAREWELL_S: Final = 1.0
"""How long requests get to finish when the simulator ends; long polls are sent home at once."""


class Simulator:
    """Everything an operator and its providers would be. Ports are known once it is entered."""

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self.smpp_port = 0
        self.http_port = 0
        self.billings: Mapping[str, Billing] = {}
        self._started: tuple[SmscServer, Waiters, web.AppRunner] | None = None

    async def __aenter__(self) -> Self:
        settings = self.settings
        server = SmscServer(settings.smsc)
        waiters = Waiters(server.smsc.journal)
        runner = web.AppRunner(self._app(server, waiters), access_log=None, shutdown_timeout=HTTP_FAREWELL_S)
        self._started = server, waiters, runner
        self.smpp_port = await server.listen(settings.smpp_host, settings.smpp_port, settings.smpp_tls)
        await runner.setup()
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        try:
            await site.start()
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
        """Where the phone page is, without a slash at the end."""
        host = self.settings.http_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def smsc(self) -> Smsc:
        """The SMSC itself: its journal, queue, lines and faults."""
        return self._server.smsc

    def send_mo(self, text: Text) -> Mo:
        """Send a subscriber's text. Raises QueueFullError, ValueError."""
        return self._server.send(text)

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

    async def bound(self, timeout_s: float, system_id: str = ANY_GATEWAY) -> None:
        """Wait until a gateway receives texts. Raises TimeoutError."""
        if not await self._waiters.until(ANYONE, lambda: self.smsc.lines.receiving(system_id), timeout_s):
            raise TimeoutError(f"no gateway has bound as receiver or transceiver within {timeout_s:g} s")

    @property
    def _server(self) -> SmscServer:
        assert self._started is not None, "enter the simulator first"
        return self._started[0]

    @property
    def _waiters(self) -> Waiters:
        assert self._started is not None, "enter the simulator first"
        return self._started[1]

    def _app(self, server: SmscServer, waiters: Waiters) -> web.Application:
        app = web.Application(middlewares=[problems])
        self.billings = add_billing(app, self.settings.providers)
        app.add_routes(
            [
                *TextsApi(server, waiters).routes(),
                *ControlApi(server, self.billings).routes(),
                *pages.routes(),
            ]
        )
        return app

    async def _stop(self) -> None:
        assert self._started is not None
        server, waiters, runner = self._started
        waiters.close()
        await server.close()
        await runner.cleanup()
