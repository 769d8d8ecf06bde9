package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/internal/pgtest"
)

// A session plans the check of a foreign key once, perhaps while the table is empty, and keeps the plan as the table grows.
func TestForeignKeysAreCheckedByThePrimaryKeyFromTheFirstRowOn(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), pgtest.NewDatabase(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	explain := func(statement, key string) string {
		t.Helper()
		if _, err := conn.Exec(t.Context(), `SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL; PREPARE looked AS `+statement); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), `EXPLAIN EXECUTE looked('acme', `+key+`)`, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	plan := func(table, key string) string {
		return explain(`SELECT 1 FROM ONLY `+table+` x WHERE workspace_id = $1 AND id = $2 FOR KEY SHARE OF x`, key)
	}
	const id = `'00000000-0000-0000-0000-000000000000'`
	for table, key := range map[string]string{"items": id, "excerpts": id, "customers": `'c'`, "clusters": `1`, "themes": `1`, "features": `'f'`} {
		if got := plan(table, key); !strings.Contains(got, table+"_pkey") {
			t.Errorf("%s is looked up without its primary key:\n%s", table, got)
		}
	}
	if got := explain(`DELETE FROM ONLY embeddings WHERE $1 = workspace_id AND $2 = excerpt_id`, id); !strings.Contains(got, "embeddings_pkey") ||
		strings.Contains(got, "Filter") {
		t.Errorf("the vectors of an excerpt that goes are looked up without their primary key:\n%s", got)
	}
	if _, err := conn.Exec(t.Context(), `CREATE INDEX in_the_way ON items (workspace_id, occurred_at)`); err != nil {
		t.Fatal(err)
	}
	if got := plan("items", id); strings.Contains(got, "items_pkey") {
		t.Errorf("the test would not see an index that is in the way:\n%s", got)
	}
}
