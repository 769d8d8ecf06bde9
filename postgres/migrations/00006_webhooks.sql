-- +goose Up

-- Deliveries of webhooks that were taken, until their signature is too old to be accepted again: a replay is known by it,
-- in every process and after a restart.
CREATE TABLE webhook_deliveries (
    workspace_id  text        NOT NULL, -- no reference: the first delivery may be the first that is heard of a workspace
    id            bytea       NOT NULL, -- SHA-256 of vendor and signature
    settled       boolean     NOT NULL DEFAULT false, -- what it brought is on disk
    claimed_until timestamptz NOT NULL, -- until then another process waits, after it that process may try
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX webhook_deliveries_expiry ON webhook_deliveries (workspace_id, expires_at);

-- +goose Down
DROP TABLE webhook_deliveries;
