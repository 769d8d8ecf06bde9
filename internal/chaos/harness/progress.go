package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// progressEvery is how often progress is told where it is not on a terminal.
const progressEvery = 10 * time.Second

// progress tells on standard error how far the work is: on a terminal in one line that changes, elsewhere in a line now
// and then.
type progress struct {
	terminal bool
	began    time.Time

	mu   sync.Mutex
	part string
	last time.Time
}

func newProgress() *progress {
	info, err := os.Stderr.Stat()
	return &progress{terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, began: time.Now()}
}

// begin names the part that runs from now on.
func (p *progress) begin(part string) {
	p.mu.Lock()
	p.part, p.last = part, time.Time{}
	p.mu.Unlock()
	p.tell("begins")
}

// tell says how far the part is.
func (p *progress) tell(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal && time.Since(p.last) < progressEvery {
		return
	}
	p.last = time.Now()
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r\x1b[K%s", p.words(text))
	} else {
		fmt.Fprintln(os.Stderr, p.words(text))
	}
}

// line says something that stays.
func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear := ""
	if p.terminal {
		clear = "\r\x1b[K"
	}
	fmt.Fprintf(os.Stderr, "%s%s\n", clear, p.words(text))
}

func (p *progress) words(text string) string {
	return fmt.Sprintf("%6s  %-8s  %s", time.Since(p.began).Round(time.Second), p.part, text)
}
