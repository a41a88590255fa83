"""How the report of a replay is printed for people."""

from __future__ import annotations

from typing import Final

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from simulator.commands.output import out
from simulator.tapes.compare import Change, Difference, words
from simulator.tapes.report import Different, Limits, Report, some_texts

SHOWN_MAX: Final = 20
"""Texts whose differences are printed: a screen or two. --json has more."""

TEXT_SHOWN_MAX: Final = 60
"""Characters of a text: its beginning says which it is."""

# The signs are wdiff's, so that a log without colours says the same.
_MARKS: Final = {
    Change.SAME: ("", "", ""),
    Change.GONE: ("[-", "-]", "red"),
    Change.COME: ("{+", "+}", "green"),
}


def print_report(report: Report, limits: Limits, took_s: float) -> None:
    """Print counts, latencies, differences, and why it is not good enough."""
    states = ", ".join(f"{count} {state}" for state, count in sorted((+report.states).items()))
    no_reply = f"; {report.no_reply} without a reply" if report.no_reply else ""
    out().print(f"{some_texts(report.states.total())} sent in {took_s:.1f} s: {states or 'none'}{no_reply}")
    for reason, count in report.reasons.most_common():
        out().print(f"{count} × not sent: {escape(reason)}", soft_wrap=True)
    _print_latencies(report)
    how_many = f"differences: {report.differences}" if report.differences else "no difference"
    what = (
        f"{some_texts(report.compared)} compared with the tape: {how_many}"
        if report.compared
        else "nothing to compare with"
    )
    out().print(what)
    for different in report.different[:SHOWN_MAX]:
        _print_different(different)
    if len(report.different) > SHOWN_MAX:
        out().print(f"… and {some_texts(len(report.different) - SHOWN_MAX)} more; --json lists them")
    for failure in report.failures(limits):
        out().print(f"[red]failed:[/red] {failure}", soft_wrap=True)


def _print_latencies(report: Report) -> None:
    rows = {"answer": report.ack.summary(), "first reply": report.reply.summary()}
    counted = {name: summary for name, summary in rows.items() if summary["count"]}
    if counted:
        table = Table("ms", *(heading.removesuffix("_ms") for heading in next(iter(counted.values()))))
        for name, summary in counted.items():
            table.add_row(name, *(f"{value:g}" for value in summary.values()))
        out().print(table)


def _print_different(different: Different) -> None:
    cut = "…" if len(different.text) > TEXT_SHOWN_MAX else ""
    text = different.text[:TEXT_SHOWN_MAX] + cut
    out().print(f"[bold]{different.where}[/bold], {escape(different.sender)}: {escape(text)}", soft_wrap=True)
    for difference in different.differences[:SHOWN_MAX]:
        out().print(Text(f"  {difference.what}: ").append_text(_marked(difference)), soft_wrap=True)


def _marked(difference: Difference) -> Text:
    marked = Text()
    for change, piece in words(difference.recorded, difference.now):
        before, behind, style = _MARKS[change]
        marked.append(f"{before}{piece}{behind}", style)
    return marked
