// Command testsum reads what go test -json writes, shows each package's result and the output of what failed, and ends
// with the line "N passed, N failed". It exits with 1 when anything failed or nothing was tested. Subtests count as tests.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	ok, err := summarise(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is a line of go test -json, as go doc test2json describes it.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

type summary struct {
	w                       io.Writer
	output                  map[string]*strings.Builder // by package, and by package and test, until it is known whether they fail
	failedIn                map[string]int              // by package
	passed, failed, skipped int
}

func summarise(r io.Reader, w io.Writer) (ok bool, err error) {
	s := summary{w: w, output: map[string]*strings.Builder{}, failedIn: map[string]int{}}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) == nil:
			s.take(e)
		default:
			// Whatever is no event, such as a report of the race detector's own trouble, is for the reader to see.
			fmt.Fprintf(w, "%s", line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	if s.skipped > 0 {
		fmt.Fprintf(w, "%d skipped\n", s.skipped)
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", s.passed, s.failed)
	return s.failed == 0 && s.passed > 0, nil
}

func (s *summary) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.w, e.Output)
	case "output":
		if s.output[key] == nil {
			s.output[key] = &strings.Builder{}
		}
		s.output[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e, key)
		} else {
			s.endTest(e, key)
		}
		delete(s.output, key)
	}
}

func (s *summary) endTest(e event, key string) {
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		s.show(key)
	case "fail":
		s.failed++
		s.failedIn[e.Package]++
		s.show(key)
	}
}

func (s *summary) endPackage(e event, key string) {
	switch {
	case e.Action == "fail":
		// A package can fail without any test of it: it does not compile, or ends before its time.
		if s.failedIn[e.Package] == 0 {
			s.failed++
		}
		s.show(key)
	case e.Action == "pass":
		fmt.Fprintf(s.w, "ok    %-40s %6.1fs\n", e.Package, e.Elapsed)
	}
}

func (s *summary) show(key string) {
	if text := s.output[key]; text != nil {
		fmt.Fprint(s.w, text.String())
	}
}
