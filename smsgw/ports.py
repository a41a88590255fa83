"""What the use cases need from outside, in the words of the domain. The edges implement these; tests do too.

What they can do inside a transaction stands in `transaction`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from smsgw.domain.actions import Action, ActionState
from smsgw.domain.calls import Answer, Capabilities, Kind, Order, ProviderCall, Question
from smsgw.domain.funds import Funds
from smsgw.domain.payment import Payment
from smsgw.domain.phones import Msisdn
from smsgw.domain.reconciliation import Reconciliation, Registry
from smsgw.domain.sms import Attempt, OutboundSms, SubmitOutcome
from smsgw.domain.statement import NoStatement, Period, Statement
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.accounts import Account
from smsgw.ledger.day_hash import DayHash
from smsgw.ledger.transfers import Transfer
from smsgw.transaction import Tx

T = TypeVar("T")


class StoreUnavailable(Exception):  # noqa: N818 -- a state of the store, not a mistake of the caller
    """The store could not commit (disk full, database gone). Nothing of the unit stands; ask again later."""


class WorkFailed(Exception):  # noqa: N818 -- names what happened to the unit
    """A unit of work raised. It was rolled back alone; the cause is chained."""


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

    async def day_hashes(self, limit: int) -> Sequence[DayHash]:
        """The closed days, the newest first."""

    async def first_transfer_us(self) -> int | None:
        """When the first transfer was written; None = there is none."""

    async def transfers(self, after: tuple[int, str], until_us: int, limit: int) -> Sequence[Transfer]:
        """Transfers by (`created_at_us`, octets of `id`), those that follow *after*, written before *until_us*."""

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

        *may_send* is asked after connecting and before the first byte of each request; mostly there is one. Never
        raises for anything that the network or the provider does.
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

    async def submit(self, link: str, to: Msisdn, text: str, attempt: Attempt) -> SubmitOutcome:
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
