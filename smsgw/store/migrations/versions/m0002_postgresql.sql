ALTER TABLE subscribers ADD COLUMN level TEXT DEFAULT '' NOT NULL;

ALTER TABLE payments ADD COLUMN source TEXT DEFAULT 'wallet' NOT NULL;

CREATE INDEX payments_confirmed ON payments (provider, confirmed_at_us) WHERE confirmed_at_us <> 0;

ALTER TABLE provider_calls
    ADD COLUMN memory TEXT DEFAULT '{}' NOT NULL,
    ADD COLUMN withdrawn BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN failures BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN absent_until_us BIGINT DEFAULT 0 NOT NULL,
    DROP CONSTRAINT provider_calls_kind_check,
    ADD CONSTRAINT provider_calls_kind_check CHECK ((kind = 'cancel' OR kind = 'check' OR kind = 'pay')),
    DROP CONSTRAINT provider_calls_told_check,
    ADD CONSTRAINT provider_calls_told_check CHECK (told BETWEEN 0 AND 3),
    ADD CONSTRAINT provider_calls_withdrawn_check CHECK (withdrawn IN (0, 1)),
    DROP CONSTRAINT provider_calls_counters_check,
    ADD CONSTRAINT provider_calls_counters_check CHECK (attempts >= 0 AND epoch > 0 AND failures >= 0);

DROP INDEX provider_calls_unfinished;

CREATE INDEX provider_calls_slow ON provider_calls (told, created_at_us) WHERE (state = 'due' OR state = 'parked') AND (kind = 'pay');

CREATE INDEX provider_calls_unfinished ON provider_calls (provider, state, due_at_us, lease_until_us) WHERE (state = 'due' OR state = 'parked');

CREATE TABLE actions (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at_us BIGINT NOT NULL,
    state TEXT NOT NULL,
    payment_id BIGINT,
    decided_by TEXT NOT NULL,
    decided_at_us BIGINT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT actions_pkey PRIMARY KEY (id),
    CONSTRAINT actions_kind_check CHECK ((kind = 'adjust' OR kind = 'close_day' OR kind = 'give_back' OR kind = 'not_paid' OR kind = 'paid' OR kind = 'refund' OR kind = 'taken_back')),
    CONSTRAINT actions_state_check CHECK ((state = 'done' OR state = 'failed' OR state = 'proposed' OR state = 'rejected' OR state = 'sent')),
    CONSTRAINT actions_names_check CHECK (id <> '' AND reason <> '' AND asked_by <> ''),
    CONSTRAINT actions_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id)
);

CREATE INDEX actions_by_time ON actions (asked_at_us);

CREATE INDEX actions_of_payment ON actions (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX actions_open ON actions (state, asked_at_us) WHERE (state = 'proposed' OR state = 'sent');

COMMENT ON TABLE actions IS 'What people do about money, and what came of it. Never deleted.';

CREATE TABLE reconciliations (
    provider TEXT NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    run_at_us BIGINT NOT NULL,
    statement_sha256 TEXT NOT NULL,
    matched_payments BIGINT NOT NULL,
    matched_minor BIGINT NOT NULL,
    missing_payments BIGINT NOT NULL,
    missing_minor BIGINT NOT NULL,
    extra_payments BIGINT NOT NULL,
    extra_minor BIGINT NOT NULL,
    mismatched_payments BIGINT NOT NULL,
    mismatched_minor BIGINT NOT NULL,
    resolved_payments BIGINT NOT NULL,
    resolved_minor BIGINT NOT NULL,
    open_payments BIGINT NOT NULL,
    open_minor BIGINT NOT NULL,
    findings TEXT NOT NULL,
    CONSTRAINT reconciliations_pkey PRIMARY KEY (provider, day),
    CONSTRAINT reconciliations_counters_check CHECK (matched_payments >= 0 AND missing_payments >= 0 AND extra_payments >= 0 AND mismatched_payments >= 0 AND resolved_payments >= 0 AND open_payments >= 0)
);

CREATE INDEX reconciliations_by_day ON reconciliations (day);

COMMENT ON TABLE reconciliations IS 'What came of comparing a day of a provider''s payments with its statement; the latest run of each day.';

CREATE TABLE registries (
    provider TEXT NOT NULL,
    day TEXT NOT NULL,
    serial BIGINT NOT NULL,
    name TEXT NOT NULL,
    payments BIGINT NOT NULL,
    sum_minor BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    made_at_us BIGINT NOT NULL,
    CONSTRAINT registries_pkey PRIMARY KEY (provider, day, serial),
    CONSTRAINT registries_counters_check CHECK (serial > 0 AND payments >= 0 AND sum_minor >= 0)
);

COMMENT ON TABLE registries IS 'The files that were made for providers, one row each, as they were made. Never changed or deleted.';
