package importer

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestASheetKeepsCellsAsTheyStand(t *testing.T) {
	for _, c := range []struct {
		name, content string
		columns       []string
		rows          []SheetRow
	}{
		{"CSV", "text,label\n\" a, b \",x\n\nc,\n", []string{"text", "label"}, []SheetRow{{2, []string{" a, b ", "x"}}, {4, []string{"c", ""}}}},
		{"semicolons and a mark", "\ufefftext;label\nä;x\n", []string{"text", "label"}, []SheetRow{{2, []string{"ä", "x"}}}},
		{"JSON Lines", `{"text":"a"}` + "\n" + `{"label":3,"text":"b"}`, []string{"text", "label"}, []SheetRow{{1, []string{"a", ""}}, {2, []string{"b", "3"}}}},
		{"a JSON array", "[{\"text\":\"a\",\"intents\":[\"x\"]},\n{\"text\":\"b\"}]", []string{"intents", "text"}, []SheetRow{{1, []string{`["x"]`, "a"}}, {2, []string{"", "b"}}}},
		{"names alone", "text,label\n", []string{"text", "label"}, nil},
	} {
		s, err := ReadSheet(t.Context(), "f", strings.NewReader(c.content))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !reflect.DeepEqual(s.Columns, c.columns) || !reflect.DeepEqual(s.Rows, c.rows) || len(s.Refused) > 0 {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestASheetRefusesBadRowsWithTheirPlace(t *testing.T) {
	s, err := ReadSheet(t.Context(), "f.csv", strings.NewReader("text,label\na\nb,c,d\nok,x\nn\x00l,x\n\xff,x\nq,\"open\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 1 || s.Rows[0].Line != 4 || len(s.Refused) != 5 {
		t.Fatalf("%+v", s)
	}
	for i, line := range []string{"line 2", "line 3", "line 5", "line 6", "line 7"} {
		if err := s.Refused[i]; !strings.HasPrefix(err.Error(), "f.csv, "+line+": ") || feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%v, want %s", err, line)
		}
	}
	s, err = ReadSheet(t.Context(), "f.json", strings.NewReader("[{\"text\":\"a\"},\n7,\n{\"text\":\"b\"}]"))
	if err != nil || len(s.Rows) != 2 || len(s.Refused) != 1 || !strings.Contains(s.Refused[0].Error(), "line 2") {
		t.Errorf("%+v %v", s, err)
	}
	if got := s.Fault(s.Rows[1], 0, "is %q", "b").Error(); got != `f.json, line 3, column "text": is "b"` {
		t.Error(got)
	}
}

func TestASheetThatIsNone(t *testing.T) {
	for _, content := range []string{"", " \n\n", "\ufeff"} {
		if _, err := ReadSheet(t.Context(), "f.csv", strings.NewReader(content)); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%q: %v", content, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := ReadSheet(ended, "f.csv", strings.NewReader("a,b\n1,2\n")); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("a context that is done: %v", err)
	}
}

func TestAColumnIsFoundHoweverItIsWritten(t *testing.T) {
	s := &Sheet{Name: "f.csv", Columns: []string{"Review Text", "label", "review_text_2"}}
	for name, want := range map[string]int{"review_text": 0, "reviewText": 0, "Label": 1, "review_text_2": 2} {
		if got, err := s.Column(name); got != want || err != nil {
			t.Errorf("%s: %d %v", name, got, err)
		}
	}
	if _, err := s.Column("stars"); err == nil || !strings.Contains(err.Error(), `"label"`) {
		t.Errorf("a column that is not there: %v", err)
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add("text,label\na,b\n\"c\nd\",e\n")
	f.Add("{\"a\":1}\n{\"b\":[2]}\nnull\n")
	f.Add("[{\"a\":\"x\"},{}]")
	f.Fuzz(func(t *testing.T, content string) {
		s, err := ReadSheet(context.Background(), "f", strings.NewReader(content))
		if err != nil {
			return
		}
		for _, row := range s.Rows {
			if len(row.Cells) != len(s.Columns) || row.Line < 1 {
				t.Fatalf("row %+v of %q", row, s.Columns)
			}
		}
	})
}
