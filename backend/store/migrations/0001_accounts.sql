CREATE TABLE accounts (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    state               TEXT    NOT NULL CHECK (state IN ('adding', 'active', 'deleting')),
    tag                 TEXT    NOT NULL UNIQUE, -- names the account in the vault
    name                TEXT    NOT NULL,
    service             TEXT    NOT NULL,
    sign_in_region      TEXT    NOT NULL,
    profile_arn         TEXT    NOT NULL,
    client_id           TEXT    NOT NULL,
    active              INTEGER NOT NULL,
    requests_per_minute INTEGER NOT NULL,
    max_concurrent      INTEGER NOT NULL,
    notes               TEXT    NOT NULL,
    source              TEXT    NOT NULL,
    refresh_version     INTEGER NOT NULL, -- of the item in the vault
    client_version      INTEGER NOT NULL, -- of the item in the vault
    status              TEXT    NOT NULL,
    status_kind         TEXT    NOT NULL,
    status_reason       TEXT    NOT NULL,
    status_until        INTEGER,
    strikes             INTEGER NOT NULL DEFAULT 0,
    checked_at          INTEGER,
    check_error         TEXT    NOT NULL DEFAULT '',
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    total_requests      INTEGER NOT NULL DEFAULT 0,
    total_tokens        INTEGER NOT NULL DEFAULT 0,
    last_used           INTEGER
) STRICT;

-- Every item that was ever written to the vault and not yet removed. The vault cannot list its items, so a row is here from before the
-- item is written until after it is gone.
CREATE TABLE secret_slots (
    name       TEXT    PRIMARY KEY,
    account_id INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    client     INTEGER NOT NULL, -- 1 for a client secret, 0 for a refresh token
    rotated    INTEGER NOT NULL  -- 1 for a refresh token that came in exchange for the one before
) STRICT;

-- Sources that were imported once, so that deleting what they brought is final.
CREATE TABLE imports (
    source TEXT PRIMARY KEY
) STRICT;
