"""What may be decided about a call: each outcome is a value, carried out by `service.outcomes` in one unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smsgw.domain.calls import RefusalReason


@dataclass(frozen=True, slots=True)
class CheckPassed:
    """check: the account can be paid; send the code."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """check: the provider could not be asked in time. Nothing was charged."""


@dataclass(frozen=True, slots=True)
class Accept:
    """pay: credited; post the hold."""

    provider_reference: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Surely not credited: void the hold. `code` is the provider's own, or one of ours (`never_sent`, …)."""

    reason: RefusalReason
    code: str = ""


@dataclass(frozen=True, slots=True)
class NoMoney:
    """The source could not hold the money, and nothing was sent to the provider."""


@dataclass(frozen=True, slots=True)
class Reverse:
    """cancel: the provider has taken its credit back; so do we."""


@dataclass(frozen=True, slots=True)
class KeepCredit:
    """cancel: the provider surely will not take its credit back. `code` is its own."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again at `due_at_us`. `tell`: text "in processing" now, the only time.

    `memory`: what the protocol is to remember from now on; None = what it remembers already. `withdraw`: from now on
    drop the payment.
    """

    due_at_us: int
    tell: bool = False
    memory: Mapping[str, str] | None = None
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Park:
    """Leave the money held, for a person or for the reconciliation. `tell` as in `Retry`."""

    why: str
    tell: bool = False


Decision = CheckPassed | GiveUp | Accept | Refuse | NoMoney | Reverse | KeepCredit | Retry | Park
