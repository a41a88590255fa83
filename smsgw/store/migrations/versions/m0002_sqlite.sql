ALTER TABLE subscribers ADD COLUMN level TEXT DEFAULT '' NOT NULL;

ALTER TABLE payments ADD COLUMN source TEXT DEFAULT 'wallet' NOT NULL;

CREATE INDEX payments_confirmed ON payments (provider, confirmed_at_us) WHERE confirmed_at_us <> 0;

ALTER TABLE provider_calls RENAME TO provider_calls_0001;

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
    memory TEXT DEFAULT '{}' NOT NULL,
    withdrawn INTEGER DEFAULT 0 NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    absent_until_us INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT provider_calls_pkey PRIMARY KEY (payment_id, kind),
    CONSTRAINT provider_calls_kind_check CHECK ((kind = 'cancel' OR kind = 'check' OR kind = 'pay')),
    CONSTRAINT provider_calls_state_check CHECK ((state = 'done' OR state = 'due' OR state = 'parked')),
    CONSTRAINT provider_calls_told_check CHECK (told BETWEEN 0 AND 3),
    CONSTRAINT provider_calls_withdrawn_check CHECK (withdrawn IN (0, 1)),
    CONSTRAINT provider_calls_counters_check CHECK (attempts >= 0 AND epoch > 0 AND failures >= 0),
    CONSTRAINT provider_calls_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id)
)
 WITHOUT ROWID,
 STRICT;

INSERT INTO provider_calls (payment_id, kind, msisdn, provider, parameters, created_at_us, state, due_at_us, attempts, first_sent_at_us, sent_at_us, told, epoch, lease_until_us, last_answer)
SELECT payment_id, kind, msisdn, provider, parameters, created_at_us, state, due_at_us, attempts, first_sent_at_us, sent_at_us, told, epoch, lease_until_us, last_answer
FROM provider_calls_0001;

DROP TABLE provider_calls_0001;

CREATE INDEX provider_calls_slow ON provider_calls (told, created_at_us) WHERE (state = 'due' OR state = 'parked') AND (kind = 'pay');

CREATE INDEX provider_calls_unfinished ON provider_calls (provider, state, due_at_us, lease_until_us) WHERE (state = 'due' OR state = 'parked');

CREATE TABLE actions (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    payment_id INTEGER,
    decided_by TEXT NOT NULL,
    decided_at_us INTEGER NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT actions_pkey PRIMARY KEY (id),
    CONSTRAINT actions_kind_check CHECK ((kind = 'adjust' OR kind = 'close_day' OR kind = 'give_back' OR kind = 'not_paid' OR kind = 'paid' OR kind = 'refund' OR kind = 'taken_back')),
    CONSTRAINT actions_state_check CHECK ((state = 'done' OR state = 'failed' OR state = 'proposed' OR state = 'rejected' OR state = 'sent')),
    CONSTRAINT actions_names_check CHECK (id <> '' AND reason <> '' AND asked_by <> ''),
    CONSTRAINT actions_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id)
)
 WITHOUT ROWID,
 STRICT;

CREATE INDEX actions_by_time ON actions (asked_at_us);

CREATE INDEX actions_of_payment ON actions (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX actions_open ON actions (state, asked_at_us) WHERE (state = 'proposed' OR state = 'sent');

CREATE TABLE reconciliations (
    provider TEXT NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    run_at_us INTEGER NOT NULL,
    statement_sha256 TEXT NOT NULL,
    matched_payments INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    missing_payments INTEGER NOT NULL,
    missing_minor INTEGER NOT NULL,
    extra_payments INTEGER NOT NULL,
    extra_minor INTEGER NOT NULL,
    mismatched_payments INTEGER NOT NULL,
    mismatched_minor INTEGER NOT NULL,
    resolved_payments INTEGER NOT NULL,
    resolved_minor INTEGER NOT NULL,
    open_payments INTEGER NOT NULL,
    open_minor INTEGER NOT NULL,
    findings TEXT NOT NULL,
    CONSTRAINT reconciliations_pkey PRIMARY KEY (provider, day),
    CONSTRAINT reconciliations_counters_check CHECK (matched_payments >= 0 AND missing_payments >= 0 AND extra_payments >= 0 AND mismatched_payments >= 0 AND resolved_payments >= 0 AND open_payments >= 0)
)
 STRICT;

CREATE INDEX reconciliations_by_day ON reconciliations (day);

CREATE TABLE registries (
    provider TEXT NOT NULL,
    day TEXT NOT NULL,
    serial INTEGER NOT NULL,
    name TEXT NOT NULL,
    payments INTEGER NOT NULL,
    sum_minor INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    made_at_us INTEGER NOT NULL,
    CONSTRAINT registries_pkey PRIMARY KEY (provider, day, serial),
    CONSTRAINT registries_counters_check CHECK (serial > 0 AND payments >= 0 AND sum_minor >= 0)
)
 WITHOUT ROWID,
 STRICT;
