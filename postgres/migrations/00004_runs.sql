-- +goose Up
-- A run is stored whole before it changes anything: it may wait, be applied, be taken back, or be refused.
ALTER TABLE workspaces
    ADD COLUMN standing_run   integer NOT NULL DEFAULT 0, -- the run that last changed what stands; 0 before the first
    ADD COLUMN reported_until date,                       -- the weeks before it are in reported_weeks
    ADD COLUMN watched_until  timestamptz;                -- what was received until then has been watched for what forms
UPDATE workspaces SET standing_run = next_run - 1;

ALTER TABLE runs
    ADD COLUMN state        text        NOT NULL DEFAULT 'applied'
        CHECK (state IN ('previewed', 'applied', 'refused', 'discarded', 'rolled_back')),
    ADD COLUMN base         integer     NOT NULL DEFAULT 0, -- workspaces.standing_run when it began
    ADD COLUMN undoes       integer,                        -- the run that this one took back; NULL for a run proper
    ADD COLUMN cause        text        NOT NULL DEFAULT 'person' CHECK (cause IN ('person', 'schedule', 'forming')),
    ADD COLUMN reason       text        NOT NULL DEFAULT '', -- why it waits, was refused, discarded or taken back
    ADD COLUMN decided_at   timestamptz,                    -- when it was applied or discarded; NULL while it waits
    ADD COLUMN change       jsonb       NOT NULL DEFAULT '{}',
    ADD COLUMN mark         text        NOT NULL DEFAULT '', -- of what stood when it began
    ADD COLUMN kept         boolean     NOT NULL DEFAULT false, -- run_clusters, run_themes, run_assignments hold it
    ADD COLUMN next_cluster integer     NOT NULL DEFAULT 0,
    ADD COLUMN next_theme   integer     NOT NULL DEFAULT 0;
UPDATE runs SET base = id - 1, decided_at = finished_at;
ALTER TABLE runs ALTER COLUMN state DROP DEFAULT, ALTER COLUMN base DROP DEFAULT, ALTER COLUMN cause DROP DEFAULT;

ALTER TABLE lineage DROP CONSTRAINT lineage_fate_check;
ALTER TABLE lineage ADD CONSTRAINT lineage_fate_check
    CHECK (fate IN ('born', 'continued', 'split', 'merged', 'retired', 'returned'));

ALTER TABLE clusters ADD COLUMN margin real NOT NULL DEFAULT 0.01; -- by which it must lead the runner-up for a new excerpt

ALTER TABLE excerpts ADD COLUMN outlier text; -- why it is in no cluster; NULL where it is in one, or nothing has said why
CREATE INDEX excerpts_unassigned ON excerpts (workspace_id, occurred_at)
    WHERE cluster_id IS NULL AND model_id IS NOT NULL AND NOT spam;

-- Clusters and themes as a run makes them (after), and as they were when it was applied (before).
CREATE TABLE run_clusters (
    workspace_id text     NOT NULL,
    run_id       integer  NOT NULL,
    side         text     NOT NULL CHECK (side IN ('before', 'after')),
    id           integer  NOT NULL,
    theme_id     integer  NOT NULL,
    model_id     smallint NOT NULL REFERENCES models,
    name         text     NOT NULL,
    summary      text     NOT NULL,
    keywords     text[]   NOT NULL,
    centroid     vector   NOT NULL,
    floor        real     NOT NULL,
    margin       real     NOT NULL,
    born_run     integer  NOT NULL,
    retired      boolean  NOT NULL,
    successor    integer,
    own_name     text,
    run_centroid vector,
    run_floor    real,
    PRIMARY KEY (workspace_id, run_id, side, id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs ON DELETE CASCADE
);

CREATE TABLE run_themes (
    workspace_id text    NOT NULL,
    run_id       integer NOT NULL,
    side         text    NOT NULL CHECK (side IN ('before', 'after')),
    id           integer NOT NULL,
    name         text    NOT NULL,
    retired      boolean NOT NULL,
    own_name     text,
    PRIMARY KEY (workspace_id, run_id, side, id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs ON DELETE CASCADE
);

-- Where a run puts every excerpt (after), and where those stood that it moved (before). Arrays of some thousand excerpts
-- a row: a row each would take three times the space.
CREATE TABLE run_assignments (
    workspace_id text      NOT NULL,
    run_id       integer   NOT NULL,
    side         text      NOT NULL CHECK (side IN ('before', 'after')),
    part         integer   NOT NULL,
    excerpts     uuid[]    NOT NULL,
    stood        integer[] NOT NULL, -- cluster when the run was made; 0 for none
    clusters     integer[] NOT NULL, -- 0 for none
    similarities real[]    NOT NULL, -- NULL for none
    outliers     text[]    NOT NULL, -- '' for none
    PRIMARY KEY (workspace_id, run_id, side, part),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs ON DELETE CASCADE
);

-- Items a week as they were counted by the clusters that stood when the week was last reported, before a run changed
-- them. A cluster that has no row for a week before workspaces.reported_until had none.
CREATE TABLE reported_weeks (
    workspace_id text    NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    level        text    NOT NULL CHECK (level IN ('cluster', 'theme')),
    id           integer NOT NULL,
    week         date    NOT NULL, -- its Monday
    items        integer NOT NULL,
    PRIMARY KEY (workspace_id, level, id, week)
);

-- Groups among the unassigned excerpts that came in a burst, as they were last seen.
CREATE TABLE forming (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    ordinal      integer     NOT NULL,
    name         text        NOT NULL,
    summary      text        NOT NULL,
    keywords     text[]      NOT NULL,
    excerpts     uuid[]      NOT NULL, -- the latest first
    recent       integer     NOT NULL, -- of them, in the last week
    before       integer     NOT NULL, -- in the weeks before
    chance       float8      NOT NULL, -- of so many in the last week if nothing had changed
    since        timestamptz NOT NULL, -- when the first of the last week was said
    seen_at      timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, ordinal)
);

-- The run whose result stands: the one that last changed what stands or, where that was a rollback, the one that stood
-- before the run that it took back. 0 where none does.
-- +goose StatementBegin
CREATE FUNCTION standing_result(workspace text) RETURNS integer LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS (
        SELECT w.standing_run AS id FROM workspaces w WHERE w.id = workspace
        UNION ALL
        SELECT u.base FROM way
        JOIN runs r ON r.workspace_id = workspace AND r.id = way.id AND r.undoes IS NOT NULL
        JOIN runs u ON u.workspace_id = workspace AND u.id = r.undoes
    )
    SELECT coalesce(min(id), 0) FROM way
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION standing_result(text);
DROP TABLE forming, reported_weeks, run_assignments, run_themes, run_clusters;
DROP INDEX excerpts_unassigned;
ALTER TABLE excerpts DROP COLUMN outlier;
ALTER TABLE clusters DROP COLUMN margin;
DELETE FROM lineage WHERE fate = 'returned';
ALTER TABLE lineage DROP CONSTRAINT lineage_fate_check;
ALTER TABLE lineage ADD CONSTRAINT lineage_fate_check CHECK (fate IN ('born', 'continued', 'split', 'merged', 'retired'));
ALTER TABLE runs DROP COLUMN state, DROP COLUMN base, DROP COLUMN undoes, DROP COLUMN cause, DROP COLUMN reason,
    DROP COLUMN decided_at, DROP COLUMN change, DROP COLUMN mark, DROP COLUMN kept, DROP COLUMN next_cluster, DROP COLUMN next_theme;
ALTER TABLE workspaces DROP COLUMN standing_run, DROP COLUMN reported_until, DROP COLUMN watched_until;
