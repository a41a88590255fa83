"""The tables, once for both databases.

Rule 1: a column is INTEGER (64 bits), TEXT or BLOB; SQLite's STRICT tables refuse anything else, and so do we.
Rule 2: times are microseconds since 1970, UTC; 0 = not yet. Nothing is NULL but a reference to no payment.
Rule 3: what the schema can enforce, it enforces: states, signs, one open payment, one end of a hold, no overdraft.
Rule 4: work that is due stands in partial indexes, so that ten million finished rows cost a search nothing.
Rule 5: no column holds a text of a subscriber, a password or a one-time code.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, MetaData, Sequence, Table

from smsgw.domain.actions import ActionKind, ActionState
from smsgw.domain.calls import CallState, Kind
from smsgw.domain.funds import WALLET
from smsgw.domain.payment import OPEN, State
from smsgw.domain.sms import Delivery
from smsgw.ledger.transfers import TransferKind
from smsgw.store.columns import INT64, blob_column, check, int_column, one_of, partial, text_column

# The first of the 8-digit numbers that people see.
FIRST_NUMBER: Final = 10_000_000

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


OPEN_PAYMENT: Final = one_of("state", OPEN)
ACTIVE_PAYMENT: Final = one_of("state", OPEN | {State.PROCESSING})
CONFIRMED_PAYMENT: Final = "confirmed_at_us <> 0"
"""Not `> 0`: SQLite would take that for the place to begin a search at."""
UNFINISHED_CALL: Final = one_of("state", {CallState.DUE, CallState.PARKED})
UNRESOLVED_CALL: Final = f"{UNFINISHED_CALL} AND {one_of('kind', {Kind.PAY})}"
QUEUED_TEXT: Final = one_of("state", {Delivery.QUEUED})
ANSWERED_TEXT: Final = "message_id <> ''"
PAYMENT_TEXT: Final = "payment_id IS NOT NULL"
RESOLVING_TRANSFER: Final = "pending_id <> ''"
OPEN_ACTION: Final = one_of("state", {ActionState.PROPOSED, ActionState.SENT})
PAYMENT_ACTION: Final = "payment_id IS NOT NULL"


def _table(name: str, *items: Any, comment: str, rowid: bool = True, home: MetaData = metadata) -> Table:
    """A STRICT table; without a rowid where the key is short text and a second tree would cost more than it saves."""
    return Table(name, home, *items, comment=comment, sqlite_strict=True, sqlite_with_rowid=rowid)


subscribers: Final = _table(
    "subscribers",
    text_column("msisdn", primary_key=True),
    int_column("registered"),
    int_column("blocked"),
    text_column("language"),
    text_column("verifier"),
    text_column("pepper_id"),
    int_column("credential_version"),
    int_column("wrong_passwords"),
    int_column("wrong_codes"),
    int_column("paused_until_us"),
    text_column("pauses"),
    int_column("answers_since_us"),
    int_column("answers"),
    int_column("stranger_told_at_us"),
    int_column("created_at_us"),
    text_column("level", default=""),
    check("registered", "registered IN (0, 1) AND (registered = 0 OR verifier <> '')"),
    check("blocked", "blocked IN (0, 1)"),
    check("counters", "credential_version >= 0 AND wrong_passwords >= 0 AND wrong_codes >= 0 AND answers >= 0"),
    comment="One row for each number that ever texted or was registered; the row that a transaction locks first.",
    rowid=False,
)

messages: Final = _table(
    "messages",
    Column("id", INT64, Identity(), primary_key=True),
    text_column("msisdn"),
    text_column("link"),
    blob_column("digest"),
    text_column("verdict"),
    Column("payment_id", INT64),
    int_column("received_at_us"),
    check("digest", "length(digest) > 0"),
    Index("messages_of_subscriber", "msisdn", "received_at_us"),
    comment="Texts that came in: a keyed digest and what became of it, never the text. Kept for 30 days.",
)

message_parts: Final = _table(
    "message_parts",
    Column("id", INT64, Identity(), primary_key=True),
    text_column("msisdn"),
    text_column("link"),
    text_column("destination"),
    int_column("reference"),
    int_column("total"),
    int_column("number"),
    text_column("sender"),
    int_column("data_coding"),
    text_column("key_id"),
    blob_column("nonce"),
    blob_column("sealed"),
    int_column("received_at_us"),
    check("number", "number BETWEEN 1 AND total"),
    Index("message_parts_of_text", "msisdn", "link", "destination", "reference", "total", "number", unique=True),
    comment="Parts of long texts that are not complete yet, encrypted: a part may hold a password.",
)

failures: Final = _table(
    "failures",
    blob_column("digest", primary_key=True),
    int_column("count"),
    int_column("last_at_us"),
    check("count", "count > 0"),
    Index("failures_by_age", "last_at_us"),
    comment="Deliveries whose handling raised, by digest: at a limit the text is given up instead of tried for ever.",
    rowid=False,
)

payments: Final = _table(
    "payments",
    int_column("id", primary_key=True),
    int_column("number"),
    text_column("msisdn", ForeignKey("subscribers.msisdn")),
    text_column("link"),
    text_column("provider"),
    text_column("account"),
    text_column("currency"),
    int_column("amount_minor"),
    int_column("fee_minor"),
    text_column("state"),
    blob_column("nonce"),
    text_column("key_id"),
    text_column("language"),
    int_column("created_at_us"),
    int_column("code_deadline_us"),
    int_column("code_sends"),
    int_column("code_sent_at_us"),
    int_column("wrong_codes"),
    blob_column("tried"),
    int_column("confirmed_at_us"),
    int_column("finished_at_us"),
    text_column("day"),
    text_column("month"),
    text_column("provider_reference"),
    text_column("refusal"),
    text_column("source", default=WALLET),
    check("id", "id > 0"),
    check("amounts", "amount_minor > 0 AND fee_minor >= 0"),
    check("state", one_of("state", State)),
    check("counters", "code_sends >= 0 AND wrong_codes >= 0"),
    Index("payments_by_number", "number", unique=True),
    Index("payments_of_subscriber", "msisdn", "created_at_us"),
    partial("payments_one_open", "msisdn", where=OPEN_PAYMENT, unique=True),
    partial("payments_confirmed", "provider", "confirmed_at_us", where=CONFIRMED_PAYMENT),
    partial("payments_active", "state", "code_deadline_us", where=ACTIVE_PAYMENT),
    comment="Every payment from its first text on, from all channels. Never deleted. One open payment a subscriber.",
)

provider_calls: Final = _table(
    "provider_calls",
    int_column("payment_id", ForeignKey("payments.id"), primary_key=True),
    text_column("kind", primary_key=True),
    text_column("msisdn"),
    text_column("provider"),
    text_column("parameters"),
    int_column("created_at_us"),
    text_column("state"),
    int_column("due_at_us"),
    int_column("attempts"),
    int_column("first_sent_at_us"),
    int_column("sent_at_us"),
    int_column("told"),
    int_column("epoch"),
    int_column("lease_until_us"),
    text_column("last_answer"),
    text_column("memory", default="{}"),
    int_column("withdrawn", default="0"),
    int_column("failures", default="0"),
    int_column("absent_until_us", default="0"),
    check("kind", one_of("kind", Kind)),
    check("state", one_of("state", CallState)),
    check("told", "told BETWEEN 0 AND 3"),
    check("withdrawn", "withdrawn IN (0, 1)"),
    check("counters", "attempts >= 0 AND epoch > 0 AND failures >= 0"),
    partial("provider_calls_unfinished", "provider", "state", "due_at_us", "lease_until_us", where=UNFINISHED_CALL),
    partial("provider_calls_slow", "told", "created_at_us", where=UNRESOLVED_CALL),
    comment="What a provider is asked: the exact parameters, committed before the first byte, and how far it has come.",
    rowid=False,
)

outbox: Final = _table(
    "outbox",
    Column("id", INT64, Identity(), primary_key=True),
    text_column("msisdn"),
    text_column("link"),
    text_column("event"),
    text_column("event_values"),
    text_column("language"),
    Column("payment_id", INT64),
    int_column("priority"),
    int_column("created_at_us"),
    int_column("expires_at_us"),
    text_column("state"),
    int_column("attempts"),
    int_column("due_at_us"),
    int_column("epoch"),
    int_column("lease_until_us"),
    text_column("message_id"),
    int_column("possibly_twice"),
    check("state", one_of("state", Delivery)),
    check("possibly_twice", "possibly_twice IN (0, 1)"),
    check("counters", "attempts >= 0 AND epoch > 0"),
    partial("outbox_in_order", "msisdn", "id", where=QUEUED_TEXT),
    partial("outbox_due", "priority", "due_at_us", "lease_until_us", where=QUEUED_TEXT),
    partial("outbox_by_message_id", "message_id", where=ANSWERED_TEXT),
    partial("outbox_by_payment", "payment_id", where=PAYMENT_TEXT),
    comment="Texts to be sent, as an event and its values; the words and the code are made when it is sent.",
)

parked_receipts: Final = _table(
    "parked_receipts",
    Column("id", INT64, Identity(), primary_key=True),
    text_column("link"),
    text_column("message_id"),
    text_column("delivery"),
    int_column("received_at_us"),
    check("delivery", one_of("delivery", Delivery)),
    Index("parked_receipts_by_message_id", "message_id"),
    comment="Delivery receipts that came before the answer to their submit_sm; the latest only.",
)

accounts: Final = _table(
    "accounts",
    text_column("name", primary_key=True),
    text_column("currency", primary_key=True),
    int_column("shard", primary_key=True),
    int_column("debits_pending"),
    int_column("debits_posted"),
    int_column("credits_pending"),
    int_column("credits_posted"),
    check("counters", "debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0"),
    check("no_overdraft", "substr(name, 1, 7) <> 'wallet:' OR credits_posted >= debits_posted + debits_pending"),
    check("one_row_a_wallet", "substr(name, 1, 7) <> 'wallet:' OR shard = 0"),
    comment="Four counters for each account: one row for a wallet; house accounts have one for each writer.",
    rowid=False,
)

transfers: Final = _table(
    "transfers",
    text_column("id", primary_key=True),
    text_column("kind"),
    text_column("debit"),
    text_column("credit"),
    text_column("currency"),
    int_column("amount_minor"),
    text_column("code"),
    Column("payment_id", INT64, ForeignKey("payments.id")),
    text_column("pending_id"),
    int_column("shard"),
    int_column("created_at_us"),
    check("kind", one_of("kind", TransferKind)),
    check("amount", "amount_minor > 0"),
    check("accounts", "debit <> credit"),
    check("pending_id", "(kind IN ('post', 'void')) = (pending_id <> '')"),
    partial("transfers_one_end_of_hold", "pending_id", where=RESOLVING_TRANSFER, unique=True),
    Index("transfers_of_payment", "payment_id"),
    Index("transfers_by_time", "created_at_us"),
    comment="Every movement of money. Immutable: triggers refuse UPDATE and DELETE. Never deleted.",
    rowid=False,
)

day_hashes: Final = _table(
    "day_hashes",
    text_column("day", primary_key=True),
    int_column("since_us"),
    int_column("until_us"),
    int_column("transfers"),
    text_column("sha256"),
    check("times", "since_us < until_us"),
    check("transfers", "transfers >= 0"),
    check("sha256", "length(sha256) = 64"),
    comment="One hash over the transfers of each day, chained to the day before. Immutable, and never deleted.",
    rowid=False,
)

turnover: Final = _table(
    "turnover",
    text_column("msisdn", primary_key=True),
    text_column("period", primary_key=True),
    int_column("amount_minor"),
    check("amount", "amount_minor >= 0"),
    comment="What a subscriber has spent in a day (2026-11-21) or a month (2026-11), for the limits.",
    rowid=False,
)

actions: Final = _table(
    "actions",
    text_column("id", primary_key=True),
    text_column("kind"),
    text_column("subject"),
    text_column("currency"),
    int_column("amount_minor"),
    text_column("reason"),
    text_column("asked_by"),
    int_column("asked_at_us"),
    text_column("state"),
    Column("payment_id", INT64, ForeignKey("payments.id")),
    text_column("decided_by"),
    int_column("decided_at_us"),
    text_column("note"),
    check("kind", one_of("kind", ActionKind)),
    check("state", one_of("state", ActionState)),
    check("names", "id <> '' AND reason <> '' AND asked_by <> ''"),
    partial("actions_open", "state", "asked_at_us", where=OPEN_ACTION),
    Index("actions_by_time", "asked_at_us"),
    partial("actions_of_payment", "payment_id", where=PAYMENT_ACTION),
    comment="What people do about money, and what came of it. Never deleted.",
    rowid=False,
)

TALLIES: Final = ("matched", "missing", "extra", "mismatched", "resolved", "open")
"""What a reconciliation counts: of each the payments and their sum."""

reconciliations: Final = _table(
    "reconciliations",
    text_column("provider", primary_key=True),
    text_column("day", primary_key=True),
    text_column("currency"),
    int_column("run_at_us"),
    text_column("statement_sha256"),
    *(int_column(f"{tally}_{part}") for tally in TALLIES for part in ("payments", "minor")),
    text_column("findings"),
    check("counters", " AND ".join(f"{tally}_payments >= 0" for tally in TALLIES)),
    Index("reconciliations_by_day", "day"),
    comment="What came of comparing a day of a provider's payments with its statement; the latest run of each day.",
)

registries: Final = _table(
    "registries",
    text_column("provider", primary_key=True),
    text_column("day", primary_key=True),
    int_column("serial", primary_key=True),
    text_column("name"),
    int_column("payments"),
    int_column("sum_minor"),
    text_column("sha256"),
    int_column("made_at_us"),
    check("counters", "serial > 0 AND payments >= 0 AND sum_minor >= 0"),
    comment="The files that were made for providers, one row each, as they were made. Never changed or deleted.",
    rowid=False,
)

numbers: Final = _table(
    "numbers",
    int_column("only", primary_key=True),
    int_column("next"),
    check("only", "only = 1"),
    comment="The next 8-digit number of a payment.",
    rowid=False,
    home=sqlite_metadata,
)
