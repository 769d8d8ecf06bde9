-- +goose Up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE workspaces (
    id           text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    next_run     integer NOT NULL DEFAULT 1,
    next_cluster integer NOT NULL DEFAULT 1,
    next_theme   integer NOT NULL DEFAULT 1
);

-- An embedder and its version. A vector is stored with its model, and vectors of two models are never compared.
CREATE TABLE models (
    id         smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text     NOT NULL,
    version    text     NOT NULL,
    dimensions smallint NOT NULL CHECK (dimensions > 0),
    UNIQUE (name, version, dimensions)
);

CREATE TABLE customers (
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           text NOT NULL,
    name         text NOT NULL DEFAULT '',
    segment      text NOT NULL DEFAULT '',
    plan         text NOT NULL DEFAULT '',
    arr          numeric(16, 2) CHECK (arr >= 0), -- annual recurring revenue; NULL where it is not known
    attributes   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE items (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           uuid        NOT NULL,
    source       text        NOT NULL,
    external_id  text        NOT NULL,
    content_hash bytea       NOT NULL, -- of all that the producer said
    body_hash    bytea       NOT NULL, -- of the words alone
    occurred_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    title        text        NOT NULL,
    body         text        NOT NULL, -- clean and redacted
    language     text        NOT NULL,
    customer_id  text,
    author       bytea,                -- a hash, by which a person can be forgotten
    rating       real,
    score        real,
    url          text        NOT NULL,
    attributes   jsonb       NOT NULL,
    spam         boolean     NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, source, external_id),
    FOREIGN KEY (workspace_id, customer_id) REFERENCES customers
);
CREATE INDEX items_by_time ON items (workspace_id, occurred_at);
CREATE INDEX items_by_customer ON items (workspace_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE themes (
    workspace_id text    NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer NOT NULL,
    name         text    NOT NULL,
    retired      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE runs (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer     NOT NULL,
    model_id     smallint    NOT NULL REFERENCES models,
    seed         bigint      NOT NULL,
    config       jsonb       NOT NULL,
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz NOT NULL,
    excerpts     integer     NOT NULL,
    clusters     integer     NOT NULL,
    unassigned   integer     NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE clusters (
    workspace_id text     NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer  NOT NULL,
    theme_id     integer  NOT NULL,
    model_id     smallint NOT NULL REFERENCES models,
    name         text     NOT NULL,
    summary      text     NOT NULL,
    keywords     text[]   NOT NULL,
    centroid     vector   NOT NULL,
    floor        real     NOT NULL, -- the least cosine to the centroid at which a new excerpt joins
    born_run     integer  NOT NULL,
    retired      boolean  NOT NULL DEFAULT false,
    successor    integer,           -- what a retired cluster became part of
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, theme_id) REFERENCES themes
);

CREATE TABLE lineage (
    workspace_id text    NOT NULL,
    run_id       integer NOT NULL,
    ordinal      integer NOT NULL,
    fate         text    NOT NULL CHECK (fate IN ('born', 'continued', 'split', 'merged', 'retired')),
    from_cluster integer,
    to_cluster   integer,
    shared       integer NOT NULL,
    overlap      real    NOT NULL,
    PRIMARY KEY (workspace_id, run_id, ordinal),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs ON DELETE CASCADE
);

CREATE TABLE excerpts (
    workspace_id text        NOT NULL,
    id           uuid        NOT NULL,
    item_id      uuid        NOT NULL,
    ordinal      integer     NOT NULL CHECK (ordinal >= 0), -- its place among the excerpts of its item
    start_byte   integer     NOT NULL CHECK (start_byte >= 0),
    end_byte     integer     NOT NULL CHECK (end_byte > start_byte),
    text         text        NOT NULL,
    occurred_at  timestamptz NOT NULL, -- its item's
    spam         boolean     NOT NULL, -- its item's
    model_id     smallint REFERENCES models, -- with which it was analysed; NULL until then
    sentiment    real CHECK (sentiment BETWEEN -1 AND 1),
    kind         text,
    severity     smallint CHECK (severity BETWEEN 0 AND 3),
    language     text,
    cluster_id   integer,
    similarity   real,                 -- to the centroid of its cluster
    words        tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, item_id) REFERENCES items ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, cluster_id) REFERENCES clusters
);
CREATE INDEX excerpts_by_item ON excerpts (workspace_id, item_id);
CREATE INDEX excerpts_by_cluster ON excerpts (workspace_id, cluster_id, occurred_at);
CREATE INDEX excerpts_unanalysed ON excerpts (workspace_id, item_id) WHERE model_id IS NULL;
CREATE INDEX excerpts_words ON excerpts USING gin (words) WITH (fastupdate = on);

CREATE TABLE embeddings (
    workspace_id text     NOT NULL,
    model_id     smallint NOT NULL REFERENCES models,
    excerpt_id   uuid     NOT NULL,
    embedding    halfvec  NOT NULL,
    PRIMARY KEY (workspace_id, model_id, excerpt_id),
    FOREIGN KEY (workspace_id, excerpt_id) REFERENCES excerpts ON DELETE CASCADE
);

CREATE TABLE features (
    workspace_id text    NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           text    NOT NULL,
    parent_id    text,
    name         text    NOT NULL,
    kind         text    NOT NULL CHECK (kind IN ('product', 'component', 'feature')),
    status       text    NOT NULL CHECK (status IN ('', 'idea', 'planned', 'in_progress', 'shipped')),
    shipped_at   date,
    description  text    NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, parent_id) REFERENCES features DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE links (
    workspace_id    text    NOT NULL,
    cluster_id      integer NOT NULL,
    feature_id      text    NOT NULL,
    state           text    NOT NULL CHECK (state IN ('suggested', 'automatic', 'confirmed', 'rejected')),
    score           real    NOT NULL CHECK (score BETWEEN 0 AND 1),
    runner_up       text    NOT NULL DEFAULT '',
    runner_up_score real    NOT NULL DEFAULT 0,
    evidence        text[]  NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, cluster_id, feature_id),
    FOREIGN KEY (workspace_id, cluster_id) REFERENCES clusters ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, feature_id) REFERENCES features ON DELETE CASCADE
);

CREATE TABLE pulses (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           text        NOT NULL,
    period_start timestamptz NOT NULL,
    period_end   timestamptz NOT NULL,
    hash         bytea       NOT NULL,
    document     bytea       NOT NULL, -- JSON, byte for byte as it was hashed
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX pulses_by_time ON pulses (workspace_id, created_at DESC);

-- No reference to workspaces: a message for a workspace that cannot exist is kept too.
CREATE TABLE dead_letters (
    workspace_id text        NOT NULL,
    id           uuid        NOT NULL,
    source       text        NOT NULL,
    stage        text        NOT NULL,
    code         text        NOT NULL,
    reason       text        NOT NULL,
    payload      text        NOT NULL, -- redacted
    received_at  timestamptz NOT NULL,
    attempts     integer     NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- +goose Down
DROP TABLE dead_letters, pulses, links, features, embeddings, excerpts, lineage, clusters, runs, themes, items, customers,
    models, workspaces;
