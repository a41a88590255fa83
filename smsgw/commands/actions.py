"""`smsgw payment refund`, `payment resolve`, `wallet …`, `day …`, `action …`: what people do about money.

Each is a person's, with a reason; what one person may not do alone is only written down, until another one decides.
"""

from __future__ import annotations

from typing import Annotated, Final, cast

import typer

from smsgw.commands.asking import MoneyQuestion, asking
from smsgw.commands.money import payment
from smsgw.commands.money_desk import VARIABLE, ask_about_money, ask_in_person
from smsgw.commands.terminal import fields, say, table
from smsgw.domain.actions import ActionState
from smsgw.web.api import LISTED
from smsgw.web.documents import Document
from smsgw.web.operations import LISTED_MAX

wallet = typer.Typer(help="Wallets of subscribers.", no_args_is_help=True)
day = typer.Typer(help="Days of providers.", no_args_is_help=True)
action = typer.Typer(help=f"Money actions of people; {VARIABLE} says who you are.", no_args_is_help=True)

PaymentArgument = Annotated[str, typer.Argument(help="The number that stands first in the receipt.", metavar="NUMBER")]
ReasonOption = Annotated[str, typer.Option(help="Why, in a sentence for whoever checks the books.", show_default=False)]
ActionArgument = Annotated[str, typer.Argument(help="As `smsgw action list` shows it.", metavar="ID")]

COLUMNS: Final = ("id", "asked_at", "asked_by", "state", "subject", "amount", "reason")


def show_action(found: Document) -> None:
    """One action, and who has to decide it while it is proposed."""
    meaning = found.pop("meaning")
    fields(found)
    say("")
    say(f"{found['state']}: {meaning}.")
    if found["state"] == ActionState.PROPOSED:
        say(f"The other one: smsgw action approve {found['id']} (or reject)")


def show_actions(found: Document) -> None:
    """The rows of `action list`."""
    rows = cast("list[Document]", found["actions"])
    if rows:
        table([column.replace("_", " ") for column in COLUMNS], ([row[column] for column in COLUMNS] for row in rows))
    else:
        say("There is no such action.")


@asking(payment, "refund", 'smsgw payment refund 44742441 --reason "paid twice"', show_action, ask_in_person)
def refund(
    number: PaymentArgument,
    reason: ReasonOption,
    *,
    by_house: Annotated[
        bool, typer.Option("--by-house", help="Give back at once and at our cost: the provider keeps the credit.")
    ] = False,
) -> MoneyQuestion:
    """Give an executed payment back, amount and fee, through the provider's cancel; or by the house itself."""
    return lambda desk: desk.refund(number, reason, by_house=by_house)


@asking(
    payment,
    "resolve",
    'smsgw payment resolve 44742441 --paid --reason "SARKOR, Dilshod, by phone: credited"',
    show_action,
    ask_in_person,
)
def resolve(
    number: PaymentArgument,
    reason: ReasonOption,
    *,
    paid: Annotated[bool, typer.Option("--paid/--not-paid", help="Has the provider credited it?", show_default=False)],
) -> MoneyQuestion:
    """Say what became of a parked payment, once the provider has told you."""
    return lambda desk: desk.resolve(number, reason, paid=paid)


@asking(
    payment,
    "taken-back",
    'smsgw payment taken-back 44742441 --reason "PAYNET, Dilshod, by phone: cancelled"',
    show_action,
    ask_in_person,
)
def taken_back(number: PaymentArgument, reason: ReasonOption) -> MoneyQuestion:
    """Say that the provider has taken its credit back, where its cancel was parked without an answer."""
    return lambda desk: desk.taken_back(number, reason)


@asking(
    wallet,
    "adjust",
    'smsgw wallet adjust +998901234567 500 --into --reason "kiosk-7 gave no top-up" --key case-17',
    show_action,
    ask_in_person,
)
def adjust(
    number: Annotated[str, typer.Argument(help="With + and the country code.", metavar="NUMBER")],
    amount: Annotated[str, typer.Argument(help="In the service's currency: 50000 or 50000.50.", metavar="AMOUNT")],
    reason: ReasonOption,
    key: Annotated[str, typer.Option(help="Your own: the same key again moves nothing.", show_default=False)],
    *,
    into: Annotated[bool, typer.Option("--into/--out-of", help="Which way the money goes.", show_default=False)],
) -> MoneyQuestion:
    """Correct a wallet; the other side is `suspense`, until somebody explains it."""
    return lambda desk: desk.adjust(number, amount, key, reason, into=into)


@asking(day, "close", 'smsgw day close shop 2026-11-21 --reason "the books are equal"', show_action, ask_in_person)
def close(
    provider: Annotated[str, typer.Argument(help="The NAME of its table in providers.toml.", metavar="PROVIDER")],
    date: Annotated[str, typer.Argument(help="A day that has been reconciled: 2026-11-21.", metavar="DATE")],
    reason: ReasonOption,
) -> MoneyQuestion:
    """Set aside for payout what a reconciled day owes its provider."""
    return lambda desk: desk.close_day(provider, date, reason)


@asking(action, "list", "smsgw action list --state proposed", show_actions, ask_about_money)
def list_actions(
    state: Annotated[ActionState | None, typer.Option(help="Only those that stand so.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=LISTED_MAX)] = LISTED,
) -> MoneyQuestion:
    """List what people asked for, newest first."""
    return lambda desk: desk.actions(None if state is None else state.value, limit)


@asking(action, "show", "smsgw action show refund:44742441:1", show_action, ask_about_money)
def show(action_id: ActionArgument) -> MoneyQuestion:
    """Show one action: who asked for it, why, who decided, and what came of it."""
    return lambda desk: desk.action(action_id)


@asking(action, "approve", "smsgw action approve refund:44742441:1", show_action, ask_in_person)
def approve(
    action_id: ActionArgument,
    reason: Annotated[str, typer.Option(help="What you have looked at.")] = "",
) -> MoneyQuestion:
    """Let a proposed action be carried out; not your own."""
    return lambda desk: desk.approve(action_id, reason)


@asking(
    action, "reject", 'smsgw action reject refund:44742441:1 --reason "another payment"', show_action, ask_in_person
)
def reject(action_id: ActionArgument, reason: ReasonOption) -> MoneyQuestion:
    """Let a proposed action come to nothing; whoever asked for it may do that too."""
    return lambda desk: desk.reject(action_id, reason)
