"""The whole service among nodes that die, clocks that jump and providers that are late: no rule of the house breaks.

`make simulate SEEDS=20000` runs as many worlds as there is time for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Final

import pytest

from tests.simulation.__main__ import kept_seeds
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.options import Options
from tests.simulation.world import Violation, World

SEEDS: Final = int(os.environ.get("SMSGW_SIMULATION_SEEDS", "40"))
# Together they have had everything that a world can have.
FULL_SEEDS: Final = (1, 2, 3, 6, 7, 10, 14, 26, 42, 99)
# What must come up, or the worlds are too kind to prove anything.
EVENTS: Final = frozenset(
    {
        *(f"payment {state}" for state in ("executed", "not_executed", "processing")),
        *(f"payment {state}" for state in ("expired", "replaced", "cancelled", "code_spent")),
        *("node0 is killed", "node0 is held", "node0 is told to leave", "node1 starts", "node2 starts"),
        *("jump", "cut", "hush", "vexed", "heals"),
    }
)


@pytest.mark.proves("I1", "I2", "I4", "I5", "I6", "I8", "I9", "I10", "I11", "I13", "I14")
@pytest.mark.proves("I15", "I16", "I18", "I19", "I20", "I21", "I23", "I26", "F47")
@pytest.mark.parametrize("seed", [*kept_seeds(), *range(SEEDS)])
def test_no_rule_breaks(seed: int) -> None:
    """Seeds that have ever failed come first."""
    World(seed).run()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_put_in_on_purpose_is_found(mutant: Mutant) -> None:
    """A simulation that passes with a bug in the gateway would prove nothing."""
    with mutant.planted():
        assert any(breaks(seed, options) for seed, options in mutant.replays()), (
            "run `make simulate`: is it found at all?"
        )


def breaks(seed: int, options: Options) -> bool:
    try:
        World(seed, options=options).run()
    except Violation:
        return True
    return False


def test_the_worlds_are_not_kind() -> None:
    seen: Counter[str] = Counter()
    for seed in FULL_SEEDS:
        seen.update(World(seed).run().seen)
    assert seen.keys() >= EVENTS, EVENTS - seen.keys()


def test_a_seed_is_the_same_world_in_every_process() -> None:
    """What failed in the night can be looked at in the morning: neither hashes nor addresses have a say."""
    command = (sys.executable, "-m", "tests.simulation", "--seed", "3")
    said = {
        subprocess.run(  # noqa: S603 -- ourselves
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(said) == 1
    assert "clean, digest" in said.pop()
