"""The HTTP server: one listener for health, metrics and the operations API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from smsgw.log import get_logger
from smsgw.web.answers import refusals
from smsgw.web.api import Api
from smsgw.web.facade import Facade
from smsgw.web.gate import TRACE, Gate
from smsgw.web.health import Health
from smsgw.web.money_api import MoneyApi
from smsgw.web.operators import Operators
from smsgw.web.trace import LinkTraces

# The largest body is a top-up of some hundred octets.
BODY_OCTETS_MAX: Final = 64 * 1024
# How long requests in hand may take to end at a stop; a commit takes milliseconds.
SHUTDOWN_S: Final = 5.0

log = get_logger(__name__)


class CannotListen(Exception):  # noqa: N818 -- what happened; the text names the address
    """The address of [http] cannot be served."""


def application(facade: Facade) -> web.Application:
    """All routes behind their middlewares."""
    gate, traces = Gate(Operators(facade.token, facade.operators)), LinkTraces(facade.follow)
    app = web.Application(middlewares=[refusals, gate.middleware], client_max_size=BODY_OCTETS_MAX)
    app.add_routes([*Health(facade).routes(), *Api(facade).routes(), *MoneyApi(facade.money).routes()])
    app.add_routes([web.get(TRACE, traces.trace, allow_head=False)])
    app.on_shutdown.append(traces.close)
    return app


@asynccontextmanager
async def serve(facade: Facade) -> AsyncIterator[None]:
    """Serve until the context ends.

    Raises:
        CannotListen: the address is taken, or is not this machine's.
    """
    runner = web.AppRunner(application(facade), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    host, port = facade.address
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListen(f"http.listen {host}:{port}: {error.strerror}") from error
        log.info("http.listening", host=host, port=port)
        yield
    finally:
        await runner.cleanup()
