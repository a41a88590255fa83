"""Tables and numbers of the report's page.

Rule: `<data value=…>` holds a figure as the JSON report does; its text is rounded for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from simulator.load.charts import number


def table(heads: Sequence[str], rows: Iterable[Sequence[float | str]]) -> str:
    """Write a table; the first column says of what each row is, numbers stand to the right."""
    rows = list(rows)
    looks = ["breaks", *map(_look, rows[0][1:])] if rows else [""] * len(heads)
    head = "".join(
        f'<th scope="col" class="{look}">{_head(name)}</th>' for name, look in zip(heads, looks, strict=True)
    )
    return framed(head, "".join(map(_row, rows)))


def framed(head: str, body: str) -> str:
    """Put the cells of a head and the rows of a body into a frame that scrolls, without a mouse too."""
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{whole}</div>'


def data(value: float) -> str:
    """Write a figure."""
    return f'<data value="{value}">{number(value)}</data>'


def _row(values: Sequence[float | str]) -> str:
    first, *others = values
    cells = "".join(f'<td class="{_look(value)}">{_cell(value)}</td>' for value in others)
    return f'<tr><th scope="row" class="{_look(first)}">{_cell(first)}</th>{cells}</tr>'


def _head(name: str) -> str:
    return escape(name.removesuffix("_ms"))


def _look(value: float | str) -> str:
    return "breaks" if isinstance(value, str) else "n"


def _cell(value: float | str) -> str:
    return escape(value) if isinstance(value, str) else data(value)
