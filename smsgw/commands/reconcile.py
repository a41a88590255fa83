"""`smsgw reconcile`: one day of a provider, its statement beside our books.

Exit codes: 0 equal (or the provider has no statements), 1 they differ or could not be compared, 2 wrong usage.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final, cast

import typer

from smsgw.commands.money_desk import MoneyDesk, money_desk
from smsgw.commands.terminal import (
    CONFIG,
    ConfigOption,
    Exit,
    Failed,
    JsonOption,
    err,
    print_json,
    readable,
    say,
    table,
)
from smsgw.settings.load import Configuration, environment, load
from smsgw.web.documents import Document
from smsgw.web.money import RUNNING, is_day
from smsgw.web.money_documents import TALLIES
from smsgw.web.problems import Problem

# A run that outlasts the first answer takes minutes: a question a second finds its end soon enough.
POLL_S: Final = 1.0
LOST: Final = "the run has left no report; was the gateway restarted? Ask once more"

TALLY_COLUMNS: Final = ("", "payments", "total")
FINDING_COLUMNS: Final = ("payment", "difference", "our sum", "their sum", "their key")


def reconcile(
    provider: Annotated[str, typer.Argument(help="The NAME of its table in providers.toml.", metavar="PROVIDER")],
    date: Annotated[str, typer.Argument(help="A day that is over: 2026-11-21.", metavar="DATE")],
    config: ConfigOption = CONFIG,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare a day with the provider's statement, resolve what it answers, and make the provider's registry."""
    configuration = load(config, environment())
    if provider not in configuration.providers:
        raise typer.BadParameter(
            f"there is no {provider}; there are {', '.join(configuration.providers)}", param_hint="PROVIDER"
        )
    if not is_day(date):
        raise typer.BadParameter("a day is written as 2026-11-21", param_hint="DATE")
    with err().status(f"Reconciling {provider} for {date} ..."):
        day = asyncio.run(_reconciled(configuration, provider, date))
    report = cast("dict[str, Any]", day["report"])
    if as_json:
        print_json(day)
    else:
        show_day(day, report)
    if report["equal"] is False:
        raise typer.Exit(Exit.FAILED)


async def _reconciled(configuration: Configuration, provider: str, date: str) -> Document:
    async with money_desk(configuration) as desk:
        return await followed(desk, provider, date)


async def followed(desk: MoneyDesk, provider: str, date: str) -> Document:
    """Begin a run, wait for its end, however long it takes, and return the day with its report.

    Raises:
        Failed: nothing was compared; the text says why.
    """
    answer = _good(await desk.reconcile(provider, date))
    if answer == RUNNING and not err().is_terminal:
        # A terminal has its spinner.
        err().print(f"{provider} takes its time over the statement; the run goes on ...")
    day = _good(await desk.day(provider, date))
    while answer == RUNNING and day["running"]:
        await asyncio.sleep(POLL_S)
        day = _good(await desk.day(provider, date))
    if day["report"] is None or day["failure"] is not None:
        raise Failed(str(day["failure"] or LOST))
    return day


def _good(answer: Document | Problem) -> Document:
    if isinstance(answer, Problem):
        raise Failed(answer.detail)
    return answer


def show_day(day: Document, report: dict[str, Any]) -> None:
    """The report for people: what was counted, each difference, the files for the provider."""
    if not report["compared"]:
        waiting = report["open"]["payments"]
        say(f"{report['provider']} has no statements, so nothing was compared; {waiting} payments have no outcome yet.")
    elif report["equal"]:
        say("[green]equal[/green]: both sides have the same payments")
    else:
        say("[red]they differ[/red]: docs/reconciliation.md says what each difference means and what to do")
    if report["compared"]:
        table(TALLY_COLUMNS, ((name, report[name]["payments"], report[name]["sum"]) for name in TALLIES))
    if report["findings"]:
        say("")
        table(FINDING_COLUMNS, map(_finding_row, report["findings"]))
    for registry in cast("list[dict[str, Any]]", day["registries"]):
        say(f"registry {registry['name']}: {registry['payments']} payments, {readable(registry['sum'])}")


def _finding_row(finding: dict[str, Any]) -> tuple[object, ...]:
    # The key is the provider's: what it has that no terminal shows could be meant for ours.
    key = "".join(each if each.isprintable() else "?" for each in finding["key"])
    return finding["number"], finding["difference"], finding["ours"], finding["theirs"], key
