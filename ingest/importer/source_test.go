package importer_test

import (
	"strings"
	"testing"

	"earshot/ingest/importer"
)

func TestARowThatCannotBeReadIsOfTheFilesSource(t *testing.T) {
	for name, text := range map[string]string{
		"reviews.csv":   "id,comment\n1,The map is wrong here.\n2,too,many,fields\n",
		"reviews.jsonl": "{\"id\":1,\"comment\":\"The map is wrong here.\"}\n{\"id\":\n",
	} {
		file, err := importer.Open(name, strings.NewReader(text), importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for row, err := range file.Rows(t.Context()) {
			if row.Source != "reviews" {
				t.Errorf("%s: a row is of %q, its error %v", name, row.Source, err)
			}
			if err != nil {
				bad++
			}
		}
		if bad != 1 {
			t.Errorf("%s: %d bad rows, want 1", name, bad)
		}
	}
}
