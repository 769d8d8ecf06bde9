-- +goose Up

-- What became of each message of the queue, committed with its effect; folded into the books once the queue lets go of it.
CREATE TABLE receipts (
    stream       bigint NOT NULL, -- when the stream was made, in microseconds since 1970
    sequence     bigint NOT NULL,
    workspace_id text   NOT NULL, -- no reference: a message for a workspace that cannot exist is counted too
    source       text   NOT NULL,
    outcome      text   NOT NULL CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'dead', 'lost')),
    PRIMARY KEY (stream, sequence)
);

-- Messages by what became of them; rejected are those that were refused at the door and never reached the queue.
CREATE TABLE books (
    workspace_id text   NOT NULL,
    source       text   NOT NULL,
    outcome      text   NOT NULL CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'dead', 'rejected')),
    messages     bigint NOT NULL CHECK (messages >= 0),
    PRIMARY KEY (workspace_id, source, outcome)
);

-- How far each stream is folded. Lost are messages that left the queue without a receipt.
CREATE TABLE book_floors (
    stream bigint PRIMARY KEY,
    folded bigint NOT NULL,
    lost   bigint NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE book_floors, books, receipts;
