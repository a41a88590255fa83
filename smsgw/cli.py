"""The command `smsgw`: names, help and exit codes. What a command does stands in `commands/`.

Exit codes: 0 done, 1 the thing asked for failed, 2 wrong usage or configuration, or a damaged database: what no restart
mends.
"""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from smsgw import __version__
from smsgw.commands import actions, copies, links, money, people, providers, reconcile, run, upkeep
from smsgw.commands.terminal import CONFIG, ConfigOption, Exit, Failed, complain, complain_of, say
from smsgw.log import configure
from smsgw.ports import StoreUnavailable, WorkFailed
from smsgw.settings.problems import ConfigurationError
from smsgw.store.errors import StoreDamaged, StoreRefused
from smsgw.web.server import CannotListen

REFUSALS: Final = (Failed, StoreRefused, StoreUnavailable, WorkFailed, CannotListen)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 -- Typer gives an option's value by position
    if wanted:
        say(f"smsgw {__version__}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """An open gateway for paying by SMS."""
    assert not version, "it has been shown, and that was all"


app.command(epilog="Example: smsgw run --config /etc/smsgw/smsgw.toml")(run.run)
app.command(epilog="Example: smsgw check --config config/production.example/smsgw.toml")(upkeep.check)
app.command(epilog="Example: smsgw migrate")(upkeep.migrate)
app.command(epilog="Example: smsgw backup var/backup-2026-11-21.sqlite")(copies.backup)
app.command(epilog="Example: smsgw restore var/backup-2026-11-21.sqlite --replace")(copies.restore)
money.add_top_up(app)
app.add_typer(links.app, name="link")
app.add_typer(providers.app, name="provider")
app.add_typer(people.app, name="subscriber")
app.add_typer(money.payment, name="payment")
app.add_typer(actions.wallet, name="wallet")
app.add_typer(actions.action, name="action")
app.add_typer(actions.day, name="day")
app.command(epilog="Example: smsgw reconcile shop 2026-11-21")(reconcile.reconcile)
app.add_typer(money.ledger, name="ledger")


@app.command(epilog="Example: smsgw demo --once")
def demo(
    config: ConfigOption = CONFIG,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End after the dialogue; else the phone page stays open.")
    ] = False,
) -> None:
    """Play one whole payment on this machine, nothing from outside needed; then keep a phone open in the browser."""
    from smsgw.commands.demo import demo as play  # noqa: PLC0415 -- only the demo needs the simulator

    play(config, once=once)


def main() -> None:
    """Run the command line, and turn what can go wrong into a line and an exit code."""
    # A command answers for itself; only what its author did not expect may speak beside it.
    configure("error", json_lines=False)
    try:
        app()
    except ConfigurationError as error:
        complain_of(error.problems)
        sys.exit(Exit.WRONG_USAGE)
    except StoreDamaged as error:
        complain(str(error))
        sys.exit(Exit.WRONG_USAGE)
    except REFUSALS as error:
        complain(str(error))
        sys.exit(Exit.FAILED)
