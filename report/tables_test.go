package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func TestTheTablesHoldWhatThePageShows(t *testing.T) {
	s := fieldwork()
	s.Clusters[0].Name = `=HYPERLINK("http://x")`
	s.Clusters[1].Name = "a, \"b\"\nc"
	s.Accounts[0].Name, s.Accounts[1].Name, s.Accounts[2].Name = "-Minus & Co", " =1+1", "＝1+1"
	tables := map[string][][]string{}
	for _, table := range Tables(draft(t, s)) {
		rows, err := csv.NewReader(bytes.NewReader(table.Data)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
		tables[table.Name] = rows
	}
	for name, want := range map[string]int{"themes": 7, "topics": 12, "accounts": 7, "segments": 4, "shipped": 4, "sources": 5, "forming": 3} {
		if got := len(tables[name]); got != want {
			t.Errorf("%s has %d rows, want %d", name, got, want)
		}
	}
	topics := tables["topics"]
	if topics[1][1] != `'=HYPERLINK("http://x")` || topics[2][1] != "a, \"b\"\nc" || tables["accounts"][1][1] != "'-Minus & Co" {
		t.Errorf("names %q, %q, %q", topics[1][1], topics[2][1], tables["accounts"][1][1])
	}
	if a := tables["accounts"]; a[2][1] != "' =1+1" || a[3][1] != "'＝1+1" {
		t.Errorf("names %q, %q", a[2][1], a[3][1])
	}
	if topics[1][0] != "C1" || topics[1][3] != "41" || topics[1][8][0] != '-' {
		t.Errorf("a row reads %q", topics[1])
	}
	if len(tables["findings"]) < 10 || !strings.Contains(tables["findings"][1][3], "first heard on") {
		t.Errorf("findings %q", tables["findings"])
	}
}
