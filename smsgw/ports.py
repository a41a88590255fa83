"""What the use cases need from outside, in the words of the domain. The edges implement these; tests do too.

A unit of work is a plain function `work(tx) -> result`. Inside it nothing can be awaited, so no network call and no
cancellation can stand between its first statement and its commit. It must be repeatable: the store may run it again
after a failed commit, and its result must be the first result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from smsgw.domain.actions import Action, ActionState
from smsgw.domain.calls import Answer, Capabilities, Kind, Order, ProviderCall, Question
from smsgw.domain.funds import Funds
from smsgw.domain.money import Currency
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation, Registry
from smsgw.domain.sms import Delivery, InboundPart, OutboundSms, SubmitOutcome
from smsgw.domain.statement import NoStatement, Period, Statement
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account
from smsgw.ledger.transfers import Outcome, Transfer

T = TypeVar("T")


class StoreUnavailable(Exception):  # noqa: N818 -- a state of the store, not a mistake of the caller
    """The store could not commit (disk full, database gone). Nothing of the unit stands; ask again later."""


class WorkFailed(Exception):  # noqa: N818 -- names what happened to the unit
    """A unit of work raised. It was rolled back alone; the cause is chained."""


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

    def add(self, msisdn: Msisdn, link: str, digest: bytes, verdict: str, payment_id: int | None) -> None:
        """Write the MO row."""

    def add_part(self, msisdn: Msisdn, part: InboundPart) -> None:
        """Keep a part (encrypted); of two with one number the first stays."""

    def parts(self, msisdn: Msisdn, part: InboundPart) -> Sequence[InboundPart]:
        """All parts that are here of the text that *part* belongs to, in the order of their arrival."""

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


class Ledger(Protocol):
    """The books."""

    def apply(self, transfer: Transfer) -> Outcome:
        """Judge and write one transfer. A repeat of the same transfer answers EXISTS and changes nothing."""

    def account(self, name: str, currency: Currency) -> Account:
        """The account with its four counters; an account that was never used is empty."""


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


class Reads(Protocol):
    """Reads that change nothing and need no lock."""

    async def subscriber(self, msisdn: Msisdn) -> Subscriber | None:
        """The row, or None for a number that never texted."""

    async def payment(self, number: int) -> Payment | None:
        """By the number that people see."""

    async def payments(self, msisdn: Msisdn | None, limit: int) -> Sequence[Payment]:
        """The latest payments, newest first; of one subscriber or of all."""

    async def reference(self, payment_id: int) -> Payment | None:
        """By the reference that the provider knows."""

    async def references(self, ids: Sequence[int]) -> Sequence[Payment]:
        """Those of these payments that there are, in any order; the ids may be anybody's."""

    async def confirmed(self, provider: str, period: Period, after: tuple[int, int], limit: int) -> Sequence[Payment]:
        """A provider's payments that were confirmed in *period*, by (`confirmed_at_us`, `id`).

        *after* is that pair of the last payment of the page before; (0, 0) = the first page.
        """

    async def call(self, payment_id: int, kind: Kind) -> ProviderCall | None:
        """One provider call."""

    async def unresolved(self, provider: str, before_us: int, limit: int) -> Sequence[ProviderCall]:
        """Unfinished pay calls of a provider, due or parked, added before then, oldest first."""

    async def texts(self, payment_id: int) -> Sequence[OutboundSms]:
        """What was texted about a payment, oldest first, as far as it is kept."""

    async def accounts(self) -> Sequence[Account]:
        """All accounts, one row each (the rows of several writers added up)."""

    async def unbalanced(self) -> Sequence[str]:
        """What the books have wrong, in words; empty = every account equals the sum of its transfers."""

    async def action(self, action_id: str) -> Action | None:
        """By id."""

    async def actions(self, state: ActionState | None, limit: int) -> Sequence[Action]:
        """What people asked for, newest first; in one state or in all."""

    async def reconciliation(self, provider: str, day: str) -> Reconciliation | None:
        """What came of the latest run for a day."""

    async def reconciliations(self, provider: str | None, limit: int) -> Sequence[Reconciliation]:
        """What came of the latest runs, the newest day first; of one provider or of all."""

    async def registries(self, provider: str, day: str) -> Sequence[Registry]:
        """The files made for a provider's day, in the order of their making."""

    async def counts(self) -> Mapping[str, int]:
        """Sizes for metrics: payments by state, texts queued, calls due and parked, actions proposed and sent."""

    async def parked(self) -> Mapping[str, int]:
        """How many calls of each provider are parked; a provider without one is not named."""


class Store(Protocol):
    """The database."""

    async def write(self, key: str, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction and return its result once it is committed, durably.

        *key* is the subscriber: units of one key run in the order of their calls. Once queued, a unit runs to its end
        even if the caller is cancelled.

        Raises:
            WorkFailed: the unit raised; it was rolled back alone.
            StoreUnavailable: nothing could be committed.
        """

    @property
    def reads(self) -> Reads:
        """The read side."""


class Clock(Protocol):
    """Time, as the service sees it outside a transaction."""

    def now_us(self) -> int:
        """UTC microseconds."""

    def monotonic_s(self) -> float:
        """Seconds that never go back."""


class Chance(Protocol):
    """Randomness."""

    def bits(self, count: int) -> int:
        """A random integer of that many bits, from the system's strong source."""

    def octets(self, count: int) -> bytes:
        """Random octets, from the system's strong source."""


class PasswordHasher(Protocol):
    """The slow hash, in its bounded pool."""

    async def verify(self, verifier: str, digest: bytes) -> bool | None:
        """True or False; None = no place in the queue or too long a wait (ask again later)."""


class Provider(Protocol):
    """One provider behind its protocol.

    The parameters are computed once, stored before the first byte, and sent as stored ever after.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the protocol and the contract with this provider allow."""

    def parameters(self, kind: Kind, order: Order) -> Mapping[str, str] | None:
        """The exact parameters of a call; None = this amount cannot be carried by the protocol's unit."""

    async def call(self, question: Question, may_send: Callable[[], bool]) -> Answer:
        """Make one exchange within the verb's deadline.

        *may_send* is asked once, after connecting and before the first byte. Never raises for anything that the
        network or the provider does.
        """

    async def statement(self, period: Period) -> Statement | NoStatement:
        """What the provider says it has credited; only where `capabilities.statement` says that it can be asked."""


class Source(Protocol):
    """Where the money of payments comes from: a wallet in our books, a card in a bank's.

    Each method is a plain step of a unit of work and may be repeated. A source outside our books only writes there what
    it wants, and answers UNKNOWN until it has been told.
    """

    @property
    def name(self) -> str:
        """The word in a payment's `source`."""

    def hold(self, tx: Tx, payment: Payment) -> Funds:
        """Set the total aside. SHORT or FREE: it is not, and will not be."""

    def capture(self, tx: Tx, payment: Payment) -> Funds:
        """The provider has credited the payment: what is held is spent."""

    def void(self, tx: Tx, payment: Payment) -> Funds:
        """The provider never will credit it: what is held, or may be, is to be free again."""

    def status(self, tx: Tx, payment: Payment) -> Funds:
        """How the money stands; changes nothing."""


class Texting(Protocol):
    """The links, as the outbox sees them."""

    async def submit(
        self, link: str, to: Msisdn, text: str, validity_s: int, may_send: Callable[[], bool]
    ) -> SubmitOutcome:
        """Send one text through a bound session of the link, within its window and rate."""


class Wording(Protocol):
    """Reply texts."""

    def render(self, event: str, values: Mapping[str, str], language: str) -> str:
        """The words of an event, within one segment."""


class Shelf(Protocol):
    """Where files for providers are put, for whoever sends them."""

    def put(self, name: str, octets: bytes) -> None:
        """Put a file there under its name, whole or not at all; the same file again changes nothing.

        Raises:
            OSError: it cannot be written.
        """
