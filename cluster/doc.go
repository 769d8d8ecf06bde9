// Package cluster is stage 3: it groups the analysed excerpts of a workspace into clusters under themes, matches them to
// the clusters that stand so that ids and names survive, names the new ones in the customers' own words, and saves the
// run whole.
//
//	stage, err := cluster.New(cluster.Config{Store: store, Model: embedder.Model(), Now: time.Now, Seed: 1})
//	run, err := stage.Recluster(ctx, "acme")
//
// The way of a run: the excerpts become rows of one matrix (space.go), the rows a nearest-neighbour graph, the graph
// communities of a granularity that the data chooses (granularity.go, group.go), less what belongs nowhere
// (outliers.go); what people decided is enforced (decisions.go, enforce.go); a run that collapsed is refused
// (guard.go); the rest gets its identity and lineage (identity.go, lineage.go), its themes (theme.go) and its names
// (words.go, phrases.go, rank.go, names.go, name.go, theme_name.go), with a quote for each (quote.go).
//
// The same points, standing clusters, configuration and seed give the same run, in whatever order the points come.
package cluster
