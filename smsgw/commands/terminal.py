"""Speaking to the person at the terminal, and to the program that reads `--json`.

Rule 1: answers go to stdout, everything else to stderr; colours only where a terminal is.
Rule 2: whatever a value holds, a terminal gets no character that it would obey.
Rule 3: what went wrong is one line that names the thing and the mend; never a traceback.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from smsgw.log import printable
from smsgw.settings.problems import Problem

CONFIG: Final = Path("config/smsgw.toml")

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration; its companions stand beside it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

# How to make what a configuration lacks, by the last word of its key.
HINTS: Final = {
    "keys": "make one with `openssl rand -hex 32`, and keep it: without it passwords and codes are worth nothing",
    "token_file": "make one with `openssl rand -hex 16`",
    "password_env": "the password stays outside the file: export the variable where smsgw starts",
    "secret_env": "the secret stays outside the file: export the variable where smsgw starts",
}


# Whoever reads a pipe wants whole lines; no table of ours is wider.
PIPE_WIDTH: Final = 240


LINE: Final = "\n"
# What JSON leaves as it is and a terminal obeys: C1 controls, line ends of Unicode, directions; half a surrogate pair
# cannot even be written.
OBEYED: Final = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Exit(IntEnum):
    """Exit codes that scripts rely on."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2


class Failed(Exception):  # noqa: N818 -- what happened; the text is for the person at the terminal
    """The thing asked for was not done."""


def out() -> Console:
    """For answers."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def err() -> Console:
    """For everything else."""
    return Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line for a person. *text* may have rich's markup."""
    out().print(text, soft_wrap=True)


def complain(text: str) -> None:
    """One line on stderr."""
    err().print(f"[red]smsgw:[/red] {escape(printable(text, but=LINE))}", soft_wrap=True)


def print_json(document: object) -> None:
    """One JSON document, the same for a terminal and a pipe."""
    text = OBEYED.sub(lambda obeyed: f"\\u{ord(obeyed[0]):04x}", json.dumps(document, ensure_ascii=False, indent=2))
    out().print(text, markup=False, soft_wrap=True)


def complain_of(problems: Iterable[Problem]) -> None:
    """Every mistake of a configuration, each with its file, key and reason, and how to make what is missing."""
    console = err()
    for problem in problems:
        console.print(f"[red]{escape(printable(str(problem)))}[/red]", soft_wrap=True)
        hint = HINTS.get(problem.key.rpartition(".")[2])
        if hint and "make one" not in problem.reason:
            console.print(f"  {hint}", style="dim", soft_wrap=True)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Rows under their names; sums stand to the right."""
    grid = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column, justify="right" if column == "total" else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(escape(readable(value)) for value in row))
    _show(grid)


def fields(document: dict[str, object]) -> None:
    """A document as two columns: the name and the value; what is not known is left out."""
    grid = Table(show_header=False, box=None, pad_edge=False)
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, value in document.items():
        if value not in (None, ""):
            grid.add_row(name.replace("_", " "), escape(readable(value)))
    _show(grid)


def _show(grid: Table) -> None:
    """On a terminal as it is; in a pipe without the blanks that fill up its lines."""
    console = out()
    if console.is_terminal:
        console.print(grid)
        return
    with console.capture() as drawn:
        console.print(grid)
    for line in drawn.get().splitlines():
        console.print(line.rstrip(), markup=False, soft_wrap=True)


def readable(value: object) -> str:
    """A value of a document as a person reads it: sums with their currency, yes and no, times without the zone's T."""
    match value:
        case {"amount": str(amount), "currency": str(currency)}:
            return f"{amount} {currency}"
        case dict():
            return ", ".join(f"{name.replace('_', ' ')} {readable(inner)}" for name, inner in value.items() if inner)
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case str() if value.endswith("+00:00"):
            return value.replace("T", " ").replace("+00:00", " UTC")
        case _:
            # Providers' own words stand among these, and a terminal obeys what it is told.
            return "".join(character if character.isprintable() else "?" for character in str(value))
