-- Answers of the Responses API, for clients that go on from them; only if the user wants them on disk.
CREATE TABLE responses (
    id    TEXT    PRIMARY KEY,
    body  BLOB    NOT NULL,
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX responses_until ON responses (until);
