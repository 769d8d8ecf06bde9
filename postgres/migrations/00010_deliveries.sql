-- +goose Up

CREATE TABLE schedules (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer     NOT NULL,
    cadence      text        NOT NULL CHECK (cadence IN ('weekly', 'monthly', 'alerts')),
    weekday      smallint    NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    day          smallint    NOT NULL CHECK (day BETWEEN 1 AND 31),
    minute       smallint    NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    zone         text        NOT NULL,
    period       text        NOT NULL,
    targets      text[]      NOT NULL CHECK (cardinality(targets) > 0), -- the address of a webhook is a secret
    paused       boolean     NOT NULL DEFAULT false,
    served       timestamptz NOT NULL, -- the last moment for which deliveries were planned
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- One row for each thing that goes to one target. Its id is its idempotency key, so that it is planned once. It outlives
-- its schedule: it is the record of what was sent.
CREATE TABLE deliveries (
    id           uuid        PRIMARY KEY,
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    schedule_id  integer     NOT NULL, -- 0 for one that a person sent
    kind         text        NOT NULL CHECK (kind IN ('pulse', 'alert', 'test')),
    target       text        NOT NULL,
    due          timestamptz NOT NULL,
    period       text        NOT NULL,
    subject      text        NOT NULL, -- a Pulse, or an alert and its revision
    state        text        NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
    attempts     integer     NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL, -- when it may be tried, or when the claim ends
    updated_at   timestamptz NOT NULL,
    error        text        NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_open ON deliveries (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX deliveries_by_time ON deliveries (workspace_id, updated_at DESC);

CREATE TABLE alerts (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('spike', 'severe', 'account')),
    subject      text        NOT NULL,
    open         boolean     NOT NULL,
    opened_at    timestamptz NOT NULL,
    document     jsonb       NOT NULL, -- the whole alert
    PRIMARY KEY (workspace_id, id)
);
-- One alert of a subject while it lasts, however many processes look.
CREATE UNIQUE INDEX alerts_open ON alerts (workspace_id, subject) WHERE open;
CREATE INDEX alerts_by_time ON alerts (workspace_id, opened_at DESC);

-- +goose Down
DROP TABLE alerts, deliveries, schedules;
