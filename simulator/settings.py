"""What can be set on the simulator, each with its reason."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from simulator.billing.provider import BillingSetup
from simulator.faults.scenario import NO_TROUBLE, SEED, Scenario
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SmscSettings:
    """The behaviour of the SMSC."""

    system_id: str = "SIMULATOR"
    """How the SMSC names itself in its bind_resp."""

    credentials: Mapping[str, str] = field(default_factory=dict)
    """system_id to password; empty = every bind is welcome."""

    routes: Mapping[str, str] = field(default_factory=dict)
    """Short code to system_id; a text to a number without a route goes to any ESME that receives."""

    alphabet: Alphabet = Alphabet.GSM0338
    """What this SMSC means by data_coding 0."""

    interface_version: int = INTERFACE_VERSION
    """What the bind_resp announces; below 0x34 the gateway must send no TLVs, and 0 announces nothing."""

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

    attempts_max: int = 50
    """After so many attempts a text is given up, as its validity would end it."""

    receipt_delay_s: float = 0.2
    """From submit_sm_resp to the delivery receipt."""

    waiting_max: int = 200_000
    """Texts and receipts that may wait for a bind; beyond it a new one is refused. About 200 MB."""

    scenario: Scenario = NO_TROUBLE
    """What goes wrong, from the moment on at which the SMSC listens."""

    seed: int = SEED
    """What the scenario draws its chance from."""

    def __post_init__(self) -> None:
        if min(self.window, self.attempts_max, self.waiting_max) < 1:
            raise ValueError("window, attempts_max, waiting_max: at least 1")
        if self.response_s <= 0 or self.redelivery_delay_s < 0 or self.receipt_delay_s < 0:
            raise ValueError("times: not negative, and response_s above 0")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The simulator as a whole. Port 0 = any that is free."""

    operators: tuple[OperatorSettings, ...] = (OperatorSettings(),)
    http_host: str = LOOPBACK
    http_port: int = 0
    providers: tuple[BillingSetup, ...] = ()
    journal_max: int = JOURNAL_MAX
    pdus_max: int = PDUS_MAX

    def __post_init__(self) -> None:
        names = [one.name for one in self.operators]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"operators: at least one, each with a name of its own, not {names}")
        if self.journal_max < 1 or self.pdus_max < 0:
            raise ValueError("journal_max: at least 1; pdus_max: not negative")

    @classmethod
    def single(cls, smsc: SmscSettings, **others: Any) -> Self:
        """One operator that listens anywhere on loopback; *others* as above."""
        return cls(operators=(OperatorSettings(smsc=smsc),), **others)
