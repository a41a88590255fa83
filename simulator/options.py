"""The options of the commands: dataclasses whose fields are what one may type.

Rule: what cannot be read is a ValueError that names the option; the command line makes wrong usage of it.
"""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_type_hints

import typer

from simulator.billing.provider import SERVERS, BillingSetup
from simulator.load.settings import LoadSettings
from simulator.settings import SimulatorSettings, SmscSettings
from smsgw.smpp.text import Alphabet

PORT_MAX: Final = 65_535

COUNT: Final = 1_000
"""Dialogues of a run that nobody bounded: some seconds."""

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Where to listen, who may bind, who can be paid."""

    smpp: Annotated[str, typer.Option(help="HOST:PORT for the gateways; port 0 = any.")] = "127.0.0.1:2775"
    http: Annotated[str, typer.Option(help="HOST:PORT for people and scripts; port 0 = any.")] = "127.0.0.1:8090"
    provider: Annotated[
        list[str],
        typer.Option(
            help=f"A billing to simulate, NAME:PROTOCOL[:LOGIN[:PASSWORD]]: {', '.join(SERVERS)}. Repeat.",
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
    window: Annotated[int, typer.Option(help="deliver_sm in flight on each bind.")] = 50
    alphabet: Annotated[Alphabet, typer.Option(help="What data_coding 0 means.")] = Alphabet.GSM0338
    retry_s: Annotated[float, typer.Option(help="From a refusal that means 'later' to the next attempt.")] = 1.0
    receipt_s: Annotated[float, typer.Option(help="From a submit_sm to its delivery receipt.")] = 0.2

    def simulator(self) -> SimulatorSettings:
        """The settings that were typed. Raises ValueError."""
        smpp_host, smpp_port = _address("--smpp", self.smpp)
        http_host, http_port = _address("--http", self.http)
        return SimulatorSettings(
            smpp_host=smpp_host,
            smpp_port=smpp_port,
            smpp_tls=self._tls(),
            http_host=http_host,
            http_port=http_port,
            smsc=self._smsc(),
            providers=tuple(_provider(words) for words in self.provider),
        )

    def _tls(self) -> ssl.SSLContext | None:
        if not self.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.tls)
            if self.tls_clients:
                context.load_verify_locations(self.tls_clients)
                context.verify_mode = ssl.CERT_REQUIRED
        except OSError as error:
            raise ValueError(f"--tls: {error}") from None
        return context

    def _smsc(self) -> SmscSettings:
        return SmscSettings(
            credentials=dict(_pair("--user", words, ":") for words in self.user),
            routes=dict(_pair("--route", words, "=") for words in self.route),
            window=self.window,
            alphabet=self.alphabet,
            redelivery_delay_s=self.retry_s,
            receipt_delay_s=self.receipt_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(ServeOptions):
    """What to drive, how fast, and how long; and all that `serve` takes."""

    text: Annotated[
        str, typer.Option(help="The text that begins a dialogue; {account}, {amount}, {n} differ each time.")
    ] = "SARKOR*n{account}*{amount}*parol1"
    plain: Annotated[bool, typer.Option("--plain", help="No payment: the first answer ends a dialogue.")] = False
    short_code: Annotated[str, typer.Option(help="Whom to text.")] = "1400"
    first_number: Annotated[int, typer.Option(help="The first subscriber; the others follow.")] = 998_900_000_000
    subscribers: Annotated[int, typer.Option(help="How many there are.")] = 10_000
    count: Annotated[
        int, typer.Option(help=f"End after so many dialogues; without --duration {COUNT:,}.", show_default=False)
    ] = 0
    duration: Annotated[float, typer.Option(help="End after so many seconds.", show_default=False)] = 0.0
    rate: Annotated[float, typer.Option(help="Dialogues a second; 0 = flat out, --concurrent at a time.")] = 0.0
    concurrent: Annotated[int, typer.Option(help="Dialogues at a time, without --rate.")] = 100
    timeout: Annotated[float, typer.Option(help="Seconds until a dialogue without an answer is given up.")] = 60.0
    bind_timeout: Annotated[float, typer.Option(help="Seconds to wait for a gateway at the beginning.")] = 60.0
    stay: Annotated[bool, typer.Option("--stay", help="Then go on serving until Ctrl-C.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False

    def load(self) -> LoadSettings:
        """The run that was typed. Raises ValueError."""
        return LoadSettings(
            text=self.text,
            plain=self.plain,
            short_code=self.short_code,
            first_number=self.first_number,
            subscribers=self.subscribers,
            count=self.count or (0 if self.duration else COUNT),
            duration_s=self.duration,
            rate_per_s=self.rate,
            concurrent=self.concurrent,
            timeout_s=self.timeout,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Which tape, where to, how fast."""

    file: Annotated[
        Path, typer.Argument(help='JSON lines: {"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}')
    ]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    speed: Annotated[float, typer.Option(min=0, help="2 = twice as fast as recorded; 0 = flat out.")] = 1.0
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """Which simulator, where to, how much."""

    file: Annotated[Path, typer.Argument(help="The tape; what it held before stays.")]
    url: Annotated[str, typer.Option(help="The running simulator.")] = "http://127.0.0.1:8090"
    texts: Annotated[bool, typer.Option("--texts", help="Keep the texts as they are, passwords and codes too.")] = False
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 = until Ctrl-C.")] = 0.0


def takes(options: type[Options]) -> Callable[[Callable[[Options], int]], Callable[..., None]]:
    """Make a command of a function that takes *options* and returns its exit code."""

    def decorate(function: Callable[[Options], int]) -> Callable[..., None]:
        def command(**values: Any) -> None:
            raise typer.Exit(function(options(**values)))

        hints = get_type_hints(options, include_extras=True)
        parameters = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
            for name, default in _defaults(options)
        ]
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        command.__annotations__ = hints
        # Typer looks at the signature, which a dataclass has already: there is no need to write it twice.
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # functions have one
        return command

    return decorate


def _defaults(options: type[Any]) -> list[tuple[str, Any]]:
    def default(one: Any) -> Any:
        if one.default_factory is not MISSING:
            return one.default_factory()
        return inspect.Parameter.empty if one.default is MISSING else one.default

    return [(one.name, default(one)) for one in fields(options)]


def _address(option: str, words: str) -> tuple[str, int]:
    host, colon, port = words.rpartition(":")
    if not (host and colon and port.isascii() and port.isdecimal() and int(port) <= PORT_MAX):
        raise ValueError(f"{option}: {words!r} is no HOST:PORT, such as 127.0.0.1:2775")
    return host.strip("[]"), int(port)


def _pair(option: str, words: str, separator: str) -> tuple[str, str]:
    key, found, value = words.partition(separator)
    if not (key and found):
        raise ValueError(f"{option}: {words!r} has no {separator!r} between its two halves")
    return key, value


def _provider(words: str) -> BillingSetup:
    parts = words.split(":", 3)
    if len(parts) < 2 or not all(parts[:2]):
        raise ValueError(f"--provider: {words!r} is no NAME:PROTOCOL[:LOGIN[:PASSWORD]], such as comnet:osmp")
    name, protocol, login, password = [*parts, "", ""][:4]
    return BillingSetup(name=name, protocol=protocol, login=login, password=password)
