"""The registry of a day: the list of successful payments that an OSMP provider gets from its payment system.

The format is that of the protocol's daily registry: tab-separated lines `txn_id, YYYY-MM-DD, HH:MM:SS, account, sum`,
a last line `Total: count sum`, CRLF throughout, UTF-8. A day without payments is a file too. The same payments are the
same bytes; a corrected registry is a whole one, under the next number of its day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final, NamedTuple

from smsgw.domain.money import Currency, Money
from smsgw.domain.payment import Payment
from smsgw.domain.reconciliation import Registry

PREFIX: Final = "SMSGW"
US_PER_S: Final = 1_000_000
LINE_END: Final = "\r\n"


class RegistryOf(NamedTuple):
    """Whose registry it is: the provider, its day, and the zone by which its days begin."""

    provider: str
    day: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """The bytes, and what they hold."""

    octets: bytes
    payments: int
    sum_minor: int

    @property
    def sha256(self) -> str:
        """The digest of the bytes."""
        return hashlib.sha256(self.octets).hexdigest()


def registry_file(payments: Iterable[Payment], currency: Currency, zone: tzinfo) -> RegistryFile:
    """Write the payments, in the order of their accounting time; their time is that of `txn_date`."""
    lines, total = [], Money(0, currency)
    for payment in payments:
        lines.append(_line(payment, zone))
        total += payment.amount
    text = LINE_END.join((*lines, f"Total: {len(lines)} {total.fixed()}", ""))
    return RegistryFile(text.encode("utf-8"), len(lines), total.minor)


def next_registry(of: RegistryOf, made: Sequence[Registry], file: RegistryFile, now_us: int) -> Registry | None:
    """The registry that *file* becomes; None if the latest of the day says the same."""
    if made and made[-1].sha256 == file.sha256:
        return None
    serial = made[-1].serial + 1 if made else 1
    return Registry(
        provider=of.provider,
        day=of.day,
        serial=serial,
        name=f"{PREFIX}_{of.provider}_{date.fromisoformat(of.day):%Y%m%d}{serial}.csv",
        payments=file.payments,
        sum_minor=file.sum_minor,
        sha256=file.sha256,
        made_at_us=now_us,
    )


def _line(payment: Payment, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(payment.confirmed_at_us // US_PER_S, UTC).astimezone(zone)
    account = payment.account_text
    assert not set(account) & {"\t", "\r", "\n"}, "an account has a pattern, and no pattern lets these through"
    return "\t".join((str(payment.id), f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", account, payment.amount.fixed()))
