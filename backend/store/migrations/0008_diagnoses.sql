-- Why requests may have failed, the latest of them.
CREATE TABLE diagnoses (
    seq        INTEGER PRIMARY KEY,
    request_id TEXT    NOT NULL UNIQUE,
    found      TEXT    NOT NULL -- JSON
) STRICT;
