"""`smsgw link …`: the links of the running gateway. Without one there is nothing to ask: a store knows no links."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final, cast

import typer

from smsgw.commands.client import Client, answers, base_url
from smsgw.commands.terminal import CONFIG, ConfigOption, Failed, JsonOption, err, print_json, table
from smsgw.log import printable
from smsgw.settings.load import Configuration, environment, load
from smsgw.web.documents import Document
from smsgw.web.problems import Problem

app = typer.Typer(help="Links to operators, as the running gateway has them.", no_args_is_help=True)

COLUMNS: Final = ("link", "health", "since", "sessions", "in flight", "texts in", "texts out", "refused", "lost", "why")


@app.command("status", epilog="Example: smsgw link status --json")
def status(config: ConfigOption = CONFIG, *, as_json: JsonOption = False) -> None:
    """Show how every link stands: sessions, window, counters since the start, and what went wrong last."""
    with err().status("Asking ..."):
        found = asyncio.run(_status(load(config, environment())))
    if as_json:
        print_json(found)
    else:
        table(COLUMNS, map(row, cast("list[dict[str, Any]]", found["links"])))


@app.command("trace", epilog="Example: smsgw link trace operator --json")
def trace(
    link: Annotated[str, typer.Argument(help="The NAME of its table [links.NAME].")],
    config: ConfigOption = CONFIG,
    *,
    as_json: JsonOption = False,
) -> None:
    """Follow a link, PDU by PDU, until Ctrl-C. Texts and passwords show their length only, numbers are masked."""
    configuration = load(config, environment())
    with suppress(KeyboardInterrupt):
        asyncio.run(_trace(configuration, link, readable_pdu if not as_json else str.strip))


async def _trace(configuration: Configuration, link: str, written: Callable[[str], str]) -> None:
    async with gateway(configuration) as client:
        async for line in client.trace(link):
            if line.strip():
                sys.stdout.write(written(line.decode()) + "\n")
                sys.stdout.flush()
    raise Failed("the gateway has ended the trace")


def readable_pdu(line: str) -> str:
    """One line of a trace for people: time, direction, command, sequence, status, and the rest as name=value.

    Names and ids are the SMSC's own octets: what a terminal would obey is shown as its number.
    """
    shown = json.loads(line)
    if "lost" in shown:
        return f"... {shown['lost']} PDUs came too fast to be shown"
    head = shown.pop("at")[11:23], shown.pop("direction"), shown.pop("command"), f"#{shown.pop('sequence')}"
    return printable(" ".join((*head, shown.pop("status"), *(f"{name}={value}" for name, value in shown.items()))))


async def _status(configuration: Configuration) -> Document:
    async with gateway(configuration) as client:
        found = await client.links()
    if isinstance(found, Problem):
        raise Failed(found.detail)
    return found


@asynccontextmanager
async def gateway(configuration: Configuration) -> AsyncIterator[Client]:
    """The running gateway.

    Raises:
        Failed: there is none.
    """
    address = configuration.settings.http.address
    if not await answers(address):
        raise Failed(f"no gateway answers at {base_url(address)}; start it with `smsgw run`")
    async with Client(address, configuration.token) as client:
        yield client


def row(link: dict[str, Any]) -> tuple[object, ...]:
    """One line for people, as COLUMNS; texts in include receipts, for both are deliver_sm."""
    in_flight = sum(session["in_flight"] for session in link["sessions"])
    return (
        link["name"],
        link["health"],
        link["since"],
        f"{link['bound']} of {link['configured']}",
        f"{in_flight} of {link['window'] * len(link['sessions'])}",
        _passed(link, "received", "deliver_sm"),
        _passed(link, "sent", "submit_sm"),
        _passed(link, "received", "submit_sm_resp", refused=True),
        link["events"].get("connection_lost", 0),
        link["reason"] or link["last_cause"],
    )


def _passed(link: dict[str, Any], direction: str, command: str, *, refused: bool = False) -> int:
    """How many PDUs of a command passed in a direction; only those with an error status, if *refused*."""
    rows = (pdu for pdu in link["pdus"] if (pdu["direction"], pdu["command"]) == (direction, command))
    return sum(pdu["count"] for pdu in rows if not refused or pdu["status"] != "ESME_ROK")
