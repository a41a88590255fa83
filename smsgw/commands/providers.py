"""`smsgw provider …`: the providers as the running gateway has them. A store knows calls, and no provider's state."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

import typer

from smsgw.commands.links import gateway
from smsgw.commands.terminal import CONFIG, ConfigOption, Failed, JsonOption, err, print_json, readable, table
from smsgw.settings.load import Configuration, environment, load
from smsgw.web.documents import Document
from smsgw.web.problems import Problem

app = typer.Typer(help="Providers that are paid, as the running gateway has them.", no_args_is_help=True)

COLUMNS: Final = ("provider", "protocol", "state", "in flight", "answers", "no answer", "parked", "last alarm")
# The words of answers that leave open what became of the request.
NO_ANSWER: Final = frozenset({"unknown", "not_sent"})


@app.command("list", epilog="Example: smsgw provider list --json")
def list_providers(config: ConfigOption = CONFIG, *, as_json: JsonOption = False) -> None:
    """Show how every provider stands: paused or not, its answers since the start, what is parked, its last alarm."""
    with err().status("Asking ..."):
        found = asyncio.run(_providers(load(config, environment())))
    if as_json:
        print_json(found)
    else:
        table(COLUMNS, map(row, cast("list[dict[str, Any]]", found["providers"])))


async def _providers(configuration: Configuration) -> Document:
    async with gateway(configuration) as client:
        found = await client.providers()
    if isinstance(found, Problem):
        raise Failed(found.detail)
    return found


def row(provider: dict[str, Any]) -> tuple[object, ...]:
    """One line for people, as COLUMNS."""
    alarm = provider["last_alarm"]
    return (
        provider["name"],
        provider["protocol"],
        _state(provider),
        provider["in_flight"],
        _answers(provider, open_=False),
        _answers(provider, open_=True),
        provider["parked"],
        f"{readable(alarm['at'])} {alarm['why']}" if alarm else "",
    )


def _state(provider: dict[str, Any]) -> str:
    until = f" until {readable(provider['paused_until'])}" if provider["paused_until"] else ""
    reason = f": {provider['reason']}" if provider["reason"] else ""
    return f"{provider['state']}{until}{reason}"


def _answers(provider: dict[str, Any], *, open_: bool) -> int:
    """How many exchanges ended with an answer that means something; with none, if *open_*."""
    return sum(each["count"] for each in provider["answers"] if (each["answer"] in NO_ANSWER) is open_)
