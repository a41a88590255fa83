"""`smsgw run`: the gateway itself, until a signal.

The first SIGTERM or SIGINT leaves in order: links unbind, work in hand ends, the store closes. A second one ends the
process at once; that loses nothing either, for everything that was acknowledged is committed.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Final

from smsgw.app import opened
from smsgw.commands.terminal import CONFIG, ConfigOption
from smsgw.domain.phones import load_numbering_plans
from smsgw.log import configure, get_logger
from smsgw.settings.load import Configuration, environment, load
from smsgw.store.errors import StoreRefused

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

log = get_logger(__name__)


def run(config: ConfigOption = CONFIG) -> None:
    """Run the gateway until SIGTERM or Ctrl-C. Prints nothing but log lines, on stderr."""
    configuration = load(config, environment())
    chosen = configuration.settings.log
    configure(chosen.level, json_lines=chosen.format == "json")
    sys.excepthook = _died
    load_numbering_plans()
    try:
        with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
            runner.run(_serve(configuration))
    except BaseExceptionGroup as ended:
        refused, others = ended.split(StoreRefused)
        if others is None and refused is not None:
            # The store ended it, and has said so: no bug, so no traceback.
            raise _first(refused) from None
        raise


def _first(group: BaseExceptionGroup[StoreRefused]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop's, where it exists; everything works without it."""
    try:
        import uvloop  # noqa: PLC0415 -- not on every platform
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


async def _serve(configuration: Configuration) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, _leave, stop, number)
    async with opened(configuration) as app:
        # What is there now stays for good: 130,000 objects, 46 ms for each full search for cycles, and no text is
        # answered meanwhile.
        gc.freeze()
        log.info("service.started", links=list(configuration.links), providers=len(configuration.providers))
        await app.run(stop)
    log.info("service.stopped")


def _leave(stop: asyncio.Event, number: signal.Signals) -> None:
    """Leave in order; from now on a signal does what it does by default, and ends the process."""
    log.info("service.stopping", signal=number.name)
    stop.set()
    for each in SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(each)
        signal.signal(each, signal.SIG_DFL)


def _died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug ended the process: one log line, with the traceback as a field."""
    log.critical("service.died", exc_info=(kind, error, trace))
