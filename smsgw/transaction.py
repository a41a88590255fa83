"""What a unit of work can do, in the words of the domain: the parts of one transaction. The store implements them.

A unit of work is a plain function `work(tx) -> result`. Inside it nothing can be awaited, so no network call and no
cancellation can stand between its first statement and its commit. It must be repeatable: the store may run it again
after a failed commit, and its result must be the first result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from smsgw.domain.actions import Action
from smsgw.domain.calls import Kind, ProviderCall
from smsgw.domain.money import Currency
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation, Registry
from smsgw.domain.sms import Delivery, InboundPart, OutboundSms
from smsgw.domain.statement import Period
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.transfers import Outcome, Transfer


class Subscribers(Protocol):
    """The subscribers' rows. `lock` comes first in every unit that is about a person."""

    def lock(self, msisdn: Msisdn) -> Subscriber:
        """Lock and return the row; a stranger gets one."""

    def save(self, subscriber: Subscriber) -> None:
        """Write the row back."""


class Messages(Protocol):
    """MO rows (digest and verdict, never a text), parts of long texts, and work that keeps failing."""

    def seen(self, msisdn: Msisdn, digest: bytes, since_us: int) -> bool:
        """True if the same delivery was taken since then."""

    def latest(self, msisdn: Msisdn, link: str, since_us: int) -> bytes | None:
        """The digest of the last text, no part of one, taken from this subscriber on this link since then; or None."""

    def verdict(self, msisdn: Msisdn, digest: bytes) -> str | None:
        """What became of this delivery when it came last; None if it never came."""

    def add(self, msisdn: Msisdn, link: str, digest: bytes, verdict: str, payment_id: int | None) -> None:
        """Write the MO row."""

    def add_part(self, msisdn: Msisdn, part: InboundPart) -> None:
        """Keep a part (encrypted); of two with one number the first stays."""

    def parts(self, msisdn: Msisdn, part: InboundPart) -> Sequence[InboundPart]:
        """All parts that are here of the text that *part* belongs to, in the order of their arrival."""

    def parts_kept(self, msisdn: Msisdn) -> int:
        """How many parts of unfinished texts are kept for this subscriber."""

    def drop_parts(self, msisdn: Msisdn, part: InboundPart) -> None:
        """Delete every part of the text that *part* belongs to."""

    def stale_parts(self, before_us: int, limit: int) -> Sequence[tuple[Msisdn, InboundPart]]:
        """One part of each text that has been incomplete since before then; unopened, so without its payload."""

    def count_failure(self, digest: bytes) -> int:
        """Count that handling this delivery raised; return how often by now."""

    def sweep(self, before_us: int, limit: int) -> int:
        """Delete texts in and out, failures and parked receipts older than that, *limit* of each; return how many."""


class Payments(Protocol):
    """Payments; the subscriber's row is locked by whoever writes them."""

    def add(self, payment: Payment) -> None:
        """Write a new payment."""

    def save(self, payment: Payment) -> None:
        """Write the changed payment back."""

    def get(self, payment_id: int) -> Payment | None:
        """By reference."""

    def by_number(self, msisdn: Msisdn, number: int) -> Payment | None:
        """A subscriber's own payment, by the number that people see."""

    def open(self, msisdn: Msisdn) -> Payment | None:
        """The one payment of this subscriber that is checking or awaiting its code."""

    def recent(self, msisdn: Msisdn, limit: int) -> Sequence[Payment]:
        """The latest payments of this subscriber, newest first."""

    def past_deadline(self, before_us: int, limit: int) -> Sequence[tuple[Msisdn, int]]:
        """(subscriber, payment) of codes whose deadline lies before then."""

    def executed_minor(self, provider: str, period: Period) -> int:
        """The sum of a provider's executed payments that were confirmed in a period, in minor units."""

    def next_number(self) -> int:
        """The next 8-digit number."""


class Calls(Protocol):
    """Provider calls. `add` hands the call to this node's worker once the unit is committed."""

    def add(self, call: ProviderCall) -> None:
        """Write a call, leased to this node."""

    def get(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """One call."""

    def save(self, call: ProviderCall) -> bool:
        """Write the call back if its epoch still holds; False = another has it or it has ended, and nothing changed."""

    def claim(self, lease_until_us: int, rooms: Mapping[str, int]) -> Sequence[ProviderCall]:
        """Take due calls whose lease is over, of each provider in *rooms* at most that many.

        Each gets the next epoch, a lease until then, and one more in `failures`: whoever saves it takes that back.
        """

    def providers(self) -> Sequence[str]:
        """The names of providers that have unfinished calls, configured or not."""

    def slow(self, told: int, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished pay calls, due or parked, added before then and told exactly so often, oldest first."""

    def unresolved(self, provider: str, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished pay calls of a provider, due or parked, added before then, oldest first."""

    def seize(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """Take an unfinished call whatever its epoch: the next epoch, no lease; return it as it now stands.

        None = there is none that is unfinished, or it is due and leased, so that an exchange may be going on.
        """


class Outbox(Protocol):
    """Texts to be sent. `add` hands the row to this node's sender once the unit is committed."""

    def add(self, sms: OutboundSms) -> None:
        """Write a text, leased to this node; its id is given by the store."""

    def claim(self, lease_until_us: int, limit: int) -> Sequence[OutboundSms]:
        """Take due texts whose lease is over: epoch + 1, leased until then, oldest of a recipient first."""

    def save(self, sms: OutboundSms) -> bool:
        """Write the row back if its epoch still holds."""

    def receipt(self, link: str, message_id: str, delivery: Delivery) -> bool:
        """Follow a delivery receipt; False = no such text is known (yet), the receipt is parked."""

    def follow_overtaken(self, limit: int) -> int:
        """Follow receipts that were parked although their texts are known by now, so many at most; return how many."""


class Ledger(Protocol):
    """The books."""

    def apply(self, transfer: Transfer) -> Outcome:
        """Judge and write one transfer. A repeat of the same transfer answers EXISTS and changes nothing."""

    def account(self, name: str, currency: Currency) -> Account:
        """The account with its four counters; an account that was never used is empty."""

    def keep_day(self, day_hash: DayHash) -> None:
        """Keep the hash of a day that is over; one that has a hash keeps it."""


class Turnover(Protocol):
    """What a subscriber has spent in a day (`2026-11-21`) or a month (`2026-11`) of the service's time zone."""

    def of(self, msisdn: Msisdn, period: str) -> int:
        """Minor units."""

    def add(self, msisdn: Msisdn, period: str, amount_minor: int) -> None:
        """Add (or give back, below zero)."""


class Actions(Protocol):
    """What people do about money."""

    def add(self, action: Action) -> bool:
        """Write a new action; False = its id is taken, and nothing changed."""

    def get(self, action_id: str) -> Action | None:
        """By id, locked until the unit ends."""

    def save(self, action: Action) -> None:
        """Write back what came of an action that was proposed or sent; one that has ended is never changed."""

    def for_payment(self, payment_id: int) -> Sequence[Action]:
        """All that was asked about a payment, oldest first."""


class Reconciliations(Protocol):
    """Days that were compared with a provider's statement, and the files that were made for it."""

    def save(self, reconciliation: Reconciliation) -> None:
        """Write what came of a run, in place of what came of an earlier one of that day."""

    def get(self, provider: str, day: str) -> Reconciliation | None:
        """What came of the latest run for a day."""

    def add_registry(self, registry: Registry) -> None:
        """Write down a file that was made; its serial is new for its day."""

    def registries(self, provider: str, day: str) -> Sequence[Registry]:
        """The files of a day, in the order of their making."""


class Tx(Protocol):
    """One transaction."""

    @property
    def now_us(self) -> int:
        """The transaction's time, UTC microseconds: the database's clock where several nodes share one."""

    @property
    def subscribers(self) -> Subscribers:
        """Who texts and pays."""

    @property
    def messages(self) -> Messages:
        """What was taken."""

    @property
    def payments(self) -> Payments:
        """What is paid."""

    @property
    def calls(self) -> Calls:
        """What providers are asked."""

    @property
    def outbox(self) -> Outbox:
        """What is texted."""

    @property
    def ledger(self) -> Ledger:
        """Where the money is."""

    @property
    def turnover(self) -> Turnover:
        """What counts against the limits."""

    @property
    def actions(self) -> Actions:
        """What people do about money."""

    @property
    def reconciliations(self) -> Reconciliations:
        """What came of comparing days."""
