package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"earshot/feedback"
	"earshot/internal/localpg"
	"earshot/queue"
)

// Health is what a check found.
type Health string

// What a check may find.
const (
	Fine    Health = "ok"
	Warning Health = "warning" // it works, and somebody should look
	Broken  Health = "broken"  // it does not work
)

// Check is one thing that Doctor looked at.
type Check struct {
	Name   string `json:"name"`
	Health Health `json:"health"`
	Found  string `json:"found"`
	Do     string `json:"do,omitempty"` // what to do about it; "" where nothing needs doing
}

// lowDisk is the free space below which a data folder is worth a warning.
const lowDisk = 1 << 30

// Doctor looks at everything that Earshot needs, and says of each what it found, what is wrong and what to do. It goes on
// where something is broken, as far as the rest can still be looked at.
func Doctor(ctx context.Context, cfg Config, log *slog.Logger) []Check {
	d := &doctor{cfg: cfg}
	d.dataFolder()
	d.postgresServer(ctx)
	a, err := Open(ctx, cfg, Options{Log: log})
	if err != nil {
		d.add("database", Broken, "", err)
		return d.checks
	}
	defer a.Close()
	d.database(ctx, a)
	if err := a.openQueue(ctx); err != nil {
		d.add("queue", Broken, "", err)
	} else {
		d.queue(ctx, a)
		d.books(ctx, a)
	}
	d.models(ctx, a)
	d.index(ctx, a)
	d.workspace(ctx, a)
	return d.checks
}

type doctor struct {
	cfg    Config
	checks []Check
}

// add notes a check. An error's hint is what to do.
func (d *doctor) add(name string, health Health, found string, err error, do ...string) {
	c := Check{Name: name, Health: health, Found: found, Do: strings.Join(do, "")}
	if err != nil {
		c.Found = strings.Join(strings.Fields(err.Error()), " ")
	}
	d.checks = append(d.checks, c)
}

func (d *doctor) dataFolder() {
	if d.cfg.DatabaseURL != "" && d.cfg.NATSURL != "" {
		return
	}
	dir, err := filepath.Abs(d.cfg.DataDir)
	if err == nil {
		err = makeDataDir(dir)
	}
	if err != nil {
		d.add("data folder", Broken, "", err)
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.add("data folder", Broken, dir+" cannot be written: "+err.Error(), nil,
			"give this account the right to write there, or name another folder with EARSHOT_DATA_DIR")
		return
	}
	probe.Close()
	os.Remove(probe.Name())
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		d.add("data folder", Warning, dir+": its free space is not known: "+err.Error(), nil)
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	found := fmt.Sprintf("%s, %.1f GiB free", dir, float64(free)/(1<<30))
	if free < lowDisk {
		d.add("data folder", Warning, found, nil, "free some space: with none left new feedback is refused")
		return
	}
	d.add("data folder", Fine, found, nil)
}

func (d *doctor) postgresServer(ctx context.Context) {
	if d.cfg.DatabaseURL != "" {
		return
	}
	in, err := localpg.Find(ctx, localpg.Config{Bin: d.cfg.PostgresBin})
	if err != nil {
		d.add("postgres server", Broken, "", err)
		return
	}
	d.add("postgres server", Fine, fmt.Sprintf("PostgreSQL %s with pgvector %s in %s", in.Version, in.Pgvector, in.Bin), nil)
}

func (d *doctor) database(ctx context.Context, a *App) {
	info, err := a.Store.Info(ctx)
	if err != nil {
		d.add("database", Broken, "", err)
		return
	}
	where := "the server of EARSHOT_DATABASE_URL"
	if cluster := a.private.Load(); cluster != nil {
		where = cluster.Dir()
		if cluster.Attached() {
			where += ", run by another earshot"
		}
	}
	d.add("database", Fine, fmt.Sprintf("PostgreSQL %s, pgvector %s, schema %d, %.1f MiB, in %s", info.Server, info.Vector,
		info.Schema, float64(info.Bytes)/(1<<20), where), nil)
}

func (d *doctor) queue(ctx context.Context, a *App) {
	status, err := a.Queue.Status(ctx)
	if err != nil {
		d.add("queue", Broken, "", err)
		return
	}
	where := "the servers of EARSHOT_NATS_URL"
	if d.cfg.NATSURL == "" {
		where = filepath.Join(d.cfg.DataDir, "queue")
	}
	health, do := Fine, ""
	var parts []string
	for _, s := range status.Streams {
		parts = append(parts, fmt.Sprintf("%d wait for %s", s.Pending+uint64(s.InFlight), s.Stage))
		if s.MaxBytes > 0 && s.Bytes > uint64(s.MaxBytes)/10*9 {
			health, do = Warning, "the queue is nearly full: run more workers, or raise EARSHOT_QUEUE_BYTES"
		}
	}
	if waits := waiting(status); waits > 0 && a.OwnsQueue() {
		health, do = Warning, "earshot serve handles what waits"
	}
	d.add("queue", health, strings.Join(parts, ", ")+", in "+where, nil, do)
}

func (d *doctor) books(ctx context.Context, a *App) {
	books, err := a.Books(ctx)
	if err != nil {
		d.add("books", Broken, "", err)
		return
	}
	received, pending := 0, 0
	outcomes := map[feedback.Outcome]int{}
	for _, account := range books.Accounts {
		received += account.Received
		pending += account.Pending
		for outcome, n := range account.Outcomes {
			outcomes[outcome] += n
		}
	}
	parts := []string{}
	for _, o := range feedback.Outcomes {
		parts = append(parts, fmt.Sprintf("%d %s", outcomes[o], o))
	}
	found := fmt.Sprintf("%d received = %s + %d pending", received, strings.Join(parts, " + "), pending)
	switch {
	case books.Balanced():
		d.add("books", Fine, found, nil)
	case books.Lost > 0:
		d.add("books", Broken, fmt.Sprintf("%s; %d messages left the queue before they were handled", found, books.Lost), nil,
			"somebody purged the stream EARSHOT_RECEIVED: have the producers send again what they sent")
	case !books.Settled():
		d.add("books", Fine, found+"; messages are being handled", nil)
	default:
		d.add("books", Broken, fmt.Sprintf("%s; %d messages are not accounted for", found, books.Unaccounted), nil,
			"earshot serve handles again, within a minute, what was acknowledged and has no outcome")
	}
}

// waiting counts the messages that are not done.
func waiting(status queue.Status) (n int) {
	for _, s := range status.Streams {
		n += int(s.Pending) + s.InFlight
	}
	return n
}

func (d *doctor) models(ctx context.Context, a *App) {
	m := a.models.embedder.Model()
	found := fmt.Sprintf("%s %s, %d dimensions", m.Name, m.Version, m.Dimensions)
	switch waiting, err := a.Store.Unanalysed(ctx, m, 1); {
	case err != nil:
		d.add("embedder", Broken, "", err)
	case len(waiting) > 0 && d.cfg.Embedder == "openai" && d.unanswered(ctx, a, found):
	case len(waiting) > 0:
		d.add("embedder", Warning, found+"; feedback waits for it", nil, "earshot serve analyses what is left")
	default:
		d.add("embedder", Fine, found, nil)
	}
	if d.cfg.Embedder != "openai" && d.cfg.Writer != "openai" {
		return
	}
	found = "vectors: " + d.cfg.Embedder + ", words: " + d.cfg.Writer + ", at " + d.cfg.OpenAIBaseURL
	if d.cfg.OpenAIKey == "" {
		d.add("remote model", Warning, found+", without a key", nil, "set EARSHOT_OPENAI_API_KEY if that server asks for one")
		return
	}
	d.add("remote model", Fine, found, nil)
}

// modelPatience is how long the doctor waits for a vector.
const modelPatience = 10 * time.Second

// unanswered asks for the vector of one word, and says what is wrong where that fails.
func (d *doctor) unanswered(ctx context.Context, a *App, found string) bool {
	ctx, cancel := context.WithTimeout(ctx, modelPatience)
	defer cancel()
	_, err := a.models.embedder.Embed(ctx, []string{"doctor"})
	if err == nil {
		return false
	}
	d.add("embedder", Broken, found+"; feedback waits for it: "+strings.Join(strings.Fields(err.Error()), " "), nil)
	return true
}

// latestDead is how many dead letters a check quotes reasons of.
const latestDead = 3

func (d *doctor) workspace(ctx context.Context, a *App) {
	name := d.cfg.Workspace
	list, err := a.Store.ClusterList(ctx, name)
	if err != nil {
		d.add("workspace", Broken, "", err)
		return
	}
	found := fmt.Sprintf("%q has %d items, %d clusters, %d excerpts in no cluster, %d not analysed", name, list.Items,
		len(list.Clusters), list.Unassigned, list.Pending)
	switch {
	case list.Items == 0:
		d.add("workspace", Fine, found, nil, "import feedback: earshot import FILE, or see a sample: earshot demo")
	case list.Pending > 0:
		d.add("workspace", Warning, found, nil, "earshot serve analyses what is left")
	case len(list.Clusters) == 0:
		d.add("workspace", Fine, found, nil, "group it: earshot recluster")
	default:
		d.add("workspace", Fine, found, nil)
	}
	if zeros := list.Outliers[feedback.OutlierBlank]; zeros > 0 && d.cfg.Embedder == "openai" {
		d.add("zero vectors", Warning, fmt.Sprintf("excerpts that join no cluster because the model's vector for them is zero: %d", zeros), nil,
			"check EARSHOT_OPENAI_EMBEDDING_MODEL and its server; another model analyses all feedback again")
	}
	d.runs(ctx, a)
	d.unassigned(ctx, a, list)
	letters, total, err := a.Store.DeadLetters(ctx, name, feedback.DeadFilter{}, latestDead)
	if err != nil {
		d.add("dead letters", Broken, "", err)
		return
	}
	if len(letters) == 0 {
		d.add("dead letters", Fine, "none", nil)
		return
	}
	reasons := make([]string, len(letters))
	for i, l := range letters {
		reasons[i] = fmt.Sprintf("%s %s: %s", l.ReceivedAt.UTC().Format(time.DateTime), l.Source, l.Reason)
	}
	d.add("dead letters", Warning, fmt.Sprintf("%d; the latest: %s", total, strings.Join(reasons, "; ")), nil,
		"earshot dead list shows them; correct the producer and send them again, or earshot dead replay")
}

// unassigned says how much is in no cluster, and whether something forms there.
func (d *doctor) unassigned(ctx context.Context, a *App, list feedback.ClusterList) {
	if len(list.Clusters) == 0 {
		return // everything is in none, and the workspace's check says what to do
	}
	name := d.cfg.Workspace
	forming, err := a.Store.Forming(ctx, name, 0)
	if err != nil {
		d.add("unassigned", Broken, "", err)
		return
	}
	unseen, err := a.Store.ToWatch(ctx, a.models.embedder.Model())
	if err != nil {
		d.add("unassigned", Broken, "", err)
		return
	}
	found := fmt.Sprintf("%d of %d excerpts in no cluster", list.Unassigned, list.Excerpts)
	switch {
	case len(forming) > 0:
		parts := make([]string, len(forming))
		for i, f := range forming {
			parts[i] = fmt.Sprintf("%q, %d excerpts, %d of them in its last seven days", f.Name, len(f.Excerpts), f.Recent)
		}
		d.add("unassigned", Warning, found+"; forming: "+strings.Join(parts, "; "), nil,
			"earshot clusters --forming shows what was said, earshot recluster --preview what clusters would come of it")
	case slices.Contains(unseen, name):
		d.add("unassigned", Fine, found+"; some came since it was last looked whether something forms", nil,
			"earshot clusters --forming looks now, earshot serve by itself")
	default:
		d.add("unassigned", Fine, found+"; nothing forms", nil)
	}
}

// runs says what stands, and what waits or was refused since.
func (d *doctor) runs(ctx context.Context, a *App) {
	runs, err := a.Store.Runs(ctx, d.cfg.Workspace, 20)
	if err != nil {
		d.add("runs", Broken, "", err)
		return
	}
	for _, r := range runs {
		found := fmt.Sprintf("run %d, %s", r.ID, r.FinishedAt.UTC().Format(time.RFC3339))
		switch {
		case r.State == feedback.RunPreviewed && r.Cause != feedback.CausePerson:
			d.add("waiting run", Warning, found+": "+r.Reason, nil,
				fmt.Sprintf("look at it with earshot runs show %d, then earshot recluster --apply %d or --discard %d", r.ID, r.ID, r.ID))
		case r.State == feedback.RunRefused && r.ID > standing(runs):
			d.add("refused run", Warning, found+": "+r.Reason, nil, "what stood stands on; earshot runs lists what happened")
		case r.Stands && r.Undoes != 0:
			d.add("standing run", Fine, found+fmt.Sprintf(", took back run %d", r.Undoes), nil)
		case r.Stands:
			d.add("standing run", Fine, found, nil)
		}
	}
}

// standing is the run that stands, 0 where it is not among these.
func standing(runs []feedback.RunRecord) int {
	for _, r := range runs {
		if r.Stands {
			return r.ID
		}
	}
	return 0
}

// Sound says whether no check found anything broken.
func Sound(checks []Check) error {
	for _, c := range checks {
		if c.Health == Broken {
			return feedback.Errorf(feedback.Unavailable, "%s: %s", c.Name, c.Found)
		}
	}
	return nil
}
