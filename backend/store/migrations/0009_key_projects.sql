-- What a key may use, how people tell keys apart, and who used it last.
ALTER TABLE keys ADD COLUMN max_concurrent   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN tokens_per_day   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN budget_tokens    INTEGER NOT NULL DEFAULT 0; -- a month
ALTER TABLE keys ADD COLUMN budget_cost      REAL    NOT NULL DEFAULT 0; -- a month
ALTER TABLE keys ADD COLUMN time_zone        TEXT    NOT NULL DEFAULT ''; -- empty is this computer's
ALTER TABLE keys ADD COLUMN colour           TEXT    NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN note             TEXT    NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN allowed_dialects TEXT    NOT NULL DEFAULT '[]'; -- JSON, like the next; empty is all
ALTER TABLE keys ADD COLUMN accounts         TEXT    NOT NULL DEFAULT '[]';
ALTER TABLE keys ADD COLUMN previous_prefix  TEXT    NOT NULL DEFAULT ''; -- of the text that a rotation replaced
ALTER TABLE keys ADD COLUMN previous_hash    BLOB;
ALTER TABLE keys ADD COLUMN previous_until   INTEGER;
ALTER TABLE keys ADD COLUMN last_client      TEXT    NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN last_address     TEXT    NOT NULL DEFAULT '';

-- What is counted of a key in a day and in a month, with what is set aside for requests to come. Of each span, the last row written, the one
-- with the highest seq, is the period counted on. What is carried was counted elsewhere and is held against it.
CREATE TABLE key_periods (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id           INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    span             TEXT    NOT NULL CHECK (span IN ('day', 'month')),
    starts_at        INTEGER NOT NULL,
    ends_at          INTEGER NOT NULL,
    requests         INTEGER NOT NULL,
    tokens           INTEGER NOT NULL,
    cost             INTEGER NOT NULL, -- millionths
    carried_requests INTEGER NOT NULL,
    carried_tokens   INTEGER NOT NULL,
    carried_cost     INTEGER NOT NULL,
    UNIQUE (key_id, span, starts_at, ends_at)
) STRICT;
INSERT INTO key_periods (key_id, span, starts_at, ends_at, requests, tokens, cost, carried_requests, carried_tokens, carried_cost)
    SELECT key_id, 'day', day * 86400000, (day + 1) * 86400000, reserved, 0, 0, 0, 0, 0 FROM key_days ORDER BY seq;
DROP TABLE key_days;

-- A key's last minute, so that a restart does not open it anew.
CREATE TABLE key_recent (
    key_id INTEGER PRIMARY KEY REFERENCES keys (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL, -- when it was written
    spare  INTEGER NOT NULL, -- requests that may have been admitted since
    bursts TEXT    NOT NULL  -- JSON: ages in nanoseconds, and counts
) STRICT;
