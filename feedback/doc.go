// Package feedback holds the words of Earshot's domain: the messages that producers send, the items and excerpts they
// become, the clusters, features and links that are made of them, and the coded errors that every boundary speaks.
//
// It imports the standard library alone, and every other package may import it. A stage describes what it needs in
// these types, so that one store, one queue and one embedder serve all stages:
//
//	type Store interface {
//		SaveItems(ctx context.Context, workspace string, items []feedback.Item) (feedback.Saved, error)
//	}
//
// Identity is derived, never drawn: [ItemID] and [ExcerptID] are functions of what they name, so the same feedback gives
// the same rows on every machine and after every retry.
package feedback
