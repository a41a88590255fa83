"""What can be set on the simulator, each with its reason."""

from __future__ import annotations

import math
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final, Self

from simulator.billing.provider import BillingSetup
from simulator.faults.scenario import NO_TROUBLE, SEED, Scenario
from simulator.smsc.fates import Delay, FateSettings
from smsgw.smpp.constants import INTERFACE_VERSION, Status
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.text import Alphabet

LOOPBACK: Final = "127.0.0.1"

JOURNAL_MAX: Final = 50_000
"""Entries kept for whoever asks later: some ten thousand dialogues. About 50 MB."""

PDUS_MAX: Final = 50_000
"""PDUs kept for whoever asks later: some four thousand dialogues. About 15 MB."""

DELIVER_AGAIN: Final = frozenset(
    {Status.ESME_RX_T_APPN, Status.ESME_RMSGQFUL, Status.ESME_RSYSERR, Status.ESME_RTHROTTLED}
)
"""Answers to a deliver_sm that mean "later" to most operators."""


TOKEN_LENGTH_MIN: Final = 16
"""A shorter one can be guessed by whoever may ask as often as they like."""


def judge_token(token: str) -> None:
    """Refuse what can be guessed, and what no header of HTTP can show. Raises ValueError, which does not tell it."""
    if len(token) < TOKEN_LENGTH_MIN:
        raise ValueError(f"the token has {len(token)} characters; {TOKEN_LENGTH_MIN} are the least")
    if not all("!" <= character <= "~" for character in token):
        raise ValueError("the token has a line end, a space or what is no ASCII in it: leave it out")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at *host*; a name other than localhost may lead anywhere."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def callable_host(host: str) -> str:
    """Where this machine calls what listens at *host*: all its addresses at once are none that can be called."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return LOOPBACK if address.version == 4 else "::1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """What one system_id may do; `binds` are of transmitter, receiver, transceiver. Empty and 0 = no limit."""

    binds: frozenset[str] = frozenset()
    binds_max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmscSettings:
    """The behaviour of the SMSC."""

    system_id: str = "SIMULATOR"
    """How the SMSC names itself in its bind_resp."""

    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """system_id to password; empty = every bind is welcome."""

    account_rules: Mapping[str, AccountRules] = field(default_factory=dict)
    """system_id to what else is asked of its binds; whoever is not named may bind as they like."""

    routes: Mapping[str, str] = field(default_factory=dict)
    """Short code to system_id; a text to a number without a route goes to any ESME that receives."""

    alphabet: Alphabet = Alphabet.GSM0338
    """What this SMSC means by data_coding 0."""

    interface_version: int = INTERFACE_VERSION
    """What the bind_resp announces; below 0x34 neither side sends TLVs unasked, and 0 announces nothing."""

    decimal_ids: bool = False
    """Ids in submit_sm_resp as decimal numbers; else as eight hexadecimal digits."""

    first_id: int = 1
    """The number of the first message; those after it count up."""

    window: int = 50
    """deliver_sm in flight on each bind; large enough for a gateway that commits many at once."""

    response_s: float = 30.0
    """How long a deliver_sm may stay unanswered; after that it is delivered again."""

    redelivery_statuses: frozenset[int] = DELIVER_AGAIN
    """Answers after which a deliver_sm is delivered again; any other refusal is final."""

    redelivery_delay_s: float = 1.0
    """From such an answer to the next attempt. Operators wait a minute; whoever tests does not want to."""

    redelivery_growth: float = 1.0
    """By so much each delay is longer than the one before it."""

    redelivery_delay_max_s: float = 3_600.0
    """Where such growth ends: operators try at least every hour."""

    attempts_max: int = 50
    """After so many attempts a text is given up, as its validity would end it."""

    ttl_s: float = math.inf
    """After so long a text of a subscriber is given up, whether it was refused or nobody was there to take it."""

    delivery_s: float = 0.0
    """From submit_sm to the inbox; so long a message can be cancelled or replaced."""

    receipt_delay_s: float = 0.2
    """From there to the delivery receipt."""

    receipts: FateSettings | None = None
    """What receipts say, and when; None = delivered, after `receipt_delay_s`."""

    waiting_max: int = 200_000
    """Texts and receipts that may wait for a bind; beyond it a new one is refused. About 200 MB."""

    scenario: Scenario = NO_TROUBLE
    """What goes wrong, from the moment on at which the SMSC listens."""

    seed: int = SEED
    """What the scenario draws its chance from."""

    def __post_init__(self) -> None:
        if min(self.window, self.attempts_max, self.waiting_max) < 1:
            raise ValueError("window, attempts_max, waiting_max: at least 1")
        times = self.redelivery_delay_s, self.redelivery_delay_max_s, self.receipt_delay_s, self.delivery_s
        if min(self.response_s, self.ttl_s) <= 0 or min(times) < 0:
            raise ValueError("times: not negative, and response_s and ttl_s above 0")
        if self.redelivery_growth < 1:
            raise ValueError("redelivery_growth: at least 1")

    @property
    def fates(self) -> FateSettings:
        """What becomes of messages."""
        return self.receipts or FateSettings(delay=Delay(self.receipt_delay_s))

    @property
    def session(self) -> SessionSettings:
        """The limits of each session."""
        # A window of the peer's that no operator would grant: what is slow here must be the gateway, not us.
        return SessionSettings(window=self.window, inbound_window=5_000, response_s=self.response_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings:
    """One operator: where its SMSC listens (port 0 = any that is free), and whose numbers are its own."""

    name: str = "operator"
    prefixes: tuple[str, ...] = ()
    """How its subscribers' numbers begin, without plus; the first operator also has whoever is nobody else's."""
    host: str = LOOPBACK
    port: int = 0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    smsc: SmscSettings = field(default_factory=SmscSettings)
    gateway_window: int = 10
    """Requests that a gateway may have in flight, as agreed with it (SMPP 3.4, 2.5.1 advises 10); only judged by."""

    def __post_init__(self) -> None:
        if not (is_loopback(self.host) or self.smsc.credentials):
            raise ValueError(
                f"{self.host} can be reached from elsewhere, and anybody could bind: name who may (accounts, --user)"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The simulator as a whole. Port 0 = any that is free."""

    operators: tuple[OperatorSettings, ...] = (OperatorSettings(),)
    http_host: str = LOOPBACK
    http_port: int = 0
    http_token: str = field(default="", repr=False)
    """What whoever asks over HTTP has to show; empty = nothing."""
    providers: tuple[BillingSetup, ...] = ()
    journal_max: int = JOURNAL_MAX
    pdus_max: int = PDUS_MAX

    def __post_init__(self) -> None:
        names = [one.name for one in self.operators]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"operators: at least one, each with a name of its own, not {names}")
        if self.journal_max < 1 or self.pdus_max < 0:
            raise ValueError("journal_max: at least 1; pdus_max: not negative")
        if self.http_token:
            judge_token(self.http_token)
        if not (is_loopback(self.http_host) or self.http_token):
            raise ValueError(
                f"{self.http_host} can be reached from elsewhere, and anybody could ask: name a token "
                "(--http-token-env, or token_env in [http])"
            )

    @classmethod
    def single(cls, smsc: SmscSettings, **others: Any) -> Self:
        """One operator that listens anywhere on loopback; *others* as above."""
        return cls(operators=(OperatorSettings(smsc=smsc),), **others)
