package ingest

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestPublicMessagesAreSplitWhereTheyWereJoined joins public messages that make one point each, and counts the parts:
//
//	EARSHOT_EVAL_DATA=../../shared/data go test ./ingest -run TestPublic -v
func TestPublicMessagesAreSplitWhereTheyWereJoined(t *testing.T) {
	folder := os.Getenv("EARSHOT_EVAL_DATA")
	if folder == "" {
		t.Log("nothing measured: EARSHOT_EVAL_DATA names no folder that has nlupp/")
		return
	}
	for _, domain := range []string{"banking", "hotels"} {
		files, err := filepath.Glob(filepath.Join(folder, "nlupp", domain+"_fold*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no messages: %v", err)
		}
		var texts []string
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var rows []struct{ Text string }
			if err := json.Unmarshal(raw, &rows); err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				texts = append(texts, r.Text)
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		var one, joined, also agreement
		for _, text := range texts {
			if len(strings.Fields(text)) >= 4 {
				one.add(len(Split(Clean(text, feedback.FormatText))), 1)
			}
		}
		for i := 0; i+3 < len(texts); {
			n := 2 + rng.IntN(2)
			parts := slices.DeleteFunc(slices.Clone(texts[i:i+n]), func(s string) bool { return len(strings.Fields(s)) < 4 })
			i += n
			for k, p := range parts {
				p = strings.ToUpper(p[:1]) + p[1:]
				if !strings.ContainsAny(p[len(p)-1:], ".?!") {
					p += "."
				}
				parts[k] = p
			}
			if len(parts) < 2 {
				continue
			}
			joined.add(len(Split(Clean(strings.Join(parts, " "), feedback.FormatText))), len(parts))
			also.add(len(Split(Clean(parts[0]+" Also, "+strings.ToLower(parts[1][:1])+parts[1][1:], feedback.FormatText))), 2)
		}
		one.log(t, domain+", as it is")
		joined.log(t, domain+", two or three joined")
		also.log(t, domain+", two joined by also")
	}
}
