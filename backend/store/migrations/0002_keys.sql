CREATE TABLE keys (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    name                TEXT    NOT NULL,
    description         TEXT    NOT NULL,
    prefix              TEXT    NOT NULL,
    hash                BLOB    NOT NULL UNIQUE, -- SHA-256 of the key's text
    active              INTEGER NOT NULL,
    requests_per_minute INTEGER NOT NULL,
    requests_per_day    INTEGER NOT NULL,
    expires_at          INTEGER,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    total_requests      INTEGER NOT NULL DEFAULT 0,
    last_used           INTEGER
) STRICT;

-- What is set aside of a key's daily limit. The last row written, the one with the highest seq, is the day counted on.
CREATE TABLE key_days (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id   INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    day      INTEGER NOT NULL, -- days since 1970, UTC
    reserved INTEGER NOT NULL,
    UNIQUE (key_id, day)
) STRICT;
