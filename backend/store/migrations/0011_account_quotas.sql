-- What providers told of accounts' quotas: the last reading of each hour.
CREATE TABLE account_quotas (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hour       INTEGER NOT NULL, -- hours since 1970
    at         INTEGER NOT NULL,
    used       REAL    NOT NULL,
    total      REAL    NOT NULL, -- the whole allowance
    PRIMARY KEY (account_id, hour)
) STRICT;
