package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"earshot/ai/builtin"
	"earshot/app"
	"earshot/demo"
	"earshot/feedback"
)

// realTexts are those of Banking77 where it is there, of the sample workspace where it is not.
func realTexts(b *testing.B) []string {
	b.Helper()
	folder := os.Getenv("EARSHOT_QUALITY_DATA")
	if folder == "" {
		folder = "../../shared/data"
	}
	var texts []string
	for _, name := range []string{"train.csv", "test.csv"} {
		raw, err := os.ReadFile(filepath.Join(folder, "banking77", name))
		if err != nil {
			break
		}
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil {
			b.Fatal(err)
		}
		for _, row := range rows[1:] {
			texts = append(texts, row[0])
		}
	}
	if len(texts) > 0 {
		return texts
	}
	for item, err := range demo.Items() {
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, string(item.Message))
	}
	return texts
}

// around gives excerpts around real texts, the same for the same n: the text less some of its words, and its vector with
// as much noise as leaves them a cosine of about 0.7. With less noise a million would be near copies of thirteen thousand.
type around struct {
	texts   []string
	vectors []feedback.Vector
	rng     *rand.Rand
}

func newAround(b *testing.B) *around {
	b.Helper()
	embedder, err := builtin.New()
	if err != nil {
		b.Fatal(err)
	}
	a := &around{texts: realTexts(b), rng: rand.New(rand.NewPCG(1, 1))}
	if a.vectors, err = embedder.Embed(b.Context(), a.texts); err != nil {
		b.Fatal(err)
	}
	return a
}

func (a *around) next() (string, feedback.Vector) {
	i := a.rng.IntN(len(a.texts))
	words := strings.Fields(a.texts[i])
	for n := len(words) / 3; n > 0; n-- {
		at := a.rng.IntN(len(words))
		words = slices.Delete(words, at, at+1)
	}
	v := slices.Clone(a.vectors[i])
	for d := range v {
		v[d] += float32(a.rng.NormFloat64() / 19.6) // the root of 384
	}
	feedback.Normalize(v)
	return strings.Join(words, " "), v
}

// fillWorkspace writes n analysed excerpts around real ones, one an item, past the queue.
func fillWorkspace(b *testing.B, a *app.App, n int) {
	b.Helper()
	fillWith(b, a, n, newAround(b).next)
}

// fillWith writes n analysed excerpts that next gives.
func fillWith(b *testing.B, a *app.App, n int, next func() (string, feedback.Vector)) {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, a.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := pgxvector.RegisterTypes(ctx, conn); err != nil {
		b.Fatal(err)
	}
	var model int16
	if _, err := conn.Exec(ctx, `INSERT INTO workspaces (id) VALUES ('bench')`); err != nil {
		b.Fatal(err)
	}
	embedder, err := builtin.New()
	if err != nil {
		b.Fatal(err)
	}
	m := embedder.Model()
	if err := conn.QueryRow(ctx, `INSERT INTO models (name, version, dimensions) VALUES ($1, $2, $3) RETURNING id`, m.Name, m.Version, m.Dimensions).Scan(&model); err != nil {
		b.Fatal(err)
	}
	const batch = 20_000
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for from := 0; from < n; from += batch {
		var items, excerpts, embeddings [][]any
		for i := from; i < min(n, from+batch); i++ {
			text, vector := next()
			item := feedback.ItemID("bench", "bench", fmt.Sprint(i))
			excerpt := feedback.ExcerptID(item, text, 0)
			at := start.Add(time.Duration(i) * time.Minute / 4)
			items = append(items, []any{"bench", [16]byte(item), "bench", fmt.Sprint(i), item[:], item[:], at, at, "", text, "en", "", "{}", false})
			excerpts = append(excerpts, []any{"bench", [16]byte(excerpt), [16]byte(item), 0, 0, len(text), text, at, false, model})
			embeddings = append(embeddings, []any{"bench", model, [16]byte(excerpt), pgvector.NewHalfVector(vector)})
		}
		for _, t := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{
			{"items", []string{"workspace_id", "id", "source", "external_id", "content_hash", "body_hash", "occurred_at", "received_at", "title", "body", "language", "url", "attributes", "spam"}, items},
			{"excerpts", []string{"workspace_id", "id", "item_id", "ordinal", "start_byte", "end_byte", "text", "occurred_at", "spam", "model_id"}, excerpts},
			{"embeddings", []string{"workspace_id", "model_id", "excerpt_id", "embedding"}, embeddings},
		} {
			if _, err := conn.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		b.Fatal(err)
	}
}

// peak gives the most memory that the process has held since it was last asked to forget, in MB, where Linux tells.
func peak(forget bool) float64 {
	if forget {
		runtime.GC()
		debug.FreeOSMemory()
		_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
		return 0
	}
	raw, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(raw)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

// BenchmarkRecluster measures whole runs, from the first excerpt read to the last cluster saved, with names: seconds, peak
// memory of this process, and what the stages took. A million excerpts are measured where EARSHOT_BENCH_LARGE is set.
func BenchmarkRecluster(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if os.Getenv("EARSHOT_BENCH_LARGE") != "" {
		sizes = []int{1_000_000}
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := openBench(b)
			fillWorkspace(b, a, n)
			for b.Loop() {
				peak(true)
				began := b.Elapsed()
				step, since := "", began
				took := map[string]float64{}
				run, _, err := a.Recluster(b.Context(), "bench", app.RunOptions{Progress: func(name string, _, _ int) {
					if name != step {
						took[step] += (b.Elapsed() - since).Seconds()
						step, since = name, b.Elapsed()
					}
				}})
				if err != nil {
					b.Fatal(err)
				}
				took[step] += (b.Elapsed() - since).Seconds()
				b.ReportMetric((b.Elapsed() - began).Seconds(), "s/run")
				b.ReportMetric(peak(false), "peak-MB")
				b.ReportMetric(float64(len(run.Clusters)), "clusters")
				delete(took, "")
				for name, s := range took {
					b.ReportMetric(s, name+"-s")
				}
				if recall, ok := run.Config["recall"].(float64); ok {
					b.ReportMetric(100*recall, "recall-%")
				}
			}
		})
	}
}
