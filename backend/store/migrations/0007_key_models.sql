-- Which models a key gets: the one that stands in for a model there is not, and those it may use.
ALTER TABLE keys ADD COLUMN default_model  TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN allowed_models TEXT NOT NULL DEFAULT '[]'; -- JSON
