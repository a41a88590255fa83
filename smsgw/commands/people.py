"""`smsgw subscriber …`: who may pay."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning
from typing import Annotated

import typer

from smsgw.commands.asking import Question, asking
from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret

app = typer.Typer(help="Subscribers: who may pay, and who must not.", no_args_is_help=True)

NumberArgument = Annotated[str, typer.Argument(help="With + and the country code.", metavar="NUMBER")]


@asking(app, "add", "smsgw subscriber add +998901234567 --language uz")
def add(
    number: NumberArgument,
    language: Annotated[str, typer.Option(help="en, ru, uz or ru-Latn; the service's own if left out.")] = "",
    level: Annotated[str, typer.Option(help="A NAME of limits.levels in smsgw.toml; as before if left out.")] = "",
    *,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> Question:
    """Register a number, or give a registered one a new payment password. The password is asked for, never shown."""
    password = Secret(sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked())
    return lambda desk: desk.add_subscriber(number, password, language, level)


@asking(app, "show", "smsgw subscriber show +998901234567 --json")
def show(number: NumberArgument) -> Question:
    """Show one subscriber and the wallet."""
    return lambda desk: desk.show_subscriber(number)


@asking(app, "level", "smsgw subscriber level +998901234567 identified")
def identify(
    number: NumberArgument,
    level: Annotated[str, typer.Argument(help='A NAME of limits.levels in smsgw.toml; "" for none.', metavar="LEVEL")],
) -> Question:
    """Set how well a subscriber is identified: by that, other limits hold."""
    return lambda desk: desk.identify(number, level)


@asking(app, "block", "smsgw subscriber block +998901234567")
def block(number: NumberArgument) -> Question:
    """Stop all payments of a number; one that awaits its code is cancelled."""
    return lambda desk: desk.block(number)


@asking(app, "unblock", "smsgw subscriber unblock +998901234567")
def unblock(number: NumberArgument) -> Question:
    """Lift a block and every pause; wrong passwords and codes are forgotten."""
    return lambda desk: desk.unblock(number)


def _asked() -> str:
    with warnings.catch_warnings():
        # Without a terminal the password would be read and shown all the same.
        warnings.simplefilter("error", GetPassWarning)
        try:
            password: str = typer.prompt("Payment password", hide_input=True, confirmation_prompt="Once more", err=True)
        except GetPassWarning:
            typer.echo(err=True)  # the prompt stands there
            raise Failed("there is no terminal to ask for the password; give it with --password-stdin") from None
    return password
