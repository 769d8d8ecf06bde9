-- +goose Up

-- The last message that said what is stored: stream and sequence as of its receipt, 0 where it came without one. The clock
-- does not put messages of one stream in order: those of a batch are received within a microsecond.
ALTER TABLE items
    ADD COLUMN heard_stream   bigint NOT NULL DEFAULT 0,
    ADD COLUMN heard_sequence bigint NOT NULL DEFAULT 0;

-- While a table is small or not analysed, every index that begins with the workspace looks as good as its primary key to
-- the check of a foreign key, and a session keeps the plan that it made then: each row of an excerpt would read all items
-- of its workspace. So no index but the primary key of a table that others refer to begins with the workspace, unless it
-- is partial, which a check cannot use.
ALTER TABLE items DROP CONSTRAINT items_workspace_id_source_external_id_key;
ALTER TABLE items ADD CONSTRAINT items_by_name UNIQUE (external_id, source, workspace_id);
DROP INDEX items_by_time;
CREATE INDEX items_by_time ON items (workspace_id, occurred_at) WHERE NOT spam;
CREATE INDEX spam_by_time ON items (workspace_id, occurred_at) WHERE spam;
DROP INDEX excerpts_by_item;
CREATE INDEX excerpts_by_item ON excerpts (item_id, workspace_id);
DROP INDEX excerpts_by_cluster;
CREATE INDEX excerpts_by_cluster ON excerpts (workspace_id, cluster_id, occurred_at) WHERE cluster_id IS NOT NULL;

-- +goose Down
DROP INDEX excerpts_by_cluster;
CREATE INDEX excerpts_by_cluster ON excerpts (workspace_id, cluster_id, occurred_at);
DROP INDEX excerpts_by_item;
CREATE INDEX excerpts_by_item ON excerpts (workspace_id, item_id);
DROP INDEX spam_by_time;
DROP INDEX items_by_time;
CREATE INDEX items_by_time ON items (workspace_id, occurred_at);
ALTER TABLE items DROP CONSTRAINT items_by_name;
ALTER TABLE items ADD CONSTRAINT items_workspace_id_source_external_id_key UNIQUE (workspace_id, source, external_id);
ALTER TABLE items DROP COLUMN heard_stream, DROP COLUMN heard_sequence;
