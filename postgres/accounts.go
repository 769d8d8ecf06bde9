package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Many a sheet of feedback calls an account by its name, and only the list of accounts knows its id. A customer whose id
// is its name is such a one: nobody said its id.

// nameAccounts gives items that call their account by its name alone the id of the one account of the workspace that has
// this name, in whatever case. Where none has it, or two have, or it is an account's id, the name stays its id.
func nameAccounts(ctx context.Context, tx pgx.Tx, items []feedback.Item) error {
	const find = `
		SELECT n.i, min(c.id) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (workspace_id, name, i)
		JOIN customers c ON c.workspace_id = n.workspace_id AND lower(c.name) = lower(n.name) AND c.id <> c.name
		WHERE NOT EXISTS (SELECT FROM customers k WHERE k.workspace_id = n.workspace_id AND k.id = n.name)
		GROUP BY n.i HAVING count(*) = 1
		ORDER BY n.i`
	type account struct{ workspace, name string }
	of := map[account][]int{}
	for i := range items {
		if c := items[i].Customer; c != nil && c.ID == c.Name {
			a := account{items[i].Workspace, c.Name}
			of[a] = append(of[a], i)
		}
	}
	if len(of) == 0 {
		return nil
	}
	var accounts []account
	var workspaces, names []string
	for a := range of {
		accounts, workspaces, names = append(accounts, a), append(workspaces, a.workspace), append(names, a.name)
	}
	rows, err := tx.Query(ctx, find, workspaces, names)
	if err != nil {
		return err
	}
	var place int
	var id string
	_, err = pgx.ForEachRow(rows, []any{&place, &id}, func() error {
		for _, i := range of[accounts[place-1]] {
			c := *items[i].Customer
			c.ID, c.Name = id, ""
			items[i].Customer = &c
		}
		return nil
	})
	return err
}

// adoptAccounts gives what was said by accounts that were known by their names alone to those of the given ids that have
// these names, in whatever case, with what was known of them, and removes the others.
func adoptAccounts(ctx context.Context, tx pgx.Tx, workspace string, ids []string) error {
	const (
		pairs = `
			SELECT old.id, min(c.id) FROM customers old
			JOIN customers c ON c.workspace_id = $1 AND lower(c.name) = lower(old.name) AND c.id <> c.name
			WHERE old.workspace_id = $1 AND old.id = old.name
			GROUP BY old.id HAVING count(*) = 1 AND min(c.id) = ANY ($2::text[])
			ORDER BY old.id`
		fill = `
			UPDATE customers c SET segment = coalesce(nullif(c.segment, ''), old.segment, ''), plan = coalesce(nullif(c.plan, ''), old.plan, ''),
			    arr = coalesce(c.arr, old.arr), attributes = old.attributes || c.attributes
			FROM (
			    SELECT p.id, max(nullif(o.segment, '')) AS segment, max(nullif(o.plan, '')) AS plan, max(o.arr) AS arr,
			        (array_agg(o.attributes ORDER BY o.id))[1] AS attributes
			    FROM unnest($2::text[], $3::text[]) AS p (old, id) JOIN customers o ON o.workspace_id = $1 AND o.id = p.old
			    GROUP BY p.id) AS old
			WHERE c.workspace_id = $1 AND c.id = old.id`
		move = `
			UPDATE items i SET customer_id = p.id FROM unnest($2::text[], $3::text[]) AS p (old, id)
			WHERE i.workspace_id = $1 AND i.customer_id = p.old`
		remove = `DELETE FROM customers WHERE workspace_id = $1 AND id = ANY ($2::text[])`
	)
	rows, err := tx.Query(ctx, pairs, workspace, ids)
	if err != nil {
		return err
	}
	var old, found []string
	var from, to string
	if _, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		if !slices.Contains(ids, from) { // both are in the list: two accounts
			old, found = append(old, from), append(found, to)
		}
		return nil
	}); err != nil || len(old) == 0 {
		return err
	}
	for _, sql := range []string{fill, move} {
		if _, err := tx.Exec(ctx, sql, workspace, old, found); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, remove, workspace, old)
	return err
}
