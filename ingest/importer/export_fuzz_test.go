package importer

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/feedback"
)

// checkRows reads a file to its end: every row is usable, every error is a row's.
func checkRows(t *testing.T, f *File) {
	t.Helper()
	for row, err := range f.Rows(t.Context()) {
		if err != nil {
			if c := feedback.ErrorCode(err); c != feedback.Invalid && c != feedback.TooLarge {
				t.Fatalf("%s: %v", c, err)
			}
			continue
		}
		checkSubmission(t, &row.Submission)
		if row.Line < 1 || feedback.CheckSource(row.Source) != nil {
			t.Fatalf("row %+v", row)
		}
	}
}

func checkSubmission(t *testing.T, s *feedback.Submission) {
	t.Helper()
	switch {
	case strings.TrimSpace(s.Body) == "" && strings.TrimSpace(s.Title) == "":
		t.Fatalf("without words: %+v", s)
	case s.ExternalID == "":
		t.Fatalf("without an id: %+v", s)
	case s.Rating != nil && (*s.Rating < 0 || *s.Rating > 5), s.Score != nil && (*s.Score < 0 || *s.Score > 10):
		t.Fatalf("rating or score: %+v", s)
	case s.Customer != nil && s.Customer.ID == "":
		t.Fatalf("customer: %+v", s.Customer)
	}
}

// FuzzObjects gives each vendor's decoder an object, as a line of a file.
func FuzzObjects(f *testing.F) {
	for name := range fixtures {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			continue // a folder
		}
		f.Add(string(data))
	}
	f.Add(`{"tickets":[{"id":1,"subject":"s","requester_id":1,"brand_id":2,"submitter_id":1,"comments":[{"author_id":1,"body":" "}]},`)
	f.Fuzz(func(t *testing.T, content string) {
		for _, e := range objectExports {
			var found said
			if checkObject([]byte(content)) != nil || e.read([]byte(content), &found) != nil {
				continue
			}
			for i := range found.items {
				checkSubmission(t, &found.items[i])
			}
		}
		file, err := Open("fuzz", strings.NewReader(content), Options{})
		if err != nil {
			if c := feedback.ErrorCode(err); c != feedback.Invalid {
				t.Fatalf("%s: %v", c, err)
			}
			return
		}
		checkRows(t, file)
	})
}

// FuzzSheets puts rows under the header of each vendor's table.
func FuzzSheets(f *testing.F) {
	var headers []string
	for _, name := range []string{"app-store.csv", "canny.csv", "delighted.csv", "productboard.csv", "typeform.csv"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		header, rows, _ := strings.Cut(string(data), "\n")
		headers = append(headers, header)
		f.Add(rows)
	}
	headers = append(headers, "Package Name,Star Rating,Review Submit Millis Since Epoch,Review Text,Review Title,Review Link,Reviewer Language")
	f.Add("app,7,1772721000000,\"a\",\"b\",http://x/?reviewId=%zz,\xff\n")
	f.Fuzz(func(t *testing.T, rows string) {
		for _, header := range headers {
			file, err := Open("fuzz.csv", strings.NewReader(header+"\n"+rows), Options{})
			if err != nil {
				if c := feedback.ErrorCode(err); c != feedback.Invalid {
					t.Fatalf("%s: %v", c, err)
				}
				continue
			}
			checkRows(t, file)
		}
	})
}

// FuzzSlack reads a day file and a list of users that may hold anything.
func FuzzSlack(f *testing.F) {
	for _, day := range []string{"product-feedback/2026-03-02.json", "random/2026-03-03.json"} {
		users, err := os.ReadFile(filepath.Join("testdata", "slack", "users.json"))
		if err != nil {
			f.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join("testdata", "slack", day))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(users, data)
	}
	f.Fuzz(func(t *testing.T, users, day []byte) {
		var packed bytes.Buffer
		z := zip.NewWriter(&packed)
		for name, content := range map[string][]byte{"users.json": users, "channels.json": day, "general/2026-01-01.json": day} {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write(content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
		if err != nil {
			t.Fatal(err)
		}
		b := &bounded{total: MaxTotal}
		if err := b.listZip(r); err != nil {
			t.Fatal(err)
		}
		file, err := openExport("fuzz.zip", b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, file)
	})
}

// FuzzZip opens what may be no zip at all.
func FuzzZip(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, closer, err := OpenArchive(name, Options{})
		if err != nil {
			if c := feedback.ErrorCode(err); c != feedback.Invalid && c != feedback.TooLarge {
				t.Fatalf("%s: %v", c, err)
			}
			return
		}
		checkRows(t, file)
		closer.Close()
	})
}
