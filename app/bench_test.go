package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/demo"
	"earshot/ingest"
	"earshot/internal/pgtest"
)

// benchItems is how many items the benchmark sends.
const benchItems = 50_000

// many gives the sample again and again, each copy with ids and words of its own.
func many(n int) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for sent := 0; sent < n; {
			for item, err := range demo.Items() {
				if sent == n {
					return
				}
				var m map[string]any
				if err == nil {
					err = json.Unmarshal(item.Message, &m)
				}
				m["external_id"] = fmt.Sprint(m["external_id"], "-", sent)
				m["body"] = fmt.Sprint(m["body"], "\n\nThis is about job number ", sent, ".")
				data, encodeErr := json.Marshal(m)
				if err == nil {
					err = encodeErr
				}
				if !yield(app.Outgoing{Source: item.Source, Message: data}, err) {
					return
				}
				sent++
			}
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func openBench(b *testing.B) *app.App {
	b.Helper()
	cfg, err := app.ReadConfig(func(string) (string, bool) { return "", false })
	if err != nil {
		b.Fatal(err)
	}
	cfg.DataDir = pgtest.Folder(b)
	a, err := app.Open(b.Context(), cfg, app.Options{Queue: true, Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	return a
}

// BenchmarkEndToEnd measures items a second from the first byte to the queue until the last is analysed: queue, workers
// and Postgres on this machine, everything on disk. Beside it stands the rate at which the same rows go into empty tables
// without indexes by bare multi-row inserts of 500.
func BenchmarkEndToEnd(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		a := openBench(b)
		b.StartTimer()
		began := b.Elapsed()
		// Workers and producer run side by side, as they do in use.
		working, stop := context.WithCancel(b.Context())
		wait, err := a.StartWorkers(working, []app.Role{app.RoleIngest, app.RoleClassify})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.Send(b.Context(), "bench", many(benchItems), func(err error) { b.Error(err) }, nil); err != nil {
			b.Fatal(err)
		}
		if err := a.Drain(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
		took := (b.Elapsed() - began).Seconds()
		stop()
		if err := wait(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		list, err := a.Store.ClusterList(b.Context(), "bench")
		if err != nil {
			b.Fatal(err)
		}
		if list.Pending != 0 || list.Items < benchItems*9/10 {
			b.Fatalf("%d items, %d pending", list.Items, list.Pending)
		}
		bare := bareInserts(b, a)
		b.ReportMetric(benchItems/took, "items/s")
		b.ReportMetric(bare, "bare-items/s")
		b.ReportMetric(benchItems/took/bare, "of-bare")
		b.StartTimer()
	}
}

// BenchmarkHTTPBulk measures how many items a second POST /v1/feedback takes until they are on disk: requests of 1,000
// lines from four producers at once, against the server as earshot serve runs it, with nobody draining the queue.
func BenchmarkHTTPBulk(b *testing.B) {
	const rows, producers = 1000, 4
	a := openBench(b)
	pages, err := a.Pages("bench")
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(pages)
	defer server.Close()
	var body bytes.Buffer
	for m, err := range many(rows) {
		if err != nil {
			b.Fatal(err)
		}
		body.Write(m.Message)
		body.WriteByte('\n')
	}
	b.SetParallelism((producers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer, err := http.Post(server.URL+"/v1/feedback?workspace=bench&source=bulk", "application/x-ndjson", bytes.NewReader(body.Bytes()))
			if err != nil {
				b.Error(err)
				return
			}
			text, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusAccepted || !bytes.Contains(text[:40], fmt.Appendf(nil, `"accepted":%d,`, rows)) {
				b.Errorf("%s: %.200s %v", answer.Status, text, err)
			}
		}
	})
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "items/s")
}

// bareInserts copies what the pipeline wrote into tables without indexes, 500 rows a statement, and gives items a second.
func bareInserts(b *testing.B, a *app.App) float64 {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), a.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	items := 0
	seconds := 0.0
	for table, columns := range map[string]string{
		"items": `workspace_id, id::text, source, external_id, encode(content_hash, 'hex') AS content, encode(body_hash, 'hex') AS words,
			occurred_at::text, received_at::text, title, body, language, customer_id, url, attributes::text`,
		"excerpts":   `workspace_id, id::text, item_id::text, text, occurred_at::text, kind, language, cluster_id::text`,
		"embeddings": `workspace_id, excerpt_id::text, embedding::text`,
	} {
		rows, err := conn.Query(b.Context(), "SELECT "+columns+" FROM "+table)
		if err != nil {
			b.Fatal(err)
		}
		all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
		if err != nil {
			b.Fatal(err)
		}
		if table == "items" {
			items = len(all)
		}
		if _, err := conn.Exec(b.Context(), "CREATE TABLE bare_"+table+" AS SELECT "+columns+" FROM "+table+" LIMIT 0"); err != nil {
			b.Fatal(err)
		}
		for batch := range slices.Chunk(all, 500) {
			var sql strings.Builder
			var args []any
			sql.WriteString("INSERT INTO bare_" + table + " VALUES ")
			for i, row := range batch {
				if i > 0 {
					sql.WriteByte(',')
				}
				for k, v := range row {
					args = append(args, v)
					fmt.Fprintf(&sql, "%s$%d", map[bool]string{true: "(", false: ","}[k == 0], len(args))
				}
				sql.WriteByte(')')
			}
			began := b.Elapsed()
			b.StartTimer()
			if _, err := conn.Exec(b.Context(), sql.String(), args...); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			seconds += (b.Elapsed() - began).Seconds()
		}
	}
	return float64(items) / seconds
}

// BenchmarkJudgeCopies is what it takes to find out which of many items are copies, once they are stored.
func BenchmarkJudgeCopies(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		a := openBench(b)
		if _, err := a.Send(b.Context(), "bench", many(benchItems), nil, nil); err != nil {
			b.Fatal(err)
		}
		working, stop := context.WithCancel(b.Context())
		wait, err := a.StartWorkers(working, []app.Role{app.RoleIngest, app.RoleClassify})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.Drain(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
		stop()
		if err := wait(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		began := b.Elapsed()
		judged := 0
		for {
			n, err := a.Store.JudgeCopies(b.Context(), ingest.Bands, ingest.JudgeCopies)
			if err != nil {
				b.Fatal(err)
			}
			if judged += n; n == 0 {
				break
			}
		}
		b.ReportMetric(float64(judged)/(b.Elapsed()-began).Seconds(), "items/s")
		b.StopTimer()
		_ = a.Close()
		b.StartTimer()
	}
}
