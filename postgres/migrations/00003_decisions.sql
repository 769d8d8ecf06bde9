-- +goose Up
ALTER TABLE workspaces ADD COLUMN next_decision integer NOT NULL DEFAULT 1;

ALTER TABLE themes ADD COLUMN own_name text; -- what Earshot called it, while name is what a person calls it; else NULL

ALTER TABLE clusters
    ADD COLUMN own_name     text, -- as of themes
    ADD COLUMN confirmed    boolean NOT NULL DEFAULT false,
    ADD COLUMN hidden       boolean NOT NULL DEFAULT false,
    ADD COLUMN run_centroid vector, -- as the run left them, while excerpts that people moved since change them; else NULL
    ADD COLUMN run_floor    real;

-- The state before a person decided; '' where there was no link then; NULL where nobody decided.
ALTER TABLE links ADD COLUMN own_state text;

-- What people decided, for good: an undo is one more row. Whether a decision stands is whether a row undoes it.
CREATE TABLE decisions (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id           integer     NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('rename', 'rename_theme', 'pin', 'move', 'apart', 'merge', 'split', 'hide',
        'unhide', 'confirm', 'confirm_link', 'reject_link', 'undo')),
    actor        text        NOT NULL CHECK (actor <> ''),
    note         text        NOT NULL,
    decided_at   timestamptz NOT NULL,
    run_id       integer     NOT NULL, -- the run that stood; 0 before the first
    cluster_id   integer,
    other_id     integer,              -- what was merged into cluster_id, kept apart from it or split off it
    theme_id     integer,
    feature_id   text,
    name         text        NOT NULL DEFAULT '',
    was          text        NOT NULL DEFAULT '', -- the name or the link's state before
    undoes       integer,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, undoes) REFERENCES decisions
);
CREATE UNIQUE INDEX decisions_undone_once ON decisions (workspace_id, undoes) WHERE undoes IS NOT NULL;
CREATE INDEX decisions_by_cluster ON decisions (workspace_id, cluster_id);

-- The excerpts that a decision names or moved. No reference to excerpts: a decision outlives what it is about.
CREATE TABLE decision_excerpts (
    workspace_id text    NOT NULL,
    decision_id  integer NOT NULL,
    excerpt_id   uuid    NOT NULL,
    from_cluster integer,
    to_cluster   integer,
    similarity   real, -- to from_cluster, before
    PRIMARY KEY (workspace_id, decision_id, excerpt_id),
    FOREIGN KEY (workspace_id, decision_id) REFERENCES decisions ON DELETE CASCADE
);
CREATE INDEX decision_excerpts_by_excerpt ON decision_excerpts (workspace_id, excerpt_id);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN OLD; -- the workspace goes, and all of it
    END IF;
    RAISE EXCEPTION 'decisions are only ever added' USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_excerpts_append_only BEFORE UPDATE OR DELETE ON decision_excerpts FOR EACH ROW
    EXECUTE FUNCTION refuse_change();

CREATE VIEW standing_decisions AS
SELECT d.* FROM decisions d
WHERE d.kind <> 'undo'
  AND NOT EXISTS (SELECT FROM decisions u WHERE u.workspace_id = d.workspace_id AND u.undoes = d.id);

-- What became of a cluster: itself while it stands, or where the way of its successors ends; NULL where it ended in nothing.
-- +goose StatementBegin
CREATE FUNCTION standing_cluster(workspace text, cluster integer) RETURNS integer LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS (
        SELECT c.id, c.retired, c.successor, ARRAY[c.id] AS seen FROM clusters c
        WHERE c.workspace_id = workspace AND c.id = cluster
        UNION ALL
        SELECT c.id, c.retired, c.successor, w.seen || c.id FROM way w
        JOIN clusters c ON c.workspace_id = workspace AND c.id = w.successor
        WHERE w.retired AND c.id <> ALL (w.seen)
    )
    SELECT id FROM way WHERE NOT retired
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION standing_cluster(text, integer);
DROP VIEW standing_decisions;
DROP TABLE decision_excerpts, decisions;
DROP FUNCTION refuse_change();
ALTER TABLE clusters DROP COLUMN own_name, DROP COLUMN confirmed, DROP COLUMN hidden, DROP COLUMN run_centroid,
    DROP COLUMN run_floor;
ALTER TABLE themes DROP COLUMN own_name;
ALTER TABLE links DROP COLUMN own_state;
ALTER TABLE workspaces DROP COLUMN next_decision;
