package app_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"earshot/ai/builtin"
	"earshot/app"
	"earshot/feedback"
	"earshot/postgres"
)

// BenchmarkSearch measures searches by meaning, first exact and then through the index: the time that half of them stay
// below and that 95 of a hundred do, and how many of the ten that are truly nearest the index finds. The vectors are those
// of real texts less some of their words, and the queries are more of them. It prints how many excerpts a second the parts
// were built of, too, and what they take on disk. A million excerpts are measured where EARSHOT_BENCH_LARGE is set.
func BenchmarkSearch(b *testing.B) {
	const queries, depth = 100, 10
	sizes := []int{100_000}
	if os.Getenv("EARSHOT_BENCH_LARGE") != "" {
		sizes = []int{1_000_000}
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := openBench(b)
			embedder, err := builtin.New()
			if err != nil {
				b.Fatal(err)
			}
			source := newAround(b)
			next := func() (string, feedback.Vector) {
				text, _ := source.next()
				vectors, err := embedder.Embed(b.Context(), []string{text})
				if err != nil {
					b.Fatal(err)
				}
				return text, vectors[0]
			}
			fillWith(b, a, n, next)
			var asked []feedback.Vector
			for range queries {
				_, vector := next()
				asked = append(asked, vector)
			}
			for b.Loop() {
				_, exact := nearest(b, a, asked, depth)
				began, built := b.Elapsed(), 0
				for {
					done, err := a.Store.FoldVectors(b.Context(), postgres.DefaultFolding(embedder.Model()))
					if err != nil {
						b.Fatal(err)
					}
					if done.Excerpts == 0 {
						break
					}
					built += done.Excerpts
				}
				b.ReportMetric(float64(built)/(b.Elapsed()-began).Seconds(), "built/s")
				found, indexed := nearest(b, a, asked, depth)
				b.ReportMetric(100*recall(b, a, asked, found), "recall-%")
				b.ReportMetric(quantile(exact, 50), "exact-p50-ms")
				b.ReportMetric(quantile(exact, 95), "exact-p95-ms")
				b.ReportMetric(quantile(indexed, 50), "index-p50-ms")
				b.ReportMetric(quantile(indexed, 95), "index-p95-ms")
				b.ReportMetric(indexMegabytes(b, a), "index-MB")
			}
		})
	}
}

// nearest asks the store for each vector's nearest excerpts, and says how long each took.
func nearest(b *testing.B, a *app.App, asked []feedback.Vector, depth int) (found [][]feedback.Hit, took []time.Duration) {
	b.Helper()
	embedder, err := builtin.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, vector := range asked {
		began := b.Elapsed()
		hits, err := a.Store.NearestExcerpts(b.Context(), "bench", embedder.Model(), vector, depth)
		if err != nil || len(hits) != depth {
			b.Fatal(len(hits), err)
		}
		found, took = append(found, hits), append(took, b.Elapsed()-began)
	}
	return found, took
}

// quantile gives the time that so many of a hundred stay below, in milliseconds.
func quantile(took []time.Duration, percent int) float64 {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)*percent/100].Seconds() * 1000
}

// recall is the share of what was found that is as near as the nearest that there are: of several with one distance any
// counts.
func recall(b *testing.B, a *app.App, asked []feedback.Vector, found [][]feedback.Hit) float64 {
	b.Helper()
	const count = `
		WITH far AS (SELECT max(distance) AS least FROM (
		    SELECT embedding <=> $1::halfvec AS distance FROM embeddings ORDER BY 1 LIMIT $3) AS exact)
		SELECT count(*) FROM embeddings, far WHERE excerpt_id = ANY ($2::uuid[]) AND embedding <=> $1::halfvec <= far.least + 1e-9`
	conn, err := pgx.Connect(b.Context(), a.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	if err := pgxvector.RegisterTypes(b.Context(), conn); err != nil {
		b.Fatal(err)
	}
	right, all := 0, 0
	for i, vector := range asked {
		var ids [][16]byte
		for _, h := range found[i] {
			ids = append(ids, h.Excerpt)
		}
		var n int
		if err := conn.QueryRow(b.Context(), count, pgvector.NewHalfVector(vector), ids, len(ids)).Scan(&n); err != nil {
			b.Fatal(err)
		}
		right, all = right+n, all+len(ids)
	}
	return float64(right) / float64(all)
}

// indexMegabytes is what the parts of the index take on disk.
func indexMegabytes(b *testing.B, a *app.App) float64 {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), a.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	var bytes float64
	if err := conn.QueryRow(b.Context(), `
		SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relname LIKE 'embeddings\_part\_%'`).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	return bytes / 1e6
}
