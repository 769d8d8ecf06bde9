-- +goose Up

-- A hash of the author's address, where the author goes by an id: a person who asks to be forgotten knows the address.
ALTER TABLE items ADD COLUMN address bytea;
CREATE INDEX items_by_author ON items (workspace_id, author) WHERE author IS NOT NULL;
CREATE INDEX items_by_address ON items (workspace_id, address) WHERE address IS NOT NULL;

-- The original that this item says over again, and the queue of items of which that is not known yet.
ALTER TABLE items ADD COLUMN duplicate_of uuid;
CREATE INDEX items_by_original ON items (workspace_id, duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE unjudged (
    workspace_id text NOT NULL,
    item_id      uuid NOT NULL,
    PRIMARY KEY (workspace_id, item_id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES items ON DELETE CASCADE
);
INSERT INTO unjudged SELECT workspace_id, id FROM items;

-- Bands of the MinHash of an item's words: items that say nearly the same share one.
CREATE TABLE bands (
    workspace_id text   NOT NULL,
    band         bigint NOT NULL,
    item_id      uuid   NOT NULL,
    PRIMARY KEY (workspace_id, band, item_id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX bands_by_item ON bands (workspace_id, item_id);

-- What was erased, and on whose word. Nothing of the person or the text is in it: the subject is a hash.
CREATE TABLE erasures (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer     NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('author', 'customer', 'item')),
    subject      bytea       NOT NULL,
    erased_at    timestamptz NOT NULL,
    erased_by    text        NOT NULL,
    items        integer     NOT NULL,
    excerpts     integer     NOT NULL,
    vectors      integer     NOT NULL,
    customers    integer     NOT NULL,
    dead_letters integer     NOT NULL,
    clusters     integer     NOT NULL,
    pulses       integer     NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- What may not come back: authors, customers and items by hashes.
CREATE TABLE tombstones (
    workspace_id text    NOT NULL,
    subject      bytea   NOT NULL,
    erasure_id   integer NOT NULL, -- the first that laid it
    PRIMARY KEY (workspace_id, subject),
    FOREIGN KEY (workspace_id, erasure_id) REFERENCES erasures ON DELETE CASCADE
);

-- When evidence was last taken out of a Pulse. Its hash stays that of the document as it was published.
ALTER TABLE pulses ADD COLUMN erased_at timestamptz;

ALTER TABLE receipts DROP CONSTRAINT receipts_outcome_check,
    ADD CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'forgotten', 'dead', 'lost'));
ALTER TABLE books DROP CONSTRAINT books_outcome_check,
    ADD CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'forgotten', 'dead', 'rejected'));

-- +goose Down
DELETE FROM receipts WHERE outcome = 'forgotten';
DELETE FROM books WHERE outcome = 'forgotten';
ALTER TABLE receipts DROP CONSTRAINT receipts_outcome_check,
    ADD CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'dead', 'lost'));
ALTER TABLE books DROP CONSTRAINT books_outcome_check,
    ADD CHECK (outcome IN ('stored', 'updated', 'duplicate', 'stale', 'dead', 'rejected'));
ALTER TABLE pulses DROP COLUMN erased_at;
DROP TABLE tombstones, erasures, bands, unjudged;
ALTER TABLE items DROP COLUMN duplicate_of, DROP COLUMN address;
