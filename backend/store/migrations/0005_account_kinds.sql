-- What kind of account it is, and how hard it may be used.
ALTER TABLE accounts ADD COLUMN method            TEXT    NOT NULL DEFAULT 'builder_id';
ALTER TABLE accounts ADD COLUMN start_url         TEXT    NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN origin            TEXT    NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN email             TEXT    NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN client_expires_at INTEGER;
ALTER TABLE accounts ADD COLUMN spacing_ms        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN daily_credits     REAL    NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN reserve_credits   REAL    NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN priority          INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN weight            INTEGER NOT NULL DEFAULT 1;
ALTER TABLE accounts ADD COLUMN moved_out         INTEGER NOT NULL DEFAULT 0; -- its tokens belong to another machine now
UPDATE accounts SET method = 'identity_center' WHERE profile_arn <> '';

-- What an account spent each day, in its provider's credits, for its daily ceiling.
CREATE TABLE account_days (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL, -- days since 1970, UTC
    credits    REAL    NOT NULL,
    PRIMARY KEY (account_id, day)
) STRICT;

-- Until when the provider's suspicion keeps the whole pool quiet, and slow after that.
CREATE TABLE pool (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    paused_until INTEGER,
    slow_until   INTEGER
) STRICT;
