CREATE TABLE requests (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    key_id         INTEGER NOT NULL,
    key_name       TEXT    NOT NULL,
    client         TEXT    NOT NULL,
    dialect        TEXT    NOT NULL,
    model_asked    TEXT    NOT NULL,
    model_used     TEXT    NOT NULL,
    streaming      INTEGER NOT NULL,
    status         INTEGER NOT NULL,
    fault          TEXT    NOT NULL,
    message        TEXT    NOT NULL,
    attempts       TEXT    NOT NULL, -- JSON
    input_tokens   INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    cache_read     INTEGER NOT NULL,
    cache_write    INTEGER NOT NULL,
    source         INTEGER NOT NULL, -- how the tokens were come by: 0 measured, 1 derived, 2 estimated
    first_event_us INTEGER NOT NULL, -- 0 if there was none
    duration_us    INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_id ON requests (id);
CREATE INDEX requests_by_time ON requests (at, first_event_us);

-- The sums of each minute, so that a day adds up quickly.
CREATE TABLE minutes (
    at            INTEGER PRIMARY KEY,
    succeeded     INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL
) STRICT;
