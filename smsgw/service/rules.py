"""The house's rules: everything that the use cases decide by and that does not change while the service runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from smsgw.domain.catalogue import Catalogue, Provider
from smsgw.domain.money import Currency, Money
from smsgw.parser.words import Lexicon
from smsgw.sessions.codes import CodePolicy
from smsgw.sessions.keys import Keyring

US: Final = 1_000_000
# An SMSC that lost our response sends the same text again within its own response time-out, mostly 10 to 60 s.
SAME_DELIVERY_S: Final = 60
# A long text whose parts have not all come by then never will: the SMSC gave up on the missing one.
PARTS_WAIT_S: Final = 300
# An answer is of no use to anyone a day later; a receipt still is.
ANSWER_LIFE_S: Final = 3600
# Providers have written their night's statements by then, and the staff that reads the report comes at eight.
RECONCILE_AT: Final = time(6, 0)
RECEIPT_LIFE_S: Final = 3 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Most that one subscriber may pay by SMS: in one payment, per day and per month, in the service's time zone.

    The provider's part counts, not the fee. `payment` None: no limit but the day's.
    """

    day: Money
    month: Money
    payment: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Allowance):
    """The allowance of whoever has no level of identification, and `levels` with those of the others."""

    levels: Mapping[str, Allowance] = field(default_factory=dict)
    answers_per_hour: int = 20

    def known(self, level: str) -> bool:
        """True for the name of a level, and for none."""
        return not level or level in self.levels

    def of(self, level: str) -> Allowance:
        """The allowance of a level; of one that was taken out of the configuration, the least of all there are."""
        if not level:
            return self
        return self.levels.get(level) or self._strictest()

    def _strictest(self) -> Allowance:
        every = (self, *self.levels.values())
        payments = [each.payment for each in every if each.payment is not None]
        return Allowance(
            day=min(each.day for each in every),
            month=min(each.month for each in every),
            payment=min(payments, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """See the module.

    `regions` maps a link to the ISO 3166 code by which its senders' numbers are read. A money action of a person above
    `four_eyes_above` needs a second one. Days of providers are reconciled at `reconcile_at`, in the service's zone.
    """

    catalogue: Catalogue
    lexicon: Lexicon
    keyring: Keyring
    limits: Limits
    currency: Currency
    zone: tzinfo
    language: str
    four_eyes_above: Money
    reconcile_at: time = RECONCILE_AT
    code: CodePolicy = field(default_factory=CodePolicy)
    regions: Mapping[str, str] = field(default_factory=dict)

    def provider(self, name: str) -> Provider:
        """The catalogue's entry.

        Raises:
            LookupError: the provider was taken out of the configuration while payments to it exist.
        """
        provider = self.catalogue.find(name)
        if provider is None:
            raise LookupError(f"provider {name!r} has payments but no table in config/providers.toml: put it back")
        return provider

    def local(self, time_us: int) -> datetime:
        """The moment in the service's time zone."""
        return datetime.fromtimestamp(time_us / US, UTC).astimezone(self.zone)

    def day(self, time_us: int) -> str:
        """The day in the service's time zone, `2026-11-21`."""
        return self.local(time_us).strftime("%Y-%m-%d")

    def month(self, time_us: int) -> str:
        """The month in the service's time zone, `2026-11`."""
        return self.local(time_us).strftime("%Y-%m")
