package ingest

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"earshot/feedback"
)

// sampleItem is one item of the sample workspace with what is true of it.
type sampleItem struct {
	Source string `json:"source"`
	feedback.Submission
	raw    []byte
	topics []string
}

func (s *sampleItem) spam() bool { return len(s.topics) > 0 && s.topics[0] == "spam" }

func loadSample(tb testing.TB) []sampleItem {
	tb.Helper()
	truth := map[[2]string][]string{}
	tables, err := filepath.Glob("../demo/testdata/truth.csv")
	if err != nil || len(tables) == 0 {
		tb.Fatalf("no truth of the sample workspace: %v", err)
	}
	for _, name := range tables {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			tb.Fatal(err)
		}
		f.Close()
		for _, row := range rows[1:] {
			key := [2]string{row[0], row[1]}
			truth[key] = append(truth[key], row[2])
		}
	}
	files, err := filepath.Glob("../demo/sample/items.jsonl")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no sample workspace: %v", err)
	}
	var items []sampleItem
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, feedback.MaxMessage)
		for lines.Scan() {
			item := sampleItem{raw: append([]byte(nil), lines.Bytes()...)}
			if err := json.Unmarshal(item.raw, &item); err != nil {
				tb.Fatal(err)
			}
			item.topics = truth[[2]string{item.Source, item.ExternalID}]
			items = append(items, item)
		}
		f.Close()
	}
	return items
}

var testNow = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

func (s *sampleItem) message() feedback.Message {
	return feedback.Message{Workspace: "demo", Source: s.Source, Data: s.raw, ReceivedAt: testNow, Attempt: 1}
}

// agreement counts how often a split has as many parts as it should.
type agreement struct{ n, exact, near, over, under, parts, want int }

func (a *agreement) add(got, want int) {
	a.n++
	a.parts += got
	a.want += want
	switch {
	case got == want:
		a.exact++
	case got > want:
		a.over++
	default:
		a.under++
	}
	if got >= want-1 && got <= want+1 {
		a.near++
	}
}

func (a *agreement) log(t *testing.T, name string) {
	p := func(k int) float64 { return 100 * float64(k) / float64(max(a.n, 1)) }
	t.Logf("%s: %d items, %d points, %d excerpts; exact %.1f %%, within one %.1f %%, too many %.1f %%, too few %.1f %%",
		name, a.n, a.want, a.parts, p(a.exact), p(a.near), p(a.over), p(a.under))
}

func TestSampleIsSplitIntoItsPoints(t *testing.T) {
	var all, single, multi agreement
	for _, s := range loadSample(t) {
		m := s.message()
		item, err := Prepare(&m, testNow)
		if err != nil {
			t.Errorf("%s: %v", s.ExternalID, err)
			continue
		}
		got, want := len(item.Excerpts), len(s.topics)
		all.add(got, want)
		if want > 1 {
			multi.add(got, want)
		} else {
			single.add(got, want)
		}
		if got != want && os.Getenv("EARSHOT_SHOW") != "" {
			t.Logf("%s %v", s.ExternalID, s.topics)
			for _, e := range item.Excerpts {
				t.Logf("    | %s", e.Text)
			}
		}
	}
	if all.exact*100 < all.n*84 || single.over*100 > single.n*10 {
		t.Error("the split got worse")
	}
	all.log(t, "all")
	single.log(t, "one point")
	multi.log(t, "several points")
}

func TestSampleSpam(t *testing.T) {
	found, missed := 0, 0
	for _, s := range loadSample(t) {
		m := s.message()
		item, err := Prepare(&m, testNow)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case item.Spam && s.spam():
			found++
		case s.spam():
			missed++
			t.Logf("missed: %s", s.ExternalID)
		case item.Spam && !slices.Contains(DetectSpam(s.Title, s.Body).Reasons, autoReply):
			t.Errorf("taken for spam: %s %v", s.ExternalID, DetectSpam(s.Title, s.Body).Reasons)
		}
	}
	t.Logf("spam found %d, missed %d", found, missed)
	if missed*10 > found {
		t.Errorf("missed %d of %d", missed, found+missed)
	}
}

func TestSampleLanguages(t *testing.T) {
	right, wrong, unsure := 0, 0, 0
	for _, s := range loadSample(t) {
		want := s.Language
		if want == "" {
			want = "en"
		}
		switch got := Language(Clean(s.Body, s.Format)); got {
		case want:
			right++
		case "":
			unsure++
		default:
			wrong++
			t.Logf("%s: %s, want %s: %.80s", s.ExternalID, got, want, s.Body)
		}
	}
	t.Logf("right %d, wrong %d, unsure %d", right, wrong, unsure)
	if wrong*100 > right || unsure*10 > right {
		t.Error("the guess got worse")
	}
}
