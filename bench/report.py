"""The figures as people read them: on the terminal, and in docs/performance.md between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Section

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures: `make bench` writes what stands from here -->\n"
END: Final = "<!-- to here -->\n"


def markdown(facts: Mapping[str, str], sections: Sequence[Section]) -> str:
    """The head with the facts, then one table a section."""
    head = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return "\n\n".join([head, *map(_table, sections)]) + "\n"


def _table(section: Section) -> str:
    rows = (f"| {figure.what} | {figure.value} | {figure.note} |" for figure in section.figures)
    return "\n".join((f"### {section.title}", "", "| what | figure | |", "|---|---|---|", *rows))


def write(text: str) -> None:
    """Put *text* between the marks of the document; the words around them stay."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"{DOCUMENT} has lost its marks"
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
