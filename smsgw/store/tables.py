"""The tables, once for both databases.

Rule 1: a column is INTEGER (64 bits), TEXT or BLOB; SQLite's STRICT tables refuse anything else, and so do we.
Rule 2: times are microseconds since 1970, UTC; 0 = not yet. Nothing is NULL but a reference to no payment.
Rule 3: what the schema can enforce, it enforces: states, signs, one open payment, one end of a hold, no overdraft.
Rule 4: work that is due stands in partial indexes, so that ten million finished rows cost a search nothing.
Rule 5: no column holds a text of a subscriber, a password or a one-time code.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    text,
)

from smsgw.domain.calls import CallState, Kind
from smsgw.domain.payment import OPEN, State
from smsgw.domain.sms import Delivery
from smsgw.ledger.transfers import TransferKind

# The first of the 8-digit numbers that people see.
FIRST_NUMBER: Final = 10_000_000

INT64: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer: BIGINT on PostgreSQL; SQLite's INTEGER has 64 bits anyway."""

# Names that a later migration can rely on.
NAMES: Final = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
}

metadata: Final = MetaData(naming_convention=NAMES)
sqlite_metadata: Final = MetaData(naming_convention=NAMES)
"""What only SQLite needs, which has no sequences."""
payment_numbers: Final = Sequence("payment_numbers", start=FIRST_NUMBER, data_type=BigInteger, metadata=metadata)
"""The 8-digit numbers on PostgreSQL: a row of its own would make all writers wait for each other."""


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """`(state = 'a' OR state = 'b')`, always in the same order: SQLite uses a partial index only for the same words.

    Not `IN (…)`: for three values or more SQLite builds a table each time, 3 microseconds for every change of a row.
    """
    return f"({' OR '.join(f'{column} = {value.value!r}' for value in sorted(values, key=str))})"


OPEN_PAYMENT: Final = one_of("state", OPEN)
ACTIVE_PAYMENT: Final = one_of("state", OPEN | {State.PROCESSING})
UNFINISHED_CALL: Final = one_of("state", {CallState.DUE, CallState.PARKED})
QUEUED_TEXT: Final = one_of("state", {Delivery.QUEUED})
ANSWERED_TEXT: Final = "message_id <> ''"
PAYMENT_TEXT: Final = "payment_id IS NOT NULL"
RESOLVING_TRANSFER: Final = "pending_id <> ''"


def _int(name: str, *items: Any, primary_key: bool = False) -> Column[int]:
    return Column(name, INT64, *items, primary_key=primary_key, nullable=False, autoincrement=False)


def _text(name: str, *items: Any, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, *items, primary_key=primary_key, nullable=False)


def _blob(name: str, *, primary_key: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=primary_key, nullable=False)


def _check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=name)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _table(name: str, *items: Any, comment: str, rowid: bool = True, home: MetaData = metadata) -> Table:
    """A STRICT table; without a rowid where the key is short text and a second tree would cost more than it saves."""
    return Table(name, home, *items, comment=comment, sqlite_strict=True, sqlite_with_rowid=rowid)


subscribers: Final = _table(
    "subscribers",
    _text("msisdn", primary_key=True),
    _int("registered"),
    _int("blocked"),
    _text("language"),
    _text("verifier"),
    _text("pepper_id"),
    _int("credential_version"),
    _int("wrong_passwords"),
    _int("wrong_codes"),
    _int("paused_until_us"),
    _text("pauses"),
    _int("answers_since_us"),
    _int("answers"),
    _int("stranger_told_at_us"),
    _int("created_at_us"),
    _check("registered", "registered IN (0, 1) AND (registered = 0 OR verifier <> '')"),
    _check("blocked", "blocked IN (0, 1)"),
    _check("counters", "credential_version >= 0 AND wrong_passwords >= 0 AND wrong_codes >= 0 AND answers >= 0"),
    comment="One row for each number that ever texted or was registered; the row that a transaction locks first.",
    rowid=False,
)

messages: Final = _table(
    "messages",
    Column("id", INT64, Identity(), primary_key=True),
    _text("msisdn"),
    _text("link"),
    _blob("digest"),
    _text("verdict"),
    Column("payment_id", INT64),
    _int("received_at_us"),
    _check("digest", "length(digest) > 0"),
    Index("messages_of_subscriber", "msisdn", "received_at_us"),
    comment="Texts that came in: a keyed digest and what became of it, never the text. Kept for 30 days.",
)

message_parts: Final = _table(
    "message_parts",
    Column("id", INT64, Identity(), primary_key=True),
    _text("msisdn"),
    _text("link"),
    _text("destination"),
    _int("reference"),
    _int("total"),
    _int("number"),
    _text("sender"),
    _int("data_coding"),
    _text("key_id"),
    _blob("nonce"),
    _blob("sealed"),
    _int("received_at_us"),
    _check("number", "number BETWEEN 1 AND total"),
    Index("message_parts_of_text", "msisdn", "link", "destination", "reference", "total", "number", unique=True),
    comment="Parts of long texts that are not complete yet, encrypted: a part may hold a password.",
)

failures: Final = _table(
    "failures",
    _blob("digest", primary_key=True),
    _int("count"),
    _int("last_at_us"),
    _check("count", "count > 0"),
    Index("failures_by_age", "last_at_us"),
    comment="Deliveries whose handling raised, by digest: at a limit the text is given up instead of tried for ever.",
    rowid=False,
)

payments: Final = _table(
    "payments",
    _int("id", primary_key=True),
    _int("number"),
    _text("msisdn", ForeignKey("subscribers.msisdn")),
    _text("link"),
    _text("provider"),
    _text("account"),
    _text("currency"),
    _int("amount_minor"),
    _int("fee_minor"),
    _text("state"),
    _blob("nonce"),
    _text("key_id"),
    _text("language"),
    _int("created_at_us"),
    _int("code_deadline_us"),
    _int("code_sends"),
    _int("code_sent_at_us"),
    _int("wrong_codes"),
    _blob("tried"),
    _int("confirmed_at_us"),
    _int("finished_at_us"),
    _text("day"),
    _text("month"),
    _text("provider_reference"),
    _text("refusal"),
    _check("id", "id > 0"),
    _check("amounts", "amount_minor > 0 AND fee_minor >= 0"),
    _check("state", one_of("state", State)),
    _check("counters", "code_sends >= 0 AND wrong_codes >= 0"),
    Index("payments_by_number", "number", unique=True),
    Index("payments_of_subscriber", "msisdn", "created_at_us"),
    _partial("payments_one_open", "msisdn", where=OPEN_PAYMENT, unique=True),
    _partial("payments_active", "state", "code_deadline_us", where=ACTIVE_PAYMENT),
    comment="Every payment from its first text on, from all channels. Never deleted. One open payment a subscriber.",
)

provider_calls: Final = _table(
    "provider_calls",
    _int("payment_id", ForeignKey("payments.id"), primary_key=True),
    _text("kind", primary_key=True),
    _text("msisdn"),
    _text("provider"),
    _text("parameters"),
    _int("created_at_us"),
    _text("state"),
    _int("due_at_us"),
    _int("attempts"),
    _int("first_sent_at_us"),
    _int("sent_at_us"),
    _int("told"),
    _int("epoch"),
    _int("lease_until_us"),
    _text("last_answer"),
    _check("kind", one_of("kind", Kind)),
    _check("state", one_of("state", CallState)),
    _check("told", "told IN (0, 1)"),
    _check("counters", "attempts >= 0 AND epoch > 0"),
    _partial("provider_calls_unfinished", "state", "due_at_us", "lease_until_us", where=UNFINISHED_CALL),
    comment="What a provider is asked: the exact parameters, committed before the first byte, and how far it has come.",
    rowid=False,
)

outbox: Final = _table(
    "outbox",
    Column("id", INT64, Identity(), primary_key=True),
    _text("msisdn"),
    _text("link"),
    _text("event"),
    _text("event_values"),
    _text("language"),
    Column("payment_id", INT64),
    _int("priority"),
    _int("created_at_us"),
    _int("expires_at_us"),
    _text("state"),
    _int("attempts"),
    _int("due_at_us"),
    _int("epoch"),
    _int("lease_until_us"),
    _text("message_id"),
    _int("possibly_twice"),
    _check("state", one_of("state", Delivery)),
    _check("possibly_twice", "possibly_twice IN (0, 1)"),
    _check("counters", "attempts >= 0 AND epoch > 0"),
    _partial("outbox_in_order", "msisdn", "id", where=QUEUED_TEXT),
    _partial("outbox_due", "priority", "due_at_us", "lease_until_us", where=QUEUED_TEXT),
    _partial("outbox_by_message_id", "message_id", where=ANSWERED_TEXT),
    _partial("outbox_by_payment", "payment_id", where=PAYMENT_TEXT),
    comment="Texts to be sent, as an event and its values; the words and the code are made when it is sent.",
)

parked_receipts: Final = _table(
    "parked_receipts",
    Column("id", INT64, Identity(), primary_key=True),
    _text("link"),
    _text("message_id"),
    _text("delivery"),
    _int("received_at_us"),
    _check("delivery", one_of("delivery", Delivery)),
    Index("parked_receipts_by_message_id", "message_id"),
    comment="Delivery receipts that came before the answer to their submit_sm; the latest only.",
)

accounts: Final = _table(
    "accounts",
    _text("name", primary_key=True),
    _text("currency", primary_key=True),
    _int("shard", primary_key=True),
    _int("debits_pending"),
    _int("debits_posted"),
    _int("credits_pending"),
    _int("credits_posted"),
    _check("counters", "debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0"),
    _check("no_overdraft", "substr(name, 1, 7) <> 'wallet:' OR credits_posted >= debits_posted + debits_pending"),
    _check("one_row_a_wallet", "substr(name, 1, 7) <> 'wallet:' OR shard = 0"),
    comment="Four counters for each account: one row for a wallet; house accounts have one for each writer.",
    rowid=False,
)

transfers: Final = _table(
    "transfers",
    _text("id", primary_key=True),
    _text("kind"),
    _text("debit"),
    _text("credit"),
    _text("currency"),
    _int("amount_minor"),
    _text("code"),
    Column("payment_id", INT64, ForeignKey("payments.id")),
    _text("pending_id"),
    _int("shard"),
    _int("created_at_us"),
    _check("kind", one_of("kind", TransferKind)),
    _check("amount", "amount_minor > 0"),
    _check("accounts", "debit <> credit"),
    _check("pending_id", "(kind IN ('post', 'void')) = (pending_id <> '')"),
    _partial("transfers_one_end_of_hold", "pending_id", where=RESOLVING_TRANSFER, unique=True),
    Index("transfers_of_payment", "payment_id"),
    comment="Every movement of money. Immutable: triggers refuse UPDATE and DELETE. Never deleted.",
    rowid=False,
)

turnover: Final = _table(
    "turnover",
    _text("msisdn", primary_key=True),
    _text("period", primary_key=True),
    _int("amount_minor"),
    _check("amount", "amount_minor >= 0"),
    comment="What a subscriber has spent in a day (2026-11-21) or a month (2026-11), for the limits.",
    rowid=False,
)

numbers: Final = _table(
    "numbers",
    _int("only", primary_key=True),
    _int("next"),
    _check("only", "only = 1"),
    comment="The next 8-digit number of a payment.",
    rowid=False,
    home=sqlite_metadata,
)
