"""`serve`: be operators and providers until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import ssl
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from simulator.app import Simulator
from simulator.billing.provider import SERVERS, BillingSetup
from simulator.commands.options import (
    accounts,
    address,
    judge_twins,
    pairs,
    provider,
    read_token,
    seconds,
    takes,
    typed,
)
from simulator.commands.output import DONE, FAILED, err
from simulator.commands.running import run
from simulator.commands.scenarios import with_scenarios
from simulator.configuration.load import load
from simulator.configuration.sections import WINDOW_MAX, stray_routes
from simulator.configuration.tls import server_context
from simulator.conformance.judge import Violation
from simulator.conformance.rules import Level
from simulator.faults.scenario import NO_TROUBLE, SEED
from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings, callable_host
from smsgw.smpp.text import Alphabet

PROVIDERS: Final = "--provider sarkor:sarkor:smsgw:secret --provider comnet:osmp"

EXAMPLES: Final = f"""
Examples:

python -m simulator serve {PROVIDERS}

python -m simulator serve --config simulator/examples/three-operators.toml

SIM_TOKEN=$(openssl rand -hex 16) python -m simulator serve --http 0.0.0.0:8090 --http-token-env SIM_TOKEN
"""

IN_FILE: Final = frozenset(
    {
        "smpp",
        "http",
        "http_token_env",
        "provider",
        "user",
        "route",
        "tls",
        "tls_clients",
        "window",
        "alphabet",
        "retry_s",
        "receipt_s",
    }
)
"""Options that the file of --config has keys for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Where to listen, who may bind, who can be paid."""

    config: Annotated[
        str, typer.Option(help="All that in a TOML file, for several operators and more.", show_default=False)
    ] = ""
    smpp: Annotated[str, typer.Option(help="HOST:PORT for the gateways; port 0 = any.")] = "127.0.0.1:2775"
    http: Annotated[str, typer.Option(help="HOST:PORT for people and scripts; port 0 = any.")] = "127.0.0.1:8090"
    http_token_env: Annotated[
        str,
        typer.Option(
            help="The environment variable with a token that every request must show; needed off this machine.",
            metavar="NAME",
            show_default=False,
        ),
    ] = ""
    provider: Annotated[
        list[str],
        typer.Option(
            # A word that is wider than the column of an 80 column terminal would be cut.
            help="A billing to simulate: NAME:PROTOCOL, then :LOGIN and :PASSWORD where it has them. PROTOCOL is one "
            f"of {', '.join(SERVERS)}. Repeat.",
            metavar="BILLING",
        ),
    ] = field(default_factory=list)
    user: Annotated[
        list[str], typer.Option(help="Who may bind, SYSTEM_ID:PASSWORD; without any, everybody. Repeat.")
    ] = field(default_factory=list)
    route: Annotated[
        list[str], typer.Option(help="Whose texts to a short code are, CODE=SYSTEM_ID; else any bind's. Repeat.")
    ] = field(default_factory=list)
    tls: Annotated[
        str, typer.Option(help="Speak TLS to the gateways: a PEM file with certificate and key.", show_default=False)
    ] = ""
    tls_clients: Annotated[
        str, typer.Option(help="With --tls: the authority that gateways must be signed by.", show_default=False)
    ] = ""
    window: Annotated[int, typer.Option(min=1, max=WINDOW_MAX, help="deliver_sm in flight on each bind.")] = 50
    alphabet: Annotated[Alphabet, typer.Option(help="What data_coding 0 means.")] = Alphabet.GSM0338
    retry_s: Annotated[float, typer.Option(help="From a refusal that means 'later' to the next attempt.")] = 1.0
    receipt_s: Annotated[float, typer.Option(help="From a submit_sm to its delivery receipt.")] = 0.2
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Say at once what a gateway breaks of SMPP; exit 1 if it must not."),
    ] = False
    scenario: Annotated[
        list[str],
        typer.Option(
            help="What goes wrong: a ready scenario (such as flaky; GET /scenarios lists them) or a TOML file; "
            "OPERATOR=... for one operator only. Repeat.",
            metavar="NAME|FILE",
        ),
    ] = field(default_factory=list)
    seed: Annotated[int, typer.Option(help="What scenarios draw their chance from.")] = SEED

    def simulator(self) -> SimulatorSettings:
        """The settings that were typed, or those of the file. Raises ValueError."""
        if self.config:
            self._judge_alone()
            settings = load(Path(self.config), os.environ)
            return replace(settings, operators=with_scenarios(settings.operators, self.scenario, self.seed))
        smpp_host, smpp_port = address("--smpp", self.smpp)
        http_host, http_port = address("--http", self.http)
        operator = OperatorSettings(host=smpp_host, port=smpp_port, tls=self._tls(), smsc=self._smsc())
        return SimulatorSettings(
            operators=with_scenarios((operator,), self.scenario, self.seed),
            http_host=http_host,
            http_port=http_port,
            http_token=read_token("--http-token-env", self.http_token_env),
            providers=self._providers(),
        )

    def _judge_alone(self) -> None:
        """Refuse an option that the file says too: which of the two is meant?"""
        for one in fields(ServeOptions):
            default = [] if one.default is MISSING else one.default
            if one.name in IN_FILE and getattr(self, one.name) != default:
                option = one.name.replace("_", "-")
                raise ValueError(f"--config and --{option} exclude each other; the file has a key for it")

    def _providers(self) -> tuple[BillingSetup, ...]:
        found = tuple(provider(words) for words in self.provider)
        judge_twins("--provider", (one.name for one in found))
        return found

    def _tls(self) -> ssl.SSLContext | None:
        if self.tls_clients and not self.tls:
            raise ValueError("--tls-clients needs --tls: without a certificate of ours there is no TLS at all")
        if not self.tls:
            return None
        try:
            return server_context(Path(self.tls), None, Path(self.tls_clients) if self.tls_clients else None)
        except OSError as error:
            raise ValueError(f"--tls: {error}") from None

    def _smsc(self) -> SmscSettings:
        users, routes = accounts("--user", self.user), pairs("--route", self.route, "=")
        if strays := stray_routes(routes, users):
            code, system_id = strays[0]
            raise ValueError(f"--route: {code}: {system_id!r} is no account: add --user {system_id}:PASSWORD")
        return SmscSettings(
            credentials=users,
            routes=routes,
            window=self.window,
            alphabet=self.alphabet,
            redelivery_delay_s=seconds("--retry-s", self.retry_s),
            receipt_delay_s=seconds("--receipt-s", self.receipt_s),
        )


@takes(ServeOptions)
def serve(options: ServeOptions) -> int:
    """Be an SMSC and providers until Ctrl-C; the phone page is at the HTTP address."""
    settings = typed(options.simulator)
    return run(lambda stop: _serve(settings, stop, strict=options.strict))


async def _serve(settings: SimulatorSettings, stop: asyncio.Event, *, strict: bool) -> int:
    async with Simulator(settings) as simulator:
        introduce(simulator)
        if strict:
            simulator.judge.violations.watchers.append(tell)
        await stop.wait()
        simulator.judge.look()
    return FAILED if strict and simulator.judge.broken else DONE


def tell(one: Violation) -> None:
    """Say what a gateway has broken."""
    rule = one.rule
    where = f"{one.operator}, session {one.line_id}"
    style = "red" if rule.level is Level.MUST else "yellow"
    words = f"{where}: {one.detail} (SMPP 3.4, {rule.clause}). {rule.advice}"
    err().print(f"[{style}]{rule.level} {rule.name}[/{style}] {escape(words)}", soft_wrap=True)


def introduce(simulator: Simulator) -> None:
    """Say where everything is."""
    operators = simulator.settings.operators
    for operator in operators:
        name = f"  {operator.name}" if len(operators) > 1 else ""
        err().print(f"SMPP  {operator.host}:{simulator.network.ports[operator.name]}{name}", highlight=False)
        if (scenario := operator.smsc.scenario) is not NO_TROUBLE:
            err().print(f"      plays {scenario.title} (seed {operator.smsc.seed})", highlight=False, markup=False)
    host = simulator.settings.http_host
    elsewhere = "" if callable_host(host) == host else "  (and at every address of this machine)"
    err().print(f"phone {simulator.http_url}/{elsewhere}", highlight=False)
    for name, billing in simulator.billings.items():
        err().print(f"{name}: {simulator.http_url}/providers/{name}{billing.server.base}", highlight=False)
