-- What an account's reason and its last trouble say, as fault.Said in JSON, for programs with words of their own; empty is nothing.
ALTER TABLE accounts ADD COLUMN status_said TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN check_said  TEXT NOT NULL DEFAULT '';
