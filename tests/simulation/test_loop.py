"""The loop of the simulation: it leans on private parts of asyncio, so every version of Python is tried on them."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from random import Random
from typing import Any

import pytest

from tests.simulation.loop import LIFE, Life, Stuck, VirtualLoop
from tests.simulation.network import Network


def run(world: Callable[[VirtualLoop], Coroutine[Any, Any, None]], seed: int = 1) -> None:
    """Live in a loop of its own."""
    loop = VirtualLoop(Random(seed), Network(Random(seed), 0.001, 0.0))  # noqa: S311 -- from the seed
    loop.live(world(loop))


def process(loop: VirtualLoop, work: Callable[[], Awaitable[None]]) -> Life:
    """Start a process."""

    async def run_it() -> None:
        await work()

    life = Life("process")
    loop.born(life)
    context = contextvars.copy_context()
    context.run(LIFE.set, life)
    loop.create_task(run_it(), context=context)
    return life


def test_a_day_takes_no_time() -> None:
    async def world(loop: VirtualLoop) -> None:
        await asyncio.sleep(24 * 3600)
        assert loop.time() == 24 * 3600

    run(world)


def test_the_order_of_what_is_ready_is_the_seeds() -> None:
    def order(seed: int) -> list[int]:
        done: list[int] = []

        async def one(number: int) -> None:
            await asyncio.sleep(1)
            done.append(number)

        async def world(_: VirtualLoop) -> None:
            await asyncio.gather(*map(one, range(8)))

        run(world, seed)
        return done

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(20)}) > 10


def test_a_killed_process_runs_nothing_more_not_even_its_cleaning_up() -> None:
    ran: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(10)
            ran.append("after")
        finally:
            ran.append("cleaned")

    async def world(loop: VirtualLoop) -> None:
        life = process(loop, work)
        await asyncio.sleep(5)
        loop.kill(life)
        await asyncio.sleep(100)
        assert ran == []

    run(world)
    assert ran == ["cleaned"], "it may end when the world does"


def test_a_held_process_goes_on_where_it_was_not_knowing_that_time_has_passed() -> None:
    ran: list[float] = []

    async def work() -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            ran.append(asyncio.get_running_loop().time())

    async def world(loop: VirtualLoop) -> None:
        life = process(loop, work)
        await asyncio.sleep(1.5)
        loop.hold(life)
        await asyncio.sleep(60)
        assert ran == [1.0]
        loop.wake(life)
        await asyncio.sleep(5)

    run(world)
    assert ran == [1.0, 61.5, 62.5]


def test_what_waits_for_nothing_is_stuck() -> None:
    async def world(_: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        run(world)


def test_what_turns_in_circles_is_stuck() -> None:
    async def world(_: VirtualLoop) -> None:
        while True:  # noqa: ASYNC110 -- the fault that is to be found
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="time stands still"):
        run(world)


def test_nothing_real_is_in_reach() -> None:
    async def world(loop: VirtualLoop) -> None:
        with pytest.raises(NotImplementedError):
            await loop.sock_connect(None, ("127.0.0.1", 1))  # type: ignore[arg-type]
        with pytest.raises(AssertionError, match="a thread"):
            loop.call_soon_threadsafe(print)

    run(world)


def test_octets_come_in_order_and_a_cut_is_seen_by_both() -> None:
    class Listening(asyncio.Protocol):
        def __init__(self) -> None:
            self.heard = b""
            self.lost: Exception | None = None

        def data_received(self, data: bytes) -> None:
            self.heard += data

        def connection_lost(self, exc: Exception | None) -> None:
            self.lost = exc

    async def world(loop: VirtualLoop) -> None:
        far = Listening()
        await loop.create_server(lambda: far, "anywhere", 1)
        transport, near = await loop.create_connection(Listening, "anywhere", 1)
        for octet in b"in order":
            transport.write(bytes([octet]))
        await asyncio.sleep(1)
        assert far.heard == b"in order"
        loop.network.cut(0)
        await asyncio.sleep(1)
        assert isinstance(near.lost, ConnectionResetError)
        assert isinstance(far.lost, ConnectionResetError)

    run(world)
