"""`make bench`: measure, print, and write the figures into docs/performance.md.

`make bench ARGS=--quick` measures a minute's worth, prints, and leaves the document as it is.
"""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from bench import codec, disk, machine, report, simulator, texts, traffic
from bench.traffic import Effort
from smsgw.log import configure

WHOLE: Final = Effort(people=10_000, runs=3, run_s=15.0)
QUICK: Final = Effort(people=2_000, runs=1, run_s=3.0)


def main(
    *, quick: Annotated[bool, typer.Option("--quick", help="A minute's worth, not written down.")] = False
) -> None:
    """Measure what the gateway does in a second on this machine."""
    configure("error")
    before = machine.load()
    facts = machine.facts() | {"command": "`make bench ARGS=--quick`" if quick else "`make bench`"}
    effort, rounds, round_s = (QUICK, 3, 0.2) if quick else (WHOLE, 9, 0.7)
    sections = [codec.measure(rounds), texts.measure(rounds), disk.measure(rounds, round_s), *traffic.measure(effort)]
    sections.append(simulator.measure(effort.runs, effort.run_s / 3))
    facts["load"] = f"{before:.1f} before, {machine.load():.1f} after (the bench itself makes about 1.5)"
    text = report.markdown(facts, sections)
    sys.stdout.write(text)
    if not quick:
        report.write(text)


if __name__ == "__main__":
    typer.run(main)
