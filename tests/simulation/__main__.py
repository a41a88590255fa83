"""The command: `python -m tests.simulation`. Many worlds on all cores, one world in detail, or the search for bugs."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.progress import track

from smsgw.log import configure
from tests.simulation.mutants import MUTANTS, SEARCH_SEEDS, Mutant
from tests.simulation.options import Options
from tests.simulation.world import Violation, World

KEPT: Final = Path(__file__).with_name("seeds.txt")
EXAMPLES: Final = """examples:
  python -m tests.simulation --seeds 2000            many worlds; a seed that fails is written to seeds.txt
  python -m tests.simulation --seed 118 --trace      one world, event by event; the same each time
  python -m tests.simulation --seed 118 --shrink     the least that must go wrong for the same failure
  python -m tests.simulation --mutants               find every bug that is put in on purpose
"""
# Seeds that a process takes at once: some seconds of work.
CHUNK: Final = 8


class Came(NamedTuple):
    """What came of one world: nothing, or the broken rule."""

    seed: int
    violation: str
    seen: Counter[str]


def kept_seeds() -> list[int]:
    """The seeds that have ever failed; they are run first, for ever."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def lived(seed: int, options: Options | None = None) -> Came:
    """Run one world."""
    try:
        report = World(seed, options=options).run()
    except Violation as violation:
        return Came(seed, str(violation), Counter())
    return Came(seed, "", Counter(dict.fromkeys(report.seen, 1)))


def found_by(seed: int, name: str) -> Came:
    """Run one world with a bug."""
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    with mutant.planted():
        return lived(seed, mutant.options(seed))


def shrunk(seed: int, options: Options) -> Options:
    """Leave out, one after another, what is not needed for the world to fail."""
    for field in fields(Options):
        if field.name.endswith(("_gap_s", "_rate")) or field.name in {"clumsy", "attackers"}:
            less = replace(options, **{field.name: 0})  # type: ignore[arg-type] # all of these are numbers
            options = less if _fails(seed, less) else options
    return options


def _fails(seed: int, options: Options) -> bool:
    try:
        World(seed, options=options).run()
    except Violation:
        return True
    return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 = no rule was broken, and every bug that was put in was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description="Live through many worlds on all cores, look at one, or search for planted bugs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="run so many worlds")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first of them (0)")
    parser.add_argument("--seed", type=int, metavar="N", help="run this world")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every event")
    parser.add_argument("--shrink", action="store_true", help="with --seed: leave out what is not needed")
    parser.add_argument("--mutants", action="store_true", help="find every bug that is put in on purpose")
    chosen = parser.parse_args(arguments)
    configure("critical", io.StringIO())
    console = Console(stderr=True)
    if chosen.seed is not None:
        return _one(chosen.seed, trace=chosen.trace, shrink=chosen.shrink)
    failed = _many(chosen.first, chosen.seeds, console) if chosen.seeds else 0
    missed = _search(console) if chosen.mutants else 0
    if not chosen.seeds and not chosen.mutants:
        parser.error("nothing to do: --seeds N, --seed N or --mutants")
    return 1 if failed or missed else 0


def _one(seed: int, *, trace: bool, shrink: bool) -> int:
    options = Options.drawn(seed)
    world = World(seed, _say) if trace else World(seed)
    try:
        report = world.run()
    except Violation as violation:
        _say(f"seed {seed}: {violation}\n{shrunk(seed, options) if shrink else options}")
        return 1
    _say(f"seed {seed}: clean, digest {report.digest}, {report.virtual_s:.0f} s of its time")
    return 0


def _many(first: int, count: int, console: Console) -> int:
    """Run many worlds; keep the seeds that fail."""
    seeds = [*kept_seeds(), *range(first, first + count)]
    seen: Counter[str] = Counter()
    failed: list[Came] = []
    started_s = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count(), initializer=partial(configure, "critical", io.StringIO())) as pool:
        worlds = pool.map(lived, seeds, chunksize=CHUNK)
        for came in track(worlds, "worlds", len(seeds), console=console, disable=not console.is_terminal):
            seen.update(came.seen)
            if came.violation:
                failed.append(came)
                _say(f"seed {came.seed}: {came.violation}")
    _keep(failed)
    for event, worlds_count in sorted(seen.items()):
        _say(f"{worlds_count:8} worlds had: {event}")
    _say(f"{len(seeds)} worlds in {time.monotonic() - started_s:.0f} s, {len(failed)} broke a rule")
    return len(failed)


def _keep(failed: Sequence[Came]) -> None:
    known = set(kept_seeds())
    new = [came for came in failed if came.seed not in known]
    with KEPT.open("a", encoding="utf-8") as file:
        file.writelines(f"{came.seed} {came.violation[:80]}\n" for came in new)


def _search(console: Console) -> int:
    """Look for a seed that finds each bug; return how many bugs no seed finds."""
    missed = 0
    with ProcessPoolExecutor(os.cpu_count(), initializer=partial(configure, "critical", io.StringIO())) as pool:
        for mutant in track(MUTANTS, "bugs", console=console, disable=not console.is_terminal):
            found = next(_finds(pool, mutant), None)
            missed += found is None
            how = f"seed {found.seed}: {found.violation}" if found else f"NOT FOUND by {SEARCH_SEEDS} seeds"
            _say(f"{mutant.name}: {how}")
    return missed


def _finds(pool: ProcessPoolExecutor, mutant: Mutant) -> Iterator[Came]:
    """Worlds that find the bug, a few at a time so that the search ends early."""
    for first in range(0, SEARCH_SEEDS, CHUNK):
        came = pool.map(partial(found_by, name=mutant.name), range(first, min(first + CHUNK, SEARCH_SEEDS)))
        yield from (each for each in came if each.violation)


if __name__ == "__main__":
    sys.exit(main())
