CREATE TABLE settings (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    chosen TEXT NOT NULL -- JSON
) STRICT;
