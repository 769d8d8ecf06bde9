package main

import (
	"strings"
	"testing"
)

func TestForgetErasesOnlyWhenItIsToldTo(t *testing.T) {
	p := newPlace(t)
	p.write("f.jsonl", `{"external_id":"1","body":"The export of the report hangs.","author":{"id":"u1","email":"jane@example.com"}}
{"external_id":"2","body":"Please add a dark theme.","author":{"id":"u2"}}
`)
	p.must("", "import", "f.jsonl")
	if out := p.must("", "forget", "--author", "jane@example.com"); !strings.Contains(out, "Would erase") || p.clusters("default").Items != 2 {
		t.Errorf("without --yes: %s", out)
	}
	if out := p.must("", "forget", "--author", "jane@example.com", "--yes"); !strings.Contains(out, "Receipt 1.") {
		t.Error(out)
	}
	p.must("", "import", "f.jsonl")
	if n := p.clusters("default").Items; n != 1 {
		t.Errorf("%d items", n)
	}
	if out := p.must("", "forget", "--list"); !strings.Contains(out, "author") || strings.Contains(out, "jane") {
		t.Error(out)
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"forget"}, exitUsage},
		{[]string{"forget", "--author", "a", "--item", "b"}, exitUsage},
		{[]string{"forget", "--item", "no id"}, exitInvalid},
		{[]string{"forget", "--author", "jane@example.com", "-w", "nobodys"}, exitNotFound},
		{[]string{"forget", "--customer", "c-9", "--allow-return"}, exitNotFound},
	} {
		if code, _, errs := p.run("", c.args...); code != c.code {
			t.Errorf("%v: exit code %d, want %d: %s", c.args, code, c.code, errs)
		}
	}
}
