"""The hash pool says the truth about a password, and says early when it has no room."""

import asyncio

import pytest

from smsgw.hashing import QUEUE_MAX, HashPool
from smsgw.sessions.passwords import Argon2Settings, make_verifier

VERIFIER = make_verifier(b"digest", bytes(16), Argon2Settings(memory_kib=8, passes=1))


async def test_right_and_wrong() -> None:
    with HashPool(1) as pool:
        assert await pool.verify(VERIFIER, b"digest") is True
        assert await pool.verify(VERIFIER, b"another") is False


@pytest.mark.proves("I25", "F55", "A67")
async def test_a_queue_that_is_full_refuses_at_once() -> None:
    with HashPool(1) as pool:
        answers = await asyncio.gather(*(pool.verify(VERIFIER, b"digest") for _ in range(QUEUE_MAX + 1)))

    assert answers.count(None) == 1


async def test_a_turn_that_does_not_come_in_time_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsgw.hashing.WAIT_S_MAX", 0.0)
    with HashPool(1) as pool:
        await pool._turn.acquire()

        assert await pool.verify(VERIFIER, b"digest") is None
        assert pool._waiting == 0
