package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// steps shows the steps of long work on a terminal, each with its own bar, and nothing anywhere else.
type steps struct {
	out  io.Writer // nil where nobody watches
	name string
	bar  *progressbar.ProgressBar
}

func newSteps(errs io.Writer) *steps {
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &steps{out: errs}
	}
	return &steps{}
}

// step shows that done of total are through; a total of 0 or less is not known.
func (s *steps) step(name string, done, total int) {
	if s.out == nil {
		return
	}
	if total <= 0 {
		total = -1
	}
	if s.bar == nil || s.name != name {
		s.done()
		s.name = name
		s.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(s.out), progressbar.OptionSetDescription(name),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	}
	if total > 0 && s.bar.GetMax() != total {
		s.bar.ChangeMax(total)
	}
	_ = s.bar.Set(done)
}

// done takes the bar away.
func (s *steps) done() {
	if s.bar != nil {
		_ = s.bar.Finish()
		s.bar = nil
	}
}
