"""The HTTP server: one listener for health, metrics and the operations API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from smsgw.log import get_logger
from smsgw.web.answers import refusals
from smsgw.web.api import Api
from smsgw.web.door import BACKLOG, Door
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
    door, app = Door(), application(facade)
    app.middlewares.insert(0, door.middleware)
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    host, port = facade.address
    try:
        listener = await _listen(door, runner, host, port)
        log.info("http.listening", host=host, port=port)
        try:
            yield
        finally:
            listener.close()
    finally:
        await runner.cleanup()


async def _listen(door: Door, runner: web.AppRunner, host: str, port: int) -> asyncio.Server:
    server = runner.server
    assert server is not None, "the runner is set up"
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(lambda: door.guest(server), host, port, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(f"http.listen {host}:{port}: {error.strerror}") from error
