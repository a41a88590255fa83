CREATE INDEX transfers_by_time ON transfers (created_at_us);

CREATE TABLE day_hashes (
    day TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    transfers BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT day_hashes_pkey PRIMARY KEY (day),
    CONSTRAINT day_hashes_times_check CHECK (since_us < until_us),
    CONSTRAINT day_hashes_transfers_check CHECK (transfers >= 0),
    CONSTRAINT day_hashes_sha256_check CHECK (length(sha256) = 64)
);

COMMENT ON TABLE day_hashes IS 'One hash over the transfers of each day, chained to the day before. Immutable, and never deleted.';

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are immutable', ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE TRIGGER day_hashes_no_update BEFORE update ON day_hashes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER day_hashes_no_delete BEFORE delete ON day_hashes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER day_hashes_no_truncate BEFORE truncate ON day_hashes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
