-- +goose Up

-- The last message that said what is stored: stream and sequence as of its receipt, 0 where it came without one. The clock
-- does not put messages of one stream in order: those of a batch are received within a microsecond.
ALTER TABLE items
    ADD COLUMN heard_stream   bigint NOT NULL DEFAULT 0,
    ADD COLUMN heard_sequence bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE items DROP COLUMN heard_stream, DROP COLUMN heard_sequence;
