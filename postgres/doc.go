// Package postgres keeps everything that lasts: items, excerpts, embeddings, clusters, features, links and Pulses, in
// PostgreSQL with pgvector. Every SQL statement of Earshot is in this package, and a method of [Store] is one
// transaction, named for what it is for:
//
//	store, err := postgres.Open(ctx, postgres.Config{URL: url})
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	outcomes, err := store.SaveItems(ctx, items)
//
// The stages declare the few methods that they need as interfaces of their own; Store satisfies them all. Its errors carry
// the codes of package feedback, mapped from SQLSTATE.
package postgres
