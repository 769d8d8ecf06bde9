package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The house of docs/architecture.md. What a room may import of the others; the standard library and other modules are free
// to all but feedback. Tests may import what they like.
var house = map[string][]string{
	"feedback":          nil,
	"ingest":            {"feedback"},
	"classify":          {"feedback", "internal/glove"}, // its trainer, which is not shipped
	"cluster":           {"feedback"},
	"link":              {"feedback"},
	"report":            {"feedback"},
	"ask":               {"feedback"},
	"eval":              {"feedback"},
	"demo":              {"feedback"},
	"ai":                {"feedback", "internal/glove"}, // its generator, likewise
	"postgres":          {"feedback", "internal/crash"},
	"queue":             {"feedback", "internal/crash"},
	"deliver":           {"feedback"},
	"courier":           {"feedback"},
	"internal/crash":    nil,
	"internal/chromium": {"feedback"},
	"internal/glove":    nil,
	"internal/localpg":  {"feedback"},
	"internal/pgtest":   {"feedback", "internal/localpg"},
	"scripts":           {"ai"}, // what make test counts with, and the vectors of make compare
	// The pages show what these stages made, and the intake what the importer took a table's columns for.
	"web": {"feedback", "report", "ask", "ingest", "deliver"},
	"app": {"feedback", "ingest", "classify", "cluster", "link", "report", "ask", "ai", "postgres", "queue", "web",
		"deliver", "courier", "internal/localpg", "internal/chromium", "internal/crash"},
	// What arms the crash points: nothing that is shipped imports it.
	"internal/chaos": {"feedback", "app", "ingest", "queue", "web", "internal/localpg", "internal/crash"},
	"cmd": {"feedback", "app", "demo", "ingest", "classify", "cluster", "link", "report", "ask", "eval", "web", "queue",
		"postgres", "deliver"},
}

// room gives the room that a package of this module is in.
func room(pkg string) string {
	path := strings.TrimPrefix(pkg, "earshot/")
	parts := strings.Split(path, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

type listed struct {
	ImportPath string
	Imports    []string
}

// breaks says which imports the house does not allow.
func breaks(packages []listed) []string {
	var wrong []string
	for _, p := range packages {
		from := room(p.ImportPath)
		allowed, known := house[from]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s is in no room of the house", p.ImportPath))
			continue
		}
		for _, imported := range p.Imports {
			ours := strings.HasPrefix(imported, "earshot/")
			switch {
			case from == "feedback" && (ours || strings.Contains(strings.Split(imported, "/")[0], ".")):
				wrong = append(wrong, fmt.Sprintf("feedback imports %s: it may import the standard library alone", imported))
			case ours && room(imported) != from && !slices.Contains(allowed, room(imported)):
				wrong = append(wrong, fmt.Sprintf("%s imports %s", p.ImportPath, imported))
			}
		}
	}
	return wrong
}

func TestTheHouseStandsAsItIsDrawn(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "earshot/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < len(house) {
		t.Fatalf("go list found %d packages", len(packages))
	}
	for _, w := range breaks(packages) {
		t.Error(w)
	}
}

func TestAStageThatImportsAnAdapterIsSeen(t *testing.T) {
	for _, p := range []listed{
		{"earshot/report", []string{"earshot/postgres"}},
		{"earshot/cluster/graph", []string{"earshot/link"}},
		{"earshot/queue", []string{"earshot/postgres"}},
		{"earshot/feedback", []string{"github.com/jackc/pgx/v5"}},
		{"earshot/util", nil},
	} {
		if len(breaks([]listed{p})) != 1 {
			t.Errorf("%v passes", p)
		}
	}
	fine := listed{"earshot/ingest/importer", []string{"fmt", "earshot/feedback", "earshot/ingest", "golang.org/x/net/html"}}
	if w := breaks([]listed{fine}); len(w) != 0 {
		t.Error(w)
	}
}
