-- +goose Up

-- How many groups were looked at, of which this one came in a burst: what its chance is corrected for. What is kept of
-- before does not say, and is looked for again.
DELETE FROM forming;
ALTER TABLE forming ADD COLUMN looked integer NOT NULL CHECK (looked > 0);
UPDATE workspaces SET watched_until = NULL;

-- +goose Down
ALTER TABLE forming DROP COLUMN looked;
