CREATE TABLE accounts (
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    shard INTEGER NOT NULL,
    debits_pending INTEGER NOT NULL,
    debits_posted INTEGER NOT NULL,
    credits_pending INTEGER NOT NULL,
    credits_posted INTEGER NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (name, currency, shard),
    CONSTRAINT accounts_counters_check CHECK (debits_pending >= 0 AND debits_posted >= 0 AND credits_pending >= 0 AND credits_posted >= 0),
    CONSTRAINT accounts_no_overdraft_check CHECK (substr(name, 1, 7) <> 'wallet:' OR credits_posted >= debits_posted + debits_pending),
    CONSTRAINT accounts_one_row_a_wallet_check CHECK (substr(name, 1, 7) <> 'wallet:' OR shard = 0)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE failures (
    digest BLOB NOT NULL,
    count INTEGER NOT NULL,
    last_at_us INTEGER NOT NULL,
    CONSTRAINT failures_pkey PRIMARY KEY (digest),
    CONSTRAINT failures_count_check CHECK (count > 0)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX failures_by_age ON failures (last_at_us);

CREATE TABLE message_parts (
    id INTEGER NOT NULL,
    msisdn TEXT NOT NULL,
    link TEXT NOT NULL,
    destination TEXT NOT NULL,
    reference INTEGER NOT NULL,
    total INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sender TEXT NOT NULL,
    data_coding INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT message_parts_pkey PRIMARY KEY (id),
    CONSTRAINT message_parts_number_check CHECK (number BETWEEN 1 AND total)
)
 STRICT;

CREATE UNIQUE INDEX message_parts_of_text ON message_parts (msisdn, link, destination, reference, total, number);

CREATE TABLE messages (
    id INTEGER NOT NULL,
    msisdn TEXT NOT NULL,
    link TEXT NOT NULL,
    digest BLOB NOT NULL,
    verdict TEXT NOT NULL,
    payment_id INTEGER,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_digest_check CHECK (length(digest) > 0)
)
 STRICT;

CREATE INDEX messages_of_subscriber ON messages (msisdn, received_at_us);

CREATE TABLE outbox (
    id INTEGER NOT NULL,
    msisdn TEXT NOT NULL,
    link TEXT NOT NULL,
    event TEXT NOT NULL,
    event_values TEXT NOT NULL,
    language TEXT NOT NULL,
    payment_id INTEGER,
    priority INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at_us INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until_us INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    possibly_twice INTEGER NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_state_check CHECK ((state = 'delivered' OR state = 'expired' OR state = 'failed' OR state = 'queued' OR state = 'sent')),
    CONSTRAINT outbox_possibly_twice_check CHECK (possibly_twice IN (0, 1)),
    CONSTRAINT outbox_counters_check CHECK (attempts >= 0 AND epoch > 0)
)
 STRICT;

CREATE INDEX outbox_by_message_id ON outbox (message_id) WHERE message_id <> '';

CREATE INDEX outbox_by_payment ON outbox (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX outbox_due ON outbox (priority, due_at_us, lease_until_us) WHERE (state = 'queued');

CREATE INDEX outbox_in_order ON outbox (msisdn, id) WHERE (state = 'queued');

CREATE TABLE parked_receipts (
    id INTEGER NOT NULL,
    link TEXT NOT NULL,
    message_id TEXT NOT NULL,
    delivery TEXT NOT NULL,
    received_at_us INTEGER NOT NULL,
    CONSTRAINT parked_receipts_pkey PRIMARY KEY (id),
    CONSTRAINT parked_receipts_delivery_check CHECK ((delivery = 'delivered' OR delivery = 'expired' OR delivery = 'failed' OR delivery = 'queued' OR delivery = 'sent'))
)
 STRICT;

CREATE INDEX parked_receipts_by_message_id ON parked_receipts (message_id);

CREATE TABLE subscribers (
    msisdn TEXT NOT NULL,
    registered INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    language TEXT NOT NULL,
    verifier TEXT NOT NULL,
    pepper_id TEXT NOT NULL,
    credential_version INTEGER NOT NULL,
    wrong_passwords INTEGER NOT NULL,
    wrong_codes INTEGER NOT NULL,
    paused_until_us INTEGER NOT NULL,
    pauses TEXT NOT NULL,
    answers_since_us INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    stranger_told_at_us INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    CONSTRAINT subscribers_pkey PRIMARY KEY (msisdn),
    CONSTRAINT subscribers_registered_check CHECK (registered IN (0, 1) AND (registered = 0 OR verifier <> '')),
    CONSTRAINT subscribers_blocked_check CHECK (blocked IN (0, 1)),
    CONSTRAINT subscribers_counters_check CHECK (credential_version >= 0 AND wrong_passwords >= 0 AND wrong_codes >= 0 AND answers >= 0)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE turnover (
    msisdn TEXT NOT NULL,
    period TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    CONSTRAINT turnover_pkey PRIMARY KEY (msisdn, period),
    CONSTRAINT turnover_amount_check CHECK (amount_minor >= 0)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE payments (
    id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    msisdn TEXT NOT NULL,
    link TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    state TEXT NOT NULL,
    nonce BLOB NOT NULL,
    key_id TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    code_deadline_us INTEGER NOT NULL,
    code_sends INTEGER NOT NULL,
    code_sent_at_us INTEGER NOT NULL,
    wrong_codes INTEGER NOT NULL,
    tried BLOB NOT NULL,
    confirmed_at_us INTEGER NOT NULL,
    finished_at_us INTEGER NOT NULL,
    day TEXT NOT NULL,
    month TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    refusal TEXT NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (id),
    CONSTRAINT payments_id_check CHECK (id > 0),
    CONSTRAINT payments_amounts_check CHECK (amount_minor > 0 AND fee_minor >= 0),
    CONSTRAINT payments_state_check CHECK ((state = 'awaiting_code' OR state = 'cancelled' OR state = 'checking' OR state = 'code_spent' OR state = 'executed' OR state = 'expired' OR state = 'not_executed' OR state = 'processing' OR state = 'replaced' OR state = 'returned')),
    CONSTRAINT payments_counters_check CHECK (code_sends >= 0 AND wrong_codes >= 0),
    CONSTRAINT payments_msisdn_fkey FOREIGN KEY(msisdn) REFERENCES subscribers (msisdn)
)
 STRICT;

CREATE INDEX payments_active ON payments (state, code_deadline_us) WHERE (state = 'awaiting_code' OR state = 'checking' OR state = 'processing');

CREATE UNIQUE INDEX payments_by_number ON payments (number);

CREATE INDEX payments_of_subscriber ON payments (msisdn, created_at_us);

CREATE UNIQUE INDEX payments_one_open ON payments (msisdn) WHERE (state = 'awaiting_code' OR state = 'checking');

CREATE TABLE provider_calls (
    payment_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    provider TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    due_at_us INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_sent_at_us INTEGER NOT NULL,
    sent_at_us INTEGER NOT NULL,
    told INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until_us INTEGER NOT NULL,
    last_answer TEXT NOT NULL,
    CONSTRAINT provider_calls_pkey PRIMARY KEY (payment_id, kind),
    CONSTRAINT provider_calls_kind_check CHECK ((kind = 'check' OR kind = 'pay')),
    CONSTRAINT provider_calls_state_check CHECK ((state = 'done' OR state = 'due' OR state = 'parked')),
    CONSTRAINT provider_calls_told_check CHECK (told IN (0, 1)),
    CONSTRAINT provider_calls_counters_check CHECK (attempts >= 0 AND epoch > 0),
    CONSTRAINT provider_calls_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX provider_calls_unfinished ON provider_calls (state, due_at_us, lease_until_us) WHERE (state = 'due' OR state = 'parked');

CREATE TABLE transfers (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    code TEXT NOT NULL,
    payment_id INTEGER,
    pending_id TEXT NOT NULL,
    shard INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    CONSTRAINT transfers_pkey PRIMARY KEY (id),
    CONSTRAINT transfers_kind_check CHECK ((kind = 'direct' OR kind = 'hold' OR kind = 'post' OR kind = 'void')),
    CONSTRAINT transfers_amount_check CHECK (amount_minor > 0),
    CONSTRAINT transfers_accounts_check CHECK (debit <> credit),
    CONSTRAINT transfers_pending_id_check CHECK ((kind IN ('post', 'void')) = (pending_id <> '')),
    CONSTRAINT transfers_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX transfers_of_payment ON transfers (payment_id);

CREATE UNIQUE INDEX transfers_one_end_of_hold ON transfers (pending_id) WHERE pending_id <> '';

CREATE TABLE numbers (
    only INTEGER NOT NULL,
    next INTEGER NOT NULL,
    CONSTRAINT numbers_pkey PRIMARY KEY (only),
    CONSTRAINT numbers_only_check CHECK (only = 1)
)
 WITHOUT ROWID,
 STRICT;

CREATE TRIGGER transfers_no_update BEFORE update ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are immutable'); END;

CREATE TRIGGER transfers_no_delete BEFORE delete ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are immutable'); END;

INSERT INTO numbers (only, next) VALUES (1, 10000000) RETURNING only;
