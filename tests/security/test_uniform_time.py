"""The time of a refusal tells nobody which numbers are registered.

The proof is the count of hashes (test_codes_and_passwords.py); this is the measurement beside it, with the real hash at
its full cost. `SMSGW_TIMING_PAIRS=200 pytest -s` measures closely; the guard is wide, because other people's work
on the machine moves the medians, and a hash that is missing would move them a hundredfold.
"""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter
from typing import Final

import pytest

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.service.subscribers import register
from smsgw.sessions.passwords import Argon2Settings, make_verifier
from tests.house import ANNA, PAY, House

PAIRS: Final = int(os.environ.get("SMSGW_TIMING_PAIRS", "10"))
STRANGER: Final = Msisdn("+998901234599")
WRONG: Final = PAY.replace("parol1", "parol2")


async def refused_s(house: House, sender: Msisdn) -> float:
    """From the text to its answer, in seconds; each text is the first of its hour."""
    house.clock.passes(24 * 3600)
    begin = perf_counter()
    events = await house.text(WRONG, sender)
    took_s = perf_counter() - begin
    assert events in (["wrong_password"], ["locked"], ["not_registered"])
    return took_s


@pytest.mark.proves("I22")
@pytest.mark.proves("A59")
async def test_an_unknown_sender_and_a_wrong_password_take_as_long() -> None:
    house = House()
    verifier = make_verifier(house.rules.keyring.pepper("k1", Secret("parol1")), bytes(16), Argon2Settings())
    await register(house.store, ANNA, "en", verifier, "k1")
    pairs = [(await refused_s(house, ANNA), await refused_s(house, STRANGER)) for _ in range(PAIRS)]
    known_s, unknown_s = (median(times) for times in zip(*pairs, strict=True))

    print(f"wrong password {known_s * 1000:.2f} ms, unknown sender {unknown_s * 1000:.2f} ms, {PAIRS} pairs")  # noqa: T201 -- a measurement
    assert 0.5 < unknown_s / known_s < 2
