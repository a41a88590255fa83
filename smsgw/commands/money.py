"""`smsgw topup`, `smsgw payment …`, `smsgw ledger …`: where the money is."""

from __future__ import annotations

import uuid
from typing import Annotated, Final, cast

import typer

from smsgw.commands.asking import Question, asking
from smsgw.commands.desk import ask
from smsgw.commands.terminal import CONFIG, ConfigOption, Failed, JsonOption, err, fields, print_json, say, table
from smsgw.web.api import LISTED
from smsgw.web.documents import Document
from smsgw.web.operations import LISTED_MAX

payment = typer.Typer(help="Payments, from whatever channel.", no_args_is_help=True)
ledger = typer.Typer(help="The books.", no_args_is_help=True)

ABOUT_IT: Final = {
    "texts": ("created_at", "event", "state", "attempts", "possibly_twice"),
    "actions": ("asked_at", "id", "state", "asked_by", "reason", "decided_by", "note"),
}
"""The lists of a payment's document, and the columns that people see of them."""
# A timer that runs each night compares each day seven times; more is asked for on a copy.
DAYS_LISTED: Final = 7
DAY: Final = ("day", "transfers", "sha256", "as_closed")
COLUMNS: Final = ("number", "created_at", "subscriber", "provider", "account", "total", "state")


def add_top_up(app: typer.Typer) -> None:
    """`smsgw topup`, which stands beside the groups."""
    asking(app, "topup", "smsgw topup +998901234567 100000 --agent kiosk-7")(top_up)


def top_up(
    number: Annotated[str, typer.Argument(help="With + and the country code.", metavar="NUMBER")],
    amount: Annotated[str, typer.Argument(help="In the service's currency: 50000 or 50000.50.", metavar="AMOUNT")],
    agent: Annotated[str, typer.Option(help="Who took the cash.")] = "desk",
    key: Annotated[str, typer.Option(help="Your own key: the same key again moves nothing. Made if left out.")] = "",
) -> Question:
    """Put money that an agent took into a subscriber's wallet."""
    own_key = key or str(uuid.uuid4())
    return lambda desk: desk.top_up(number, amount, agent, own_key)


def show_list(found: Document) -> None:
    """The rows of `payment list`."""
    rows = cast("list[Document]", found["payments"])
    if rows:
        table([column.removesuffix("_at") for column in COLUMNS], ([row[column] for column in COLUMNS] for row in rows))
    else:
        say("There is no payment yet.")


@asking(payment, "list", "smsgw payment list --number +998901234567 --limit 5", show_list)
def list_payments(
    number: Annotated[str | None, typer.Option(help="Only this subscriber's.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=LISTED_MAX)] = LISTED,
) -> Question:
    """List the latest payments, newest first."""
    return lambda desk: desk.payments(number, limit)


def show_one(found: Document) -> None:
    """`payment show`: the payment, then what was texted about it, then what people did about it."""
    parts = [(columns, cast("list[Document]", found.pop(name))) for name, columns in ABOUT_IT.items()]
    fields(found)
    for columns, rows in parts:
        if rows:
            say("")
            table([column.replace("_", " ") for column in columns], ([row[c] for c in columns] for row in rows))


@asking(payment, "show", "smsgw payment show 44742441", show_one)
def show_payment(
    number: Annotated[str, typer.Argument(help="The number that stands first in the receipt.", metavar="NUMBER")],
) -> Question:
    """Show one payment, how far the exchange with the provider has come, and the texts and actions about it."""
    return lambda desk: desk.payment(number)


@ledger.command("days", epilog="Example: smsgw ledger days --last 30 --json")
def days(
    last: Annotated[int, typer.Option(help="How many of the latest days.", min=1, max=LISTED_MAX)] = DAYS_LISTED,
    config: ConfigOption = CONFIG,
    *,
    as_json: JsonOption = False,
) -> None:
    """Add closed days of the books up again, and compare each with its hash."""
    with err().status("Adding up every transfer of the days ..."):
        found = ask(config, lambda desk: desk.check_days(last))
    closed = cast("list[Document]", found["days"])
    if as_json:
        print_json(found)
    elif not closed:
        say("No day of the books is closed yet: each is, an hour after its midnight, while the gateway runs.")
    else:
        table([column.replace("_", " ") for column in DAY], ([day[column] for column in DAY] for day in closed))
    changed = [str(day["day"]) for day in closed if not day["as_closed"]]
    if changed:
        raise Failed(f"not as closed: {', '.join(changed)}; docs/runbook.md says how to find out what changed")


@ledger.command("check", epilog="Example: smsgw ledger check --json")
def check(config: ConfigOption = CONFIG, *, as_json: JsonOption = False) -> None:
    """Prove the books: every account against its transfers, every hold against its payment."""
    with err().status("Adding up every transfer ..."):
        proof = ask(config, lambda desk: desk.check_ledger())
    findings = cast("list[str]", proof["findings"])
    if as_json:
        print_json(proof)
    elif not findings:
        say("[green]balanced[/green]: every account equals the sum of its transfers, every hold has its payment")
    if findings:
        raise Failed("\n".join(("the books do not balance; stop paying out and find out why:", *findings)))
