"""The command `python -m simulator`: serve, load, replay, record.

Exit codes: 0 done, 1 the thing asked for failed, 2 wrong usage. Answers go to stdout, everything else to stderr.
"""

from __future__ import annotations

import typer

from simulator.commands.load import load
from simulator.commands.record import record
from simulator.commands.replay import replay
from simulator.commands.serve import EXAMPLES as SERVE_EXAMPLES, PROVIDERS, serve

app = typer.Typer(
    help="An operator to try a gateway on: an SMSC, providers' billings, a phone in the browser, load and faults.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=SERVE_EXAMPLES)(serve)
app.command(epilog=f"Example: python -m simulator load {PROVIDERS} --rate 300 --duration 60")(load)
app.command(epilog="Example: python -m simulator replay monday.jsonl --speed 10")(replay)
app.command(epilog="Example: python -m simulator record monday.jsonl --duration 3600")(record)


def main() -> None:
    """Run the command line."""
    app(prog_name="python -m simulator")
