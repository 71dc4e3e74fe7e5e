-- What a request moved, and the account that served it: the one of the last attempt.
ALTER TABLE requests ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0; -- 0 is none
ALTER TABLE requests ADD COLUMN account    TEXT    NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN bytes_in   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN bytes_out  INTEGER NOT NULL DEFAULT 0;
-- Clients are known by the names people have for them.
UPDATE requests SET
    account_id = coalesce(json_extract(attempts, '$[#-1].account_id'), 0),
    account = coalesce(json_extract(attempts, '$[#-1].account'), ''),
    client = CASE
        WHEN client IN ('claude-cli', 'claude-code') THEN 'Claude Code' WHEN lower(client) LIKE 'codex%' THEN 'Codex'
        WHEN client IN ('Anthropic', 'AsyncAnthropic') THEN 'Anthropic SDK' WHEN client IN ('OpenAI', 'AsyncOpenAI') THEN 'OpenAI SDK'
        WHEN client IN ('ai-sdk', 'ai') THEN 'AI SDK' WHEN client = 'Mozilla' THEN 'Browser' WHEN client = '' THEN 'Unknown'
        ELSE client END
WHERE fault <> 'not_recorded';
CREATE INDEX requests_by_key ON requests (key_id);
CREATE INDEX requests_by_account ON requests (account_id);
CREATE INDEX requests_by_fault ON requests (fault) WHERE fault <> '';

-- Times in which requests were not recorded.
CREATE TABLE gaps (
    seq     INTEGER PRIMARY KEY,
    from_at INTEGER NOT NULL,
    to_at   INTEGER NOT NULL,
    lost    INTEGER NOT NULL
) STRICT;
CREATE INDEX gaps_by_time ON gaps (to_at);
INSERT INTO gaps (from_at, to_at, lost) SELECT at, at, CAST(message AS INTEGER) FROM requests WHERE fault = 'not_recorded';

-- The sums of each hour, by what its requests had in common. The same requests are added up several times, by more or by fewer properties, so that
-- a question reads few lines: facet says by which of key (1), account (2), client (4) and dialect (8); the others are empty then.
CREATE TABLE hours (
    facet            INTEGER NOT NULL,
    at               INTEGER NOT NULL, -- the hour's start, UTC
    key_id           INTEGER NOT NULL,
    account_id       INTEGER NOT NULL,
    client           TEXT    NOT NULL,
    dialect          TEXT    NOT NULL,
    model            TEXT    NOT NULL, -- that was used
    status           INTEGER NOT NULL,
    fault            TEXT    NOT NULL,
    requests         INTEGER NOT NULL,
    input_tokens     INTEGER NOT NULL,
    output_tokens    INTEGER NOT NULL,
    cache_read       INTEGER NOT NULL,
    cache_write      INTEGER NOT NULL,
    derived_tokens   INTEGER NOT NULL,
    estimated_tokens INTEGER NOT NULL,
    first_events     INTEGER NOT NULL, -- requests that came to one
    first_event_us   INTEGER NOT NULL,
    duration_us      INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    PRIMARY KEY (facet, at, key_id, account_id, client, dialect, model, status, fault)
) STRICT, WITHOUT ROWID;

-- The same of each day of the computer's zone. It follows from hours, and is made anew when the zone changes.
CREATE TABLE days (
    facet            INTEGER NOT NULL,
    at               INTEGER NOT NULL, -- the day's first instant
    key_id           INTEGER NOT NULL,
    account_id       INTEGER NOT NULL,
    client           TEXT    NOT NULL,
    dialect          TEXT    NOT NULL,
    model            TEXT    NOT NULL,
    status           INTEGER NOT NULL,
    fault            TEXT    NOT NULL,
    requests         INTEGER NOT NULL,
    input_tokens     INTEGER NOT NULL,
    output_tokens    INTEGER NOT NULL,
    cache_read       INTEGER NOT NULL,
    cache_write      INTEGER NOT NULL,
    derived_tokens   INTEGER NOT NULL,
    estimated_tokens INTEGER NOT NULL,
    first_events     INTEGER NOT NULL,
    first_event_us   INTEGER NOT NULL,
    duration_us      INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    PRIMARY KEY (facet, at, key_id, account_id, client, dialect, model, status, fault)
) STRICT, WITHOUT ROWID;

-- How the attempts of each hour ended, whichever account served in the end.
CREATE TABLE tries (
    at         INTEGER NOT NULL, -- the hour's start, UTC
    account_id INTEGER NOT NULL,
    fault      TEXT    NOT NULL, -- empty if the account answered
    tries      INTEGER NOT NULL,
    PRIMARY KEY (at, account_id, fault)
) STRICT, WITHOUT ROWID;

-- What keys and accounts were last called, so that sums have names when they are gone.
CREATE TABLE usage_names (
    kind TEXT    NOT NULL CHECK (kind IN ('key', 'account')),
    id   INTEGER NOT NULL,
    name TEXT    NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollups (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    zone      TEXT    NOT NULL, -- the rules of the zone whose days are in days; empty is none yet
    rows_from INTEGER NOT NULL  -- the requests before are no longer all there
) STRICT;
INSERT INTO rollups VALUES (1, '', 0);

INSERT INTO hours
SELECT 15, at - at % 3600000, key_id, account_id, client, dialect, model_used, status, fault, count(*), sum(input_tokens), sum(output_tokens),
       sum(cache_read), sum(cache_write), sum(iif(source = 1, input_tokens + output_tokens, 0)), sum(iif(source = 2, input_tokens + output_tokens, 0)),
       sum(first_event_us > 0), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)
FROM requests WHERE fault <> 'not_recorded'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

INSERT INTO hours
SELECT 0, at, 0, 0, '', '', model, status, fault, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read), sum(cache_write), sum(derived_tokens),
       sum(estimated_tokens), sum(first_events), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)
FROM hours WHERE facet = 15
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO hours
SELECT 8, at, 0, 0, '', dialect, model, status, fault, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read), sum(cache_write), sum(derived_tokens),
       sum(estimated_tokens), sum(first_events), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)
FROM hours WHERE facet = 15
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO hours
SELECT 5, at, key_id, 0, client, '', model, status, fault, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read), sum(cache_write), sum(derived_tokens),
       sum(estimated_tokens), sum(first_events), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)
FROM hours WHERE facet = 15
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO hours
SELECT 6, at, 0, account_id, client, '', model, status, fault, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read), sum(cache_write), sum(derived_tokens),
       sum(estimated_tokens), sum(first_events), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)
FROM hours WHERE facet = 15
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

INSERT INTO tries
SELECT requests.at - requests.at % 3600000, json_extract(attempt.value, '$.account_id'), coalesce(json_extract(attempt.value, '$.fault'), ''), count(*)
FROM requests, json_each(requests.attempts) AS attempt
WHERE json_array_length(requests.attempts) > 0 AND json_extract(attempt.value, '$.account_id') IS NOT NULL
GROUP BY 1, 2, 3;

INSERT INTO usage_names SELECT 'key', key_id, key_name FROM (SELECT key_id, key_name, max(seq) FROM requests WHERE key_id <> 0 GROUP BY key_id);
INSERT INTO usage_names SELECT 'account', id, name FROM (
    SELECT json_extract(attempt.value, '$.account_id') AS id, coalesce(json_extract(attempt.value, '$.account'), '') AS name, max(requests.seq)
    FROM requests, json_each(requests.attempts) AS attempt
    WHERE json_array_length(requests.attempts) > 0 AND json_extract(attempt.value, '$.account_id') IS NOT NULL
    GROUP BY 1
);
