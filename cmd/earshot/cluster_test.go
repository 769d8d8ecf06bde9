package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDecisionsFromTheCommandLineHoldAndAreTakenBack(t *testing.T) {
	p := newPlace(t)
	p.write("some.csv", csv(210))
	p.must("", "import", "some.csv")
	p.must("", "recluster")
	before := p.clusters("default")
	if len(before.Clusters) < 5 {
		t.Fatalf("%+v", before)
	}
	a, b := before.Clusters[0].ID, before.Clusters[1].ID
	if out := p.must("", "cluster", "merge", a, b, "--note", "one need", "--as", "ana"); !strings.Contains(out, "Decision 1: merge of "+b+" into "+a) {
		t.Errorf("it says %q", out)
	}
	p.must("", "cluster", "rename", a, "Ours\u202e")
	p.must("", "cluster", "rename", "T1", "Our theme")
	p.must("", "cluster", "hide", before.Clusters[2].ID)
	p.must("", "recluster")
	after := p.clusters("default")
	if len(after.Clusters) != len(before.Clusters)-2 || after.Clusters[0].ID != a || after.Clusters[0].Name != "Ours" ||
		after.Clusters[0].Excerpts != before.Clusters[0].Excerpts+before.Clusters[1].Excerpts {
		t.Errorf("%+v became %+v", before.Clusters, after.Clusters)
	}
	if out := p.must("", "clusters"); !strings.Contains(out, "Hidden: 1 cluster") || !strings.Contains(out, "T1 Our theme") {
		t.Errorf("the list:\n%s", out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"cluster", "hide", b}, exitConflict, "it became part of " + a},
		{[]string{"cluster", "hide", "C999"}, exitNotFound, "C999"},
		{[]string{"cluster", "hide", "zebra"}, exitInvalid, "zebra"},
		{[]string{"cluster", "pin", "zebra"}, exitInvalid, "earshot clusters"},
		{[]string{"cluster", "undo", "last"}, exitInvalid, "earshot cluster log"},
		{[]string{"cluster", "merge", a}, exitUsage, "--help"},
		{[]string{"cluster", "move", "5f0c9a52-3f0e-8d1b-9c61-0a6d6cf3b1aa"}, exitUsage, "--to"},
	} {
		if code, _, errs := p.run("", c.args...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit code %d, %s", c.args, code, errs)
		}
	}
	p.must("", "cluster", "undo", "4")
	p.must("", "cluster", "undo", "2")
	p.must("", "cluster", "undo", "1")
	var log []struct {
		ID       int    `json:"id"`
		Actor    string `json:"actor"`
		Note     string `json:"note"`
		UndoneBy int    `json:"undone_by"`
	}
	if err := json.Unmarshal([]byte(p.must("", "cluster", "log", "--json")), &log); err != nil || len(log) != 7 {
		t.Fatalf("%+v, %v", log, err)
	}
	if first := log[6]; first.Actor != "ana" || first.Note != "one need" || first.UndoneBy != 7 {
		t.Errorf("%+v", first)
	}
	if again := p.clusters("default"); len(again.Clusters) != len(before.Clusters) {
		t.Errorf("%d clusters, %d before all of it", len(again.Clusters), len(before.Clusters))
	}
}
