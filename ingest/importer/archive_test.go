package importer

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/feedback"
)

// zipped packs a folder, and what else is asked for.
func zipped(t *testing.T, prefix string, change func(*zip.Writer)) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "export.zip")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := zip.NewWriter(out)
	root := filepath.Join("testdata", "slack")
	err = filepath.Walk(root, func(at string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, at)
		data, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		w, err := z.Create(prefix + filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(z)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAZipIsReadAsTheFolderThatItWasMadeOf(t *testing.T) {
	want := drawn(t, openFixture(t, "slack", Options{}))
	for _, prefix := range []string{"", "Harborline Slack export/"} {
		f, closer, err := OpenArchive(zipped(t, prefix, nil), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(drawn(t, f), "export.zip", "slack")
		if closer.Close(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func create(t *testing.T, z *zip.Writer, name string, r io.Reader) {
	t.Helper()
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
}

func TestAnArchiveOverALimitIsRefusedByItsName(t *testing.T) {
	bomb := zipped(t, "", func(z *zip.Writer) {
		create(t, z, "random/2026-03-04.json", &repeat{line: "[[[[[[[[[[[[[[[[", left: 1 << 20})
	})
	f, closer, err := OpenArchive(bomb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	rows, refused := 0, ""
	for _, err := range f.Rows(t.Context()) {
		if feedback.ErrorCode(err) == feedback.TooLarge {
			refused = err.Error()
		} else if err == nil {
			rows++
		}
	}
	if rows != 3 || !strings.Contains(refused, "2026-03-04.json") || !strings.Contains(refused, "200 times its size") {
		t.Errorf("%d rows, %q", rows, refused)
	}

	f, closer, err = OpenArchive(zipped(t, "", nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	b := &bounded{packed: map[string]*zip.File{}, total: 10}
	l := &limitedFile{archive: b, name: "x", in: strings.NewReader(strings.Repeat("x", 20))}
	if _, err := io.ReadAll(l); feedback.ErrorCode(err) != feedback.TooLarge || !strings.Contains(err.Error(), fmt.Sprint(int64(MaxTotal))) {
		t.Errorf("in all: %v", err)
	}
	b.total = 1 << 40
	l = &limitedFile{archive: b, name: "x", in: &repeat{line: strings.Repeat("x", 4096), left: MaxEntry/4096 + 1}}
	if _, err := io.Copy(io.Discard, l); feedback.ErrorCode(err) != feedback.TooLarge || !strings.Contains(err.Error(), fmt.Sprint(MaxEntry)) {
		t.Errorf("one file: %v", err)
	}
	if err := b.listZip(&zip.Reader{File: make([]*zip.File, MaxEntries+1)}); feedback.ErrorCode(err) != feedback.TooLarge {
		t.Errorf("files: %v", err)
	}
	for _, err := range f.Rows(t.Context()) { // the control: within the limits all is well
		if feedback.ErrorCode(err) == feedback.TooLarge {
			t.Error(err)
		}
	}
}

func TestArchivesThatAreNoExportAreRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return at
	}
	cut, err := os.ReadFile(zipped(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	outside := zipped(t, "", func(z *zip.Writer) { create(t, z, "../../etc/users.json", strings.NewReader("[]")) })
	for name, at := range map[string]string{"a folder of other files": dir, "half a zip": write("half.zip", string(cut[:len(cut)/2])), "an empty zip": write("empty.zip", "PK\x05\x06"+strings.Repeat("\x00", 18))} {
		if !IsArchive(at) {
			t.Errorf("%s: is no archive", name)
		}
		if _, _, err := OpenArchive(at, Options{}); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := OpenArchive(filepath.Join(dir, "nowhere"), Options{}); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("nowhere: %v", err)
	}
	f, closer, err := OpenArchive(outside, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	if text := drawn(t, f); strings.Contains(text, "etc") {
		t.Error("a name that leads outside is read")
	}
}

func TestAZipWithOneFileIsReadAsThatFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "reviews.zip")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	create(t, z, "out/reviews.csv", strings.NewReader("id,text\n1,It is slow\n"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	f, closer, err := OpenArchive(name, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	if text := drawn(t, f); !strings.Contains(text, "line 2, reviews") || !strings.Contains(text, "It is slow") {
		t.Error(text)
	}
}
