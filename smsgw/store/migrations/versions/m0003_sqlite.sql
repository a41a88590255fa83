CREATE INDEX transfers_by_time ON transfers (created_at_us);

CREATE TABLE day_hashes (
    day TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    transfers INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT day_hashes_pkey PRIMARY KEY (day),
    CONSTRAINT day_hashes_times_check CHECK (since_us < until_us),
    CONSTRAINT day_hashes_transfers_check CHECK (transfers >= 0),
    CONSTRAINT day_hashes_sha256_check CHECK (length(sha256) = 64)
)
 WITHOUT ROWID,
 STRICT;

CREATE TRIGGER day_hashes_no_update BEFORE update ON day_hashes BEGIN SELECT RAISE(ABORT, 'day_hashes are immutable'); END;

CREATE TRIGGER day_hashes_no_delete BEFORE delete ON day_hashes BEGIN SELECT RAISE(ABORT, 'day_hashes are immutable'); END;
