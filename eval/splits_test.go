package eval

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The set for splitting is only worth what its marks are: each point is in its text, behind the one before, and no
// message is in both halves.
func TestTheSetForSplittingIsMarkedExactly(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"splits_work.csv", "splits_heldout.csv"} {
		file, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil || strings.Join(rows[0], " ") != "style language text points talk" {
			t.Fatalf("%s: %q, %v", name, rows[0], err)
		}
		if len(rows) < 151 {
			t.Errorf("%s has %d messages", name, len(rows)-1)
		}
		for i, row := range rows[1:] {
			text := row[2]
			if seen[text] != "" {
				t.Errorf("%s, row %d: also in %s", name, i+2, seen[text])
			}
			seen[text] = name
			for _, column := range row[3:] {
				var pieces []string
				if column != "" && json.Unmarshal([]byte(column), &pieces) != nil {
					t.Fatalf("%s, row %d: %q", name, i+2, column)
				}
				at := 0
				for _, piece := range pieces {
					k := strings.Index(text[at:], piece)
					if k < 0 || piece == "" || strings.TrimSpace(piece) != piece {
						t.Fatalf("%s, row %d: %q is not in the text behind byte %d", name, i+2, piece, at)
					}
					at += k + len(piece)
				}
			}
		}
	}
}
