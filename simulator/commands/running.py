"""How a command runs: a loop, and an event that Ctrl-C and SIGTERM set."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import aiohttp

from simulator.commands.output import complain


def run(command: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    """Run *command* with an event that Ctrl-C and SIGTERM set, and turn what can go wrong into an exit code."""
    try:
        return _loop_runner().run(_with_signals(command))
    except aiohttp.ClientResponseError as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            return complain("the simulator wants its token: name the variable that holds it with --token-env")
        return complain(f"the simulator answers {error.status} {error.message} to {error.request_info.url.path}")
    except aiohttp.ClientError as error:
        return complain(f"the simulator does not answer: {error}; is `python -m simulator serve` running?")
    except OSError as error:  # a request that takes too long says nothing
        return complain(str(error) or "the simulator does not answer in time")


def _loop_runner() -> asyncio.Runner:
    if sys.platform == "win32":
        return asyncio.Runner()
    import uvloop  # noqa: PLC0415 -- there is none for Windows

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _with_signals(command: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # Windows ends by KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await command(stop)


async def unless(stop: asyncio.Event, wait: Coroutine[Any, Any, None]) -> None:
    """Await *wait*, or the end of it all."""
    waiting, stopping = asyncio.ensure_future(wait), asyncio.ensure_future(stop.wait())
    done, pending = await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()
