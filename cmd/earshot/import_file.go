package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"

	"earshot/app"
	"earshot/feedback"
	"earshot/ingest/importer"
)

// importing is a file on its way to the queue.
type importing struct {
	file  *importer.File
	name  string
	how   string // all that decides what the file's rows are
	size  int64  // of the file; 0 where it isn't known
	read  *counted
	close func() error

	checkpoint *app.Checkpoint // nil for standard input
	before     int             // rows that an earlier import sent
	rows       int             // rows that were read
}

// openImport opens a file, a zip, a folder, or standard input for "-".
func (c *cli) openImport(name string, opts importer.Options) (*importing, error) {
	in := &importing{name: name}
	if name != "-" && importer.IsArchive(name) {
		file, closer, err := importer.OpenArchive(name, opts)
		if err != nil {
			return nil, err
		}
		in.file, in.close = file, closer.Close
	} else {
		raw, err := c.input(name)
		if err != nil {
			return nil, err
		}
		in.read, in.close = &counted{in: raw}, raw.Close
		if f, ok := raw.(*os.File); ok {
			if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
				in.size = info.Size()
			}
		}
		if in.file, err = importer.Open(name, in.read, opts); err != nil {
			raw.Close()
			return nil, err
		}
	}
	in.how = fmt.Sprintf("%s\n%+v\n%s", version, opts, in.file.Mapping())
	return in, nil
}

// resume finds how far an earlier import of the file came.
func (in *importing) resume(ctx context.Context, a *app.App, restart bool) error {
	if in.name == "-" {
		return nil
	}
	var err error
	if in.checkpoint, err = a.Checkpoint(ctx, a.Config.Workspace, in.name, in.how); err != nil {
		return err
	}
	if restart {
		in.checkpoint.Forget()
	}
	in.before = in.checkpoint.Rows()
	return nil
}

// messages encodes the rows of the file that no earlier import sent. Those are read all the same, for the ids of rows
// without one depend on the rows above.
func (in *importing) messages(ctx context.Context) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for row, err := range in.file.Rows(ctx) {
			code := feedback.ErrorCode(err)
			if in.rows++; in.rows <= in.before && (code == "" || code == feedback.Invalid || code == feedback.TooLarge) {
				continue
			}
			m := app.Outgoing{Source: row.Source}
			if err == nil {
				m, err = app.Encode(row.Source, row.Line, row.Submission)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// durable says that every row that was read is on disk or refused for good.
func (in *importing) durable() {
	if in.checkpoint != nil && in.rows > in.before {
		in.checkpoint.Save(in.rows)
	}
}

// finished says that nothing is left to go on with.
func (in *importing) finished() {
	if in.checkpoint != nil {
		in.checkpoint.Forget()
	}
}

// expected is how many rows the file has, as far as what was read of it tells; 0 where it doesn't.
func (in *importing) expected() int {
	if in.size == 0 || in.read == nil || in.read.n == 0 || in.read.n >= in.size {
		return 0
	}
	return int(float64(in.rows) * float64(in.size) / float64(in.read.n))
}

// counted counts what is read.
type counted struct {
	in io.Reader
	n  int64
}

// Read reads on.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}
