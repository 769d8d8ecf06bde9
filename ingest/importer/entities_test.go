package importer

import (
	"os"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func TestFeaturesOfNamesAlone(t *testing.T) {
	got, err := Features(t.Context(), "f.csv", strings.NewReader("name\nSingle Sign-On\nSingle sign on\nÜbersicht\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"single-sign-on", "single-sign-on-2", "uebersicht"} {
		if got[i].ID != want || got[i].Kind != "feature" || got[i].Status != feedback.StatusIdea {
			t.Errorf("%+v, want id %s", got[i], want)
		}
	}
}

func TestFeaturesFormAHierarchy(t *testing.T) {
	got, err := Features(t.Context(), "f.csv", strings.NewReader("id,parent_id,name,status,shipped_at,description\nsso,Access,SSO,In Progress,,Login with one account\nacc,Office,Access,,,\noff,,Office,,,\nexp,off,Export,,2026-05-04,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []feedback.Feature{
		{ID: "off", Name: "Office", Kind: "product"},
		{ID: "exp", Parent: "off", Name: "Export", Kind: "feature", Status: feedback.StatusShipped, ShippedAt: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)},
		{ID: "acc", Parent: "off", Name: "Access", Kind: "component"},
		{ID: "sso", Parent: "acc", Name: "SSO", Kind: "feature", Status: feedback.StatusInProgress, Description: "Login with one account"},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	placed := map[string]bool{"": true}
	for _, f := range got {
		if !placed[f.Parent] {
			t.Errorf("%s comes before its parent", f.ID)
		}
		placed[f.ID] = true
		for _, w := range want {
			if w.ID == f.ID && (w.Parent != f.Parent || w.Kind != f.Kind || w.Status != f.Status || !w.ShippedAt.Equal(f.ShippedAt) || w.Description != f.Description) {
				t.Errorf("got %+v, want %+v", f, w)
			}
		}
	}
}

func TestWrongFeaturesAreRefused(t *testing.T) {
	for name, c := range map[string][2]string{
		"empty":           {"", "is empty"},
		"only a header":   {"id,name\n", "no feature"},
		"no name column":  {"id,label\n1,x\n", `no column "name"`},
		"no name":         {"id,name\n1,\n", `line 2, column "name": is empty`},
		"unknown parent":  {"id,name,parent_id\na,A,zzz\n", `there is no feature "zzz"`},
		"unclear parent":  {"id,name,parent_id\na,X,\nb,X,\nc,C,X\n", `2 features are called "X"`},
		"doubled id":      {"id,name\na,A\na,B\n", "stands on line 2 already"},
		"cycle":           {"id,name,parent_id\na,A,b\nb,B,a\n", "its own ancestor"},
		"its own parent":  {"id,name,parent_id\na,A,a\n", "its own ancestor"},
		"unknown status":  {"name,status\nA,someday\n", `column "status": "someday"`},
		"unknown kind":    {"name,kind\nA,planet\n", `column "kind": "planet"`},
		"unreadable date": {"name,shipped_at\nA,soon\n", `column "shipped_at"`},
		"too many cells":  {"name\nA,B\n", "has 2 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Features(t.Context(), "f.csv", strings.NewReader(c[0]))
			if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), c[1]) {
				t.Errorf("got %v, want %q", err, c[1])
			}
		})
	}
}

func TestCustomers(t *testing.T) {
	got, bad, err := Customers(t.Context(), "c.csv", strings.NewReader("Account ID;Account Name;Segment;Plan;ARR;Region\na1;Acme;smb;Team;\"€1,234.50\";EU\n;Beta;;;12k;\na1;Again;;;;\na3;Bad;;;lots;\n;;x;;;\n"))
	if err != nil || len(got) != 2 || len(bad) != 3 {
		t.Fatalf("%+v, %v, %v", got, bad, err)
	}
	if a := got[0]; a.ID != "a1" || a.Name != "Acme" || a.Segment != "smb" || a.Plan != "Team" || *a.ARR != 1234.5 || string(a.Attributes["Region"]) != `"EU"` || len(a.Attributes) != 1 {
		t.Errorf("%+v", a)
	}
	if b := got[1]; b.ID != "Beta" || *b.ARR != 12000 {
		t.Errorf("%+v", b)
	}
	for i, want := range []string{"line 4", `line 5, column "arr": "lots"`, "line 6"} {
		if !strings.Contains(bad[i].Error(), want) {
			t.Errorf("got %v, want %q", bad[i], want)
		}
	}
	if _, _, err := Customers(t.Context(), "c.csv", strings.NewReader("region\nEU\n")); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("neither id nor name: %v", err)
	}
}

func TestMoney(t *testing.T) {
	for v, want := range map[string]float64{"1234.5": 1234.5, "€1,234.50": 1234.5, "1.234,50 EUR": 1234.5, "12k": 12000, "$1.2m": 1.2e6, "1'000": 1000, "12,000": 12000, "12,5": 12.5, "1 234 567": 1234567, "1.234.567": 1234567, "0": 0, "USD 99": 99, "1.5k": 1500} {
		if got, err := money(v); err != nil || got == nil || *got < want-1e-6 || *got > want+1e-6 {
			t.Errorf("%s: %v, %v, want %v", v, got, err, want)
		}
	}
	for _, v := range []string{"lots", "-5", "1e99", "12 apples", "NaN"} {
		if got, err := money(v); err == nil {
			t.Errorf("%s became %v", v, *got)
		}
	}
	if got, err := money(" "); got != nil || err != nil {
		t.Errorf("a blank amount isn't known: %v, %v", got, err)
	}
}

func TestSampleWorkspaceIsRead(t *testing.T) {
	features, err := os.Open("../../demo/sample/features.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer features.Close()
	if got, err := Features(t.Context(), "features.csv", features); err != nil || len(got) < 40 {
		t.Errorf("%d features, %v", len(got), err)
	}
	customers, err := os.Open("../../demo/sample/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer customers.Close()
	if got, bad, err := Customers(t.Context(), "customers.csv", customers); err != nil || len(bad) > 0 || len(got) != 120 {
		t.Errorf("%d customers, %v, %v", len(got), bad, err)
	}
}
