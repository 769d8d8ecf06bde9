-- +goose Up

-- The segment of customers that a Pulse is of; '' for one of the whole workspace.
ALTER TABLE pulses ADD COLUMN segment text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE pulses DROP COLUMN segment;
