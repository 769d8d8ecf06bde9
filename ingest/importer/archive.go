package importer

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"earshot/feedback"
)

// The limits of an export in many files. Each stands in the error that it causes.
const (
	MaxEntries = 200_000   // files in it
	MaxEntry   = 256 << 20 // bytes of one of them, unpacked
	MaxTotal   = 16 << 30  // bytes of all of them, unpacked
	MaxRatio   = 200       // bytes that one packed byte may unpack to, from maxUnpacked on
)

// maxUnpacked is how much may be unpacked of a file before its ratio counts: short files of equal bytes are no bombs.
const maxUnpacked = 1 << 20

// IsArchive says whether [OpenArchive] reads what lies there: a folder, or a file that starts as a zip does.
func IsArchive(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	if info.IsDir() {
		return true
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [4]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && (string(head[:]) == "PK\x03\x04" || string(head[:]) == "PK\x05\x06")
}

// OpenArchive looks at an export in many files, a zip or a folder, and settles how it is read: a Slack export, or a zip
// with a single file that [Open] reads. Close it when its rows were read. Its errors are those of Open, and TooLarge for
// an archive over the limits above.
func OpenArchive(name string, o Options) (*File, io.Closer, error) {
	files, closer, err := openFiles(name)
	if err != nil {
		return nil, nil, err
	}
	f, err := openExport(name, files, o)
	if err != nil {
		closer.Close()
		return nil, nil, in(filepath.Base(name), err)
	}
	return f, closer, nil
}

func openFiles(name string) (*bounded, io.Closer, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, feedback.Errorf(feedback.NotFound, "%w", err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return nil, nil, feedback.Errorf(feedback.Invalid, "%w", err)
		}
		b := &bounded{files: root.FS(), total: MaxTotal}
		if err := b.list(); err != nil {
			root.Close()
			return nil, nil, in(name, err)
		}
		return b, root, nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, feedback.Errorf(feedback.Invalid, "%s is a zip that cannot be read: %w", name, err)
	}
	b := &bounded{total: MaxTotal}
	if err := b.listZip(&z.Reader); err != nil {
		z.Close()
		return nil, nil, in(name, err)
	}
	return b, z, nil
}

// bounded are the files of an archive, read within the limits.
type bounded struct {
	files  fs.FS // of a folder; nil for a zip
	packed map[string]*zip.File
	names  []string // sorted, with slashes
	total  int64    // bytes that may still be read
}

// list finds the files of a folder and of the folders in it, one level deep, as an export has them.
func (b *bounded) list() error {
	return fs.WalkDir(b.files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return feedback.Errorf(feedback.Invalid, "%w", err)
		case entry.IsDir() && strings.Count(name, "/") > 1:
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		case len(b.names) == MaxEntries:
			return feedback.Errorf(feedback.TooLarge, "has more than %d files", MaxEntries)
		}
		b.names = append(b.names, name)
		return nil
	})
}

func (b *bounded) listZip(z *zip.Reader) error {
	if len(z.File) > MaxEntries {
		return feedback.Errorf(feedback.TooLarge, "has more than %d files", MaxEntries)
	}
	b.packed = make(map[string]*zip.File, len(z.File))
	for _, entry := range z.File {
		name := path.Clean(strings.ReplaceAll(entry.Name, `\`, "/"))
		if entry.FileInfo().IsDir() || !fs.ValidPath(name) || strings.HasPrefix(name, "__MACOSX/") {
			continue // nothing is written anywhere, so a name that leads outside is but a name
		}
		if b.packed[name] == nil {
			b.names = append(b.names, name)
		}
		b.packed[name] = entry
	}
	slices.Sort(b.names)
	return nil
}

// open gives the content of a file, which fails where it goes over a limit.
func (b *bounded) open(name string) (io.ReadCloser, error) {
	limited := &limitedFile{archive: b, name: name}
	if b.files != nil {
		f, err := b.files.Open(name)
		if err != nil {
			return nil, feedback.Errorf(feedback.Invalid, "%w", err)
		}
		limited.in, limited.closer = f, f
		return limited, nil
	}
	entry := b.packed[name]
	if entry == nil {
		return nil, feedback.Errorf(feedback.Invalid, "%s: %w", name, fs.ErrNotExist)
	}
	f, err := entry.Open()
	if err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "%s cannot be unpacked: %w", name, err)
	}
	limited.in, limited.closer, limited.packed = f, f, int64(min(entry.CompressedSize64, 1<<60))
	return limited, nil
}

func (b *bounded) has(name string) bool {
	_, found := slices.BinarySearch(b.names, name)
	return found
}

// limitedFile counts what was really unpacked: what a header claims proves nothing.
type limitedFile struct {
	archive *bounded
	name    string
	in      io.Reader
	closer  io.Closer
	packed  int64 // bytes in the zip; 0 for a file of a folder
	read    int64
}

// Read fails with TooLarge over a limit and with Invalid where the content cannot be unpacked.
func (l *limitedFile) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	l.read += int64(n)
	l.archive.total -= int64(n)
	switch {
	case l.read > MaxEntry:
		return 0, feedback.Errorf(feedback.TooLarge, "%s has more than %d bytes unpacked", l.name, MaxEntry)
	case l.archive.total < 0:
		return 0, feedback.Errorf(feedback.TooLarge, "has more than %d bytes unpacked", int64(MaxTotal))
	case l.packed > 0 && l.read > maxUnpacked && l.read/l.packed > MaxRatio:
		return 0, feedback.Errorf(feedback.TooLarge, "%s unpacks to more than %d times its size", l.name, MaxRatio)
	case err != nil && err != io.EOF:
		err = feedback.Errorf(feedback.Invalid, "%s cannot be unpacked: %w", l.name, err)
	}
	return n, err
}

func (l *limitedFile) Close() error { return l.closer.Close() }

// openExport knows a Slack export by its files, and otherwise takes the only file that there is.
func openExport(name string, b *bounded, o Options) (*File, error) {
	if root := slackRoot(b); root != nil {
		return root.open(name, o)
	}
	return openOnly(name, b, o)
}

func openOnly(name string, b *bounded, o Options) (*File, error) {
	var only []string
	for _, n := range b.names {
		if base := path.Base(n); !strings.HasPrefix(base, ".") {
			only = append(only, n)
		}
	}
	if b.files != nil || len(only) != 1 {
		return nil, feedback.Errorf(feedback.Invalid, "is no export that is known: it has %d files, and no users.json and channels.json", len(only)).
			WithHint("a Slack export is read whole, a zip with one file in it as that file; import other files one by one")
	}
	entry, err := b.open(only[0])
	if err != nil {
		return nil, err
	}
	return Open(path.Base(only[0]), entry, o)
}
