package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// evaluate runs an evaluation in this process, with the default settings.
func evaluate(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	// Whoever asked for a database or a queue would be sent to where none is.
	nowhere := func(name string) (string, bool) {
		return "/nowhere", name == "EARSHOT_DATABASE_URL" || name == "EARSHOT_NATS_URL" || name == "EARSHOT_POSTGRES_BIN"
	}
	code = run(t.Context(), append([]string{"eval"}, args...), nowhere, strings.NewReader(stdin), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// measured runs an evaluation that must succeed, and decodes its JSON.
func measured(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := evaluate(t, "", append(args, "--json")...)
	if code != exitOK {
		t.Fatalf("earshot eval %s: exit code %d\n%s", strings.Join(args, " "), code, errs)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return got
}

// file writes a file for a test and gives its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// topics makes a file of four topics that no one would confuse, in two apps.
func topics(rows int) string {
	parts := map[string][2][]string{
		"login":   {{"The login page", "My password", "The sign-in code", "Two-factor login"}, {"rejects my password again", "never lets me sign in", "locks me out of the account", "refuses the login code"}},
		"battery": {{"The battery", "My phone battery", "Battery charge", "The phone's charge"}, {"is empty by noon", "drains in two hours", "dies before lunch", "drops to zero so fast"}},
		"invoice": {{"The invoice", "My invoice total", "Tax on the invoice", "The invoice VAT"}, {"shows the wrong tax rate", "adds VAT twice", "has a rounding error in the tax", "lists the wrong total tax"}},
		"map":     {{"The map", "The map pin", "Map directions", "The route on the map"}, {"sends the van to the wrong street", "points at the wrong house", "leads drivers to another address", "puts our address in a river"}},
	}
	var b strings.Builder
	b.WriteString("text,label,app\n")
	n := 0
	for _, topic := range slices.Sorted(maps.Keys(parts)) {
		for i := range rows {
			p := parts[topic]
			fmt.Fprintf(&b, "%q,%s,%s\n", fmt.Sprintf("%s %s, week %d.", p[0][i%4], p[1][i/4%4], i), topic, []string{"one", "two"}[n%2])
			n++
		}
	}
	return b.String()
}

func keys(got map[string]any) string { return strings.Join(slices.Sorted(maps.Keys(got)), " ") }

func TestEvalClusterMeasuresClustersThatStandApart(t *testing.T) {
	path := file(t, "topics.csv", topics(16))
	got := measured(t, "cluster", "--file", path, "--kmeans", "4", "--nearest", path)
	want := "acc ari classes clusters clusters_off embedder file groups kmeans n names nearest nmi outlier_rate outlier_reasons outliers peak_memory_bytes purity refused rows seconds seed"
	if keys(got) != want {
		t.Errorf("the keys are %s", keys(got))
	}
	if got["rows"] != 64.0 || got["n"] != 64.0 || got["classes"] != 4.0 || got["nmi"].(float64) < 0.6 {
		t.Errorf("%v", got)
	}
	if got["clusters_off"] != got["clusters"].(float64)/4-1 {
		t.Errorf("%v clusters of 4 are off by %v", got["clusters"], got["clusters_off"])
	}
	if right := got["nearest"].(map[string]any)["accuracy"]; right != 1.0 {
		t.Errorf("the nearest example of a text in the same file is right for %v", right)
	}
	if k := got["kmeans"].(map[string]any); len(k["seeds"].([]any)) != 3 || k["mean"].(map[string]any)["nmi"].(float64) < 0.6 {
		t.Errorf("%v", k)
	}
	if names := got["names"].(map[string]any); names["distinct"] != 1.0 || names["verbatim"] != 1.0 || names["words_inside"].(float64) <= names["words_in_another"].(float64) {
		t.Errorf("names: %v", names)
	}
	// The control: labels that have nothing to do with the texts.
	lines := strings.Split(strings.TrimSpace(topics(16)), "\n")
	for i := range lines[1:] {
		lines[i+1] = fmt.Sprintf("%s,%d,x", lines[i+1][:strings.LastIndex(lines[i+1], `"`)+1], i*7%5)
	}
	if by := measured(t, "cluster", "--file", file(t, "chance.csv", strings.Join(lines, "\n"))); by["ari"].(float64) > 0.1 {
		t.Errorf("labels by chance: ARI %v", by["ari"])
	}
}

func TestEvalClusterPoolsGroupsAndLeavesOutWhatIsNotScored(t *testing.T) {
	path := file(t, "topics.csv", topics(16)+"\"The door is blue and old.\",,one\n\"The window is green and new.\",other,two\n")
	got := measured(t, "cluster", "--file", path, "--group", "app", "--ignore-label", "OTHER")
	if got["rows"] != 66.0 || got["n"] != 64.0 || got["groups"] != 2.0 || got["classes"] != 8.0 || got["within_groups"] == nil {
		t.Errorf("%v", got)
	}
	all := measured(t, "cluster", "--file", path)
	if all["n"] != 65.0 || all["classes"] != 5.0 || all["groups"] != 1.0 || all["within_groups"] != nil {
		t.Errorf("%v", all)
	}
	told := 0.0
	for _, n := range got["outlier_reasons"].(map[string]any) {
		told += n.(float64)
	}
	if told != got["outliers"] || told == 0 {
		t.Errorf("%v outliers, of which %v have a reason", got["outliers"], told)
	}
	none := measured(t, "cluster", "--file", path, "--label", "")
	if none["n"] != 0.0 || none["clusters_off"] != nil || none["nmi"] != nil || none["clusters"] != all["clusters"] {
		t.Errorf("%v", none)
	}
}

func TestEvalLabelReadsForeignLabels(t *testing.T) {
	path := file(t, "labels.csv", "review,stars,type\n"+
		"I love this app it is brilliant,5,Praise\nThis is terrible and I hate it,1,Issue\nIt crashes when I open a photo,1,Issue\nPlease add a dark mode,3,Wish\nIt is a phone app,x,\n")
	got := measured(t, "label", "--task", "sentiment", "--file", path, "--text", "review", "--label", "stars", "--map", "1=negative,3=neutral,5=positive", "--ignore-label", "x")
	want := "accuracy classes confusion file macro_f1 macro_f1_of_gold_classes n per_class refused rows seconds task"
	if keys(got) != want || got["n"] != 4.0 || got["rows"] != 5.0 {
		t.Errorf("%s: %v", keys(got), got)
	}
	kinds := measured(t, "label", "--task", "kind", "--file", path, "--text", "review", "--label", "type", "--map", "Issue=bug|complaint,Wish=request")
	if kinds["accuracy"] != 1.0 || fmt.Sprint(kinds["classes"]) != "[bug praise request]" {
		t.Errorf("%v", kinds)
	}
	// The control: without the fold, the complaint is no bug.
	if kinds := measured(t, "label", "--task", "kind", "--file", path, "--text", "review", "--label", "type", "--map", "Issue=bug,Wish=request"); kinds["accuracy"] == 1.0 {
		t.Errorf("%v", kinds)
	}
}

const someFeatures = "id,parent_id,name,kind,description\np,,The app,product,\nf-login,p,Login and passwords,feature,Sign in with a password and a login code without being locked out\n" +
	"f-battery,p,Battery use,feature,Saves the phone's battery charge\nf-invoice,p,Invoice tax,feature,The right VAT and tax on an invoice\nf-map,p,Map and routes,feature,The address on the map and directions to the street\n"

func TestEvalLinkFindsTheFeature(t *testing.T) {
	features := file(t, "features.csv", someFeatures)
	rows := strings.NewReplacer(",login,", ",F-LOGIN,", ",battery,", ",Battery use,", ",invoice,", ",invoice_tax,", ",map,", ",f-map,").Replace(topics(8)) +
		"\"The coffee in your office tastes of soap.\",coffee,one\n"
	path := file(t, "rows.csv", rows)
	got := measured(t, "link", "--features", features, "--file", path, "--map", "coffee=")
	want := "abstention abstention_where_none_fits automatic automatic_right calibration_bins calibration_error embedder examples features file level " +
		"linked linked_right n n_unfit recall_at_1 recall_at_3 recall_at_5 refused rows seconds"
	if keys(got) != want {
		t.Errorf("the keys are %s", keys(got))
	}
	if got["n"] != 33.0 || got["n_unfit"] != 1.0 || got["features"] != 4.0 || got["recall_at_1"].(float64) < 0.8 || got["recall_at_5"] != 1.0 {
		t.Errorf("%v", got)
	}
	clusters := measured(t, "link", "--features", features, "--file", path, "--level", "cluster", "--ignore-label", "coffee", "--examples", "2")
	if clusters["n"] != 4.0 || clusters["examples"] != 8.0 || clusters["recall_at_1"] != 1.0 {
		t.Errorf("%v", clusters)
	}
	// The control: every label turned to another feature.
	wrong := strings.NewReplacer(",login,", ",f-map,", ",battery,", ",f-login,", ",invoice,", ",f-battery,", ",map,", ",f-invoice,").Replace(topics(8))
	if bad := measured(t, "link", "--features", features, "--file", file(t, "wrong.csv", wrong)); bad["recall_at_1"].(float64) > 0.2 {
		t.Errorf("%v", bad)
	}
}

func TestEvalSplitComparesPoints(t *testing.T) {
	text := "The app drains the battery of every phone. Also the invoices show the wrong tax."
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	for name, c := range map[string]struct {
		label string
		cuts  bool
	}{
		"a number": {"2", false},
		"words":    {`["The app drains the battery of every phone.", "the invoices show the wrong tax."]`, true},
		"places":   {`[[0, 42], [48, 80]]`, true},
	} {
		got := measured(t, "split", "--file", file(t, "m.csv", "text,points\n"+quote(text)+","+quote(c.label)+"\nThe board is slow today.,\n"))
		if got["n"] != 1.0 || got["exact"] != 1.0 || (got["cuts"] != nil) != c.cuts {
			t.Errorf("%s: %v", name, got)
		}
		if c.cuts && got["cuts"].(map[string]any)["right"] != 1.0 {
			t.Errorf("%s: %v", name, got["cuts"])
		}
	}
	messages := `[{"text":"the app drains the battery of my phone","intents":["x"]},
		{"text":"please send me the invoice of last May","slots":{"a":{"span":[1,2]}}}, {"text":"yes"}]`
	got := measured(t, "split", "--file", file(t, "m.json", messages), "--join", "2")
	want := "cuts exact file join n parts places points refused rows seconds too_few too_many within_one"
	if keys(got) != want || got["n"] != 1.0 || got["points"] != 2.0 || got["rows"] != 3.0 {
		t.Errorf("%s: %v", keys(got), got)
	}
}

func TestEvalSplitComparesPlaces(t *testing.T) {
	rows := "text,points,talk\n" +
		`"Hello team, the board is slow. Also the invoices show the wrong tax. Thanks!","[""the board is slow"",""the invoices show the wrong tax""]","[""Hello team"",""Thanks!""]"` + "\n" +
		`Best regards,[],"[""Best regards""]"` + "\n"
	got := measured(t, "split", "--file", file(t, "m.csv", rows), "--talk", "talk")
	places := got["places"].(map[string]any)
	if keys(places) != "lost n points right talk talk_taken" || places["n"] != 2.0 || places["right"] != 1.0 || places["talk"] != 3.0 || places["talk_taken"] != 0.0 {
		t.Errorf("%v", places)
	}
	// The control: what is said to be small talk is a point, and what is said to be one point is two.
	wrong := "text,points,talk\n" + `"The board is slow. Also the invoices show the wrong tax.","[""The board is slow. Also the invoices""]","[""show the wrong tax""]"` + "\n"
	got = measured(t, "split", "--file", file(t, "wrong.csv", wrong), "--talk", "talk")
	if places := got["places"].(map[string]any); places["right"] != 0.0 || places["talk_taken"] != 1.0 {
		t.Errorf("%v", places)
	}
}

func TestEvalSplitJoinsBare(t *testing.T) {
	path := file(t, "m.csv", "text\nCan I bring my own towels?\nWhat time is the last ferry?\n")
	if got := measured(t, "split", "--file", path, "--join", "2", "--bare"); got["bare"] != true || got["exact"] != 1.0 || got["parts"] != 2.0 {
		t.Errorf("%v", got)
	}
}

func TestEvalRedactComparesKinds(t *testing.T) {
	path := file(t, "p.csv", "text,expected\nMail me at jo@example.com,EMAIL\nMail jo@example.com or kim@example.org,Mail [EMAIL_1] or [EMAIL_2]\nVersion 5.0.1 is fine,\nCall me tomorrow,phone\n")
	got := measured(t, "redact", "--file", path)
	if keys(got) != "all exact file kinds n refused seconds" || got["n"] != 4.0 || got["exact"] != 0.75 {
		t.Errorf("%s: %v", keys(got), got)
	}
	all := got["all"].(map[string]any)
	if all["want"] != 4.0 || all["found"] != 3.0 || all["precision"] != 1.0 || all["recall"] != 0.75 {
		t.Errorf("%v", all)
	}
}

func TestEvalStabilityKeepsIDs(t *testing.T) {
	got := measured(t, "stability", "--file", file(t, "topics.csv", topics(16)), "--add", "25%", "--draws", "2")
	want := "add added afresh clusters embedder file joining joining_without_margin more_data more_data_draws other_order other_seed refused rerun rows seconds seed"
	if keys(got) != want || got["add"] != 0.25 || got["added"] != 13.0 {
		t.Errorf("%s: %v", keys(got), got)
	}
	if draws := got["more_data_draws"].([]any); len(draws) != 2 || draws[0] != got["more_data"].(map[string]any)["kept"] {
		t.Errorf("draws: %v", draws)
	}
	for _, run := range []string{"rerun", "other_order"} {
		if got[run].(map[string]any)["kept"] != 1.0 {
			t.Errorf("%s: %v", run, got[run])
		}
	}
}

func TestEvalClusterGivesFewerOrMoreClustersWhenAsked(t *testing.T) {
	path := file(t, "topics.csv", topics(40))
	few, many := measured(t, "cluster", "--file", path, "--granularity", "-5"), measured(t, "cluster", "--file", path, "--granularity", "5")
	if few["clusters"].(float64) >= many["clusters"].(float64) {
		t.Errorf("%v clusters at the fewest, %v at the most", few["clusters"], many["clusters"])
	}
	for _, args := range [][]string{{"eval", "cluster", "--file", path}, {"eval", "stability", "--file", path}, {"recluster"}} {
		var out, errs strings.Builder
		code := run(t.Context(), append(args, "--granularity", "6"), func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), "from -5 (fewest clusters) to 5 (most)") {
			t.Errorf("%v: exit code %d, %s", args, code, errs.String())
		}
	}
	var out, errs strings.Builder
	args := []string{"recluster", "--granularity", "2", "--apply", "4"}
	if code := run(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs); code != exitUsage {
		t.Errorf("%v: exit code %d, %s", args, code, errs.String())
	}
}

// What people write in real files must give a figure, never NaN, which JSON cannot say.
func TestEvaluationsOfOddTextsAreDefined(t *testing.T) {
	features := file(t, "features.csv", someFeatures)
	for name, content := range map[string]string{
		"one row":      "text,label,points,expected\nThe board is slow today.,f-map,1,\n",
		"one class":    "text,label,points,expected\nThe board is slow.,f-map,1,\nThe export fails a lot.,f-map,1,\nThe map is wrong.,f-map,1,\n",
		"emoji":        "text,label,points,expected\n😀,f-map,1,\n🎉,f-login,0,\n",
		"equal rows":   "text,label,points,expected\n" + strings.Repeat("The board is slow.,f-map,1,\n", 30),
		"long":         "text,label,points,expected\n" + strings.Repeat("word ", 50000) + ",f-map,1,\nshort one,f-login,1,\n",
		"no language":  "text,label,points,expected\nqwx zzkr vvlp brrt,f-map,1,\nxxkq wrtz,f-login,1,\n",
		"windows-1252": "text,label,points,expected\nDie Gr\xf6\xdfe stimmt nicht.,f-map,1,\n",
	} {
		path := file(t, "odd.csv", content)
		for _, args := range [][]string{
			{"cluster", "--kmeans", "3", "--nearest", path}, {"stability"}, {"split"}, {"redact"}, {"link", "--features", features},
			{"link", "--features", features, "--level", "cluster"},
			{"label", "--task", "kind", "--map", "f-map=bug,f-login=other"},
		} {
			if got := measured(t, append(args, "--file", path)...); got["refused"] != 0.0 {
				t.Errorf("%s, %v: %v", name, args, got)
			}
			if code, out, errs := evaluate(t, "", append(args, "--file", path)...); code != exitOK || strings.Contains(out, "NaN") {
				t.Errorf("%s, %v: exit code %d\n%s%s", name, args, code, out, errs)
			}
		}
	}
}

func TestBadInputOfAnEvaluationIsNamedWithItsPlace(t *testing.T) {
	fine := file(t, "fine.csv", "text,label\nThe board is slow.,negative\n")
	features := file(t, "features.csv", someFeatures)
	for _, c := range []struct {
		name, content string
		args          []string
		code          int
		says          []string
	}{
		{"nothing to measure", "", []string{"gold"}, exitUsage, []string{"gold"}},
		{"no file named", "", []string{"cluster"}, exitUsage, []string{"--file"}},
		{"no such file", "", []string{"cluster", "--file", "nowhere.csv"}, exitNotFound, []string{"nowhere.csv"}},
		{"an argument", "", []string{"cluster", fine}, exitUsage, []string{"--help"}},
		{"an embedder that is none", "", []string{"cluster", "--file", fine, "--embedder", "magic"}, exitUsage, []string{"magic"}},
		{"a task that is none", "", []string{"label", "--task", "mood", "--file", fine}, exitUsage, []string{"mood"}},
		{"a map that is none", "", []string{"label", "--task", "kind", "--file", fine, "--map", "bug"}, exitUsage, []string{"gold=ours"}},
		{"a map to nothing of ours", "", []string{"label", "--task", "kind", "--file", fine, "--map", "a=crash"}, exitUsage, []string{"crash", "complaint"}},
		{"a map of one to two", "", []string{"label", "--task", "kind", "--file", fine, "--map", "a=bug|complaint,b=complaint"}, exitUsage, []string{"complaint"}},
		{"a map twice", "", []string{"label", "--task", "kind", "--file", fine, "--map", "a=bug,A=praise"}, exitUsage, []string{"twice"}},
		{"k-means in groups", "", []string{"cluster", "--file", fine, "--group", "label", "--kmeans", "3"}, exitUsage, []string{"--group"}},
		{"a share that is none", "", []string{"stability", "--file", fine, "--add", "much"}, exitUsage, []string{"--add"}},
		{"a negative share", "", []string{"stability", "--file", fine, "--add", "-5%"}, exitUsage, []string{"--add"}},
		{"a level that is none", "", []string{"link", "--features", features, "--file", fine, "--level", "page"}, exitUsage, []string{"page"}},
		{"a map to no feature", "", []string{"link", "--features", features, "--file", fine, "--map", "negative=f-moon"}, exitUsage, []string{"f-moon"}},
		{"joining with labels", "", []string{"split", "--file", fine, "--label", "label", "--join", "2"}, exitUsage, []string{"--join"}},
		{"a format that is none", "", []string{"split", "--file", fine, "--body-format", "pdf"}, exitUsage, []string{"pdf"}},
		{"an empty file", " \n", []string{"cluster"}, exitInvalid, []string{"is empty"}},
		{"column names alone", "text,label\n", []string{"cluster"}, exitInvalid, []string{"no rows"}},
		{"no such text column", "body,label\na,b\n", []string{"cluster"}, exitInvalid, []string{`"text"`, `"body"`, "--text"}},
		{"no such label column", "text\na\n", []string{"cluster"}, exitInvalid, []string{`"label"`, "--label"}},
		{"no such group", "text,label\na,b\n", []string{"cluster", "--group", "app"}, exitInvalid, []string{`"app"`, "--group"}},
		{"an empty text", "text,label\nThe board is slow.,a\n\" \",b\n", []string{"cluster"}, exitInvalid, []string{"line 3", `column "text"`}},
		{"a text of invisible characters", "text,label\nThe board is slow.,a\n\u200b\u200b,b\n", []string{"cluster"}, exitInvalid, []string{"line 3", `column "text"`}},
		{"a ragged row", "text,label\nThe board is slow.,a\nx\n", []string{"cluster"}, exitInvalid, []string{"line 3", "columns"}},
		{"binary", "text,label\nThe board is slow.,a\n\x00\x01\x02,b\n", []string{"cluster"}, exitInvalid, []string{"line 3", "NUL"}},
		{"invalid UTF-8", "text,label\nThe board ist groß.,a\n\xff\xfe,b\n", []string{"cluster"}, exitInvalid, []string{"line 3", "UTF-8"}},
		{"no good row", "text,label\n,a\n", []string{"cluster"}, exitInvalid, []string{"line 2", "none of its rows"}},
		{"JSON that is none", "{\"text\":\"a b\",\"label\":\"x\"}\n{oops\n", []string{"cluster"}, exitInvalid, []string{"line 2"}},
		{"a label that is none", "text,label\nThe board is slow.,negative\nGreat app.,happy\n", []string{"label", "--task", "sentiment"}, exitInvalid, []string{"line 3", `column "label"`, "happy", "--map"}},
		{"all unlabelled", "text,label\nThe board is slow.,\n", []string{"label", "--task", "kind"}, exitInvalid, []string{"no row has a label"}},
		{"all unlabelled links", "text,label\nThe board is slow.,\n", []string{"link", "--features", features}, exitInvalid, []string{"no row has a label"}},
		{"a label that is no feature", "text,label\nThe map is wrong.,f-map\nIt is slow.,f-moon\n", []string{"link", "--features", features}, exitInvalid, []string{"line 3", `column "label"`, "f-moon", "--map"}},
		{"a label that is a product", "text,label\nThe map is wrong.,f-map\nIt is slow.,p\n", []string{"link", "--features", features}, exitInvalid, []string{"line 3", "product"}},
		{"only examples", "text,label\nThe map is wrong.,f-map\n", []string{"link", "--features", features, "--examples", "5"}, exitInvalid, []string{"--examples"}},
		{"points that are none", "text,points\nThe board is slow.,1\nIt is slow.,few\n", []string{"split"}, exitInvalid, []string{"line 3", `column "points"`, "few"}},
		{"points that are not in the text", "text,points\nThe board is slow.,1\nIt is slow.,\"[\"\"It is fast\"\"]\"\n", []string{"split"}, exitInvalid, []string{"line 3", `column "points"`, "point 1"}},
		{"places outside the text", "text,points\nThe board is slow.,1\nIt is slow.,\"[[0,90]]\"\n", []string{"split"}, exitInvalid, []string{"line 3", "point 1", "characters"}},
		{"a kind of personal data that is none", "text,expected\nHi there,\nHello there,SHOE\n", []string{"redact"}, exitInvalid, []string{"line 3", `column "expected"`, "SHOE"}},
		{"bare without joining", "", []string{"split", "--file", fine, "--bare"}, exitUsage, []string{"--bare", "--join"}},
		{"joining with small talk", "", []string{"split", "--file", fine, "--talk", "text", "--join", "2"}, exitUsage, []string{"--talk"}},
		{"small talk that is none", "text,points,talk\nThe board is slow.,1,\nIt is slow.,1,some\n", []string{"split", "--talk", "talk"}, exitInvalid, []string{"line 3", `column "talk"`, "some"}},
		{"too few to join", "text\nshort\n", []string{"split", "--join", "2"}, exitInvalid, []string{"four words"}},
		{"a format that is none, in a row", "text,label,f\nThe board is slow.,a,text\nx y,b,pdf\n", []string{"cluster", "--format-column", "f"}, exitInvalid, []string{"line 3", `column "f"`, "pdf"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if c.content != "" {
				args = append(args, "--file", file(t, "in.csv", c.content))
			}
			code, _, errs := evaluate(t, "", args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, errs)
			}
			for _, want := range c.says {
				if !strings.Contains(errs, want) {
					t.Errorf("standard error lacks %q:\n%s", want, errs)
				}
			}
			if strings.Contains(errs, "panic") {
				t.Error(errs)
			}
		})
	}
}

func TestTheGoodRowsAreMeasuredBesideBadOnes(t *testing.T) {
	code, out, _ := evaluate(t, "text,label\nI love it so much,positive\n,negative\nI hate this app,negative\n", "label", "--task", "sentiment", "--file", "-", "--json")
	var got labelResult
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if code != exitInvalid || got.N != 2 || got.Refused != 1 || got.Accuracy != 1 || got.File != "standard input" {
		t.Errorf("exit code %d, %+v", code, got)
	}
}

func TestTextsAreCleanedAsTheyAreWritten(t *testing.T) {
	path := file(t, "h.csv", "text,expected,how\n<p>Mail <b>jo</b>@example.com</p>,EMAIL,html\nMail <b>jo</b> tomorrow,,\n")
	if got := measured(t, "redact", "--file", path, "--format-column", "how"); got["exact"] != 1.0 {
		t.Errorf("%v", got)
	}
	// The control: as plain text, the address is not seen in its markup.
	if got := measured(t, "redact", "--file", path); got["exact"] == 1.0 {
		t.Errorf("%v", got)
	}
}

func TestEveryEvaluationHasHelpWithExamples(t *testing.T) {
	for _, name := range []string{"cluster", "label", "link", "split", "redact", "stability"} {
		code, out, _ := evaluate(t, "", name, "--help")
		if code != exitOK || !strings.Contains(out, "earshot eval "+name+" --") || !strings.Contains(out, "--json") {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
}
