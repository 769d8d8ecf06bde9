// Command quality runs every earshot eval on the sets that the project has, and on the public ones where they are there,
// and writes the page that docs/quality.md is. It knows the program by its command line alone.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func main() {
	var p place
	var commit, out string
	flag.StringVar(&p.earshot, "earshot", "", "the program that is measured")
	flag.StringVar(&p.work, "work", "", "a folder for the sets that are made")
	flag.StringVar(&p.data, "data", "", "the folder of the public sets")
	flag.StringVar(&commit, "commit", "", "what is measured, as version control names it")
	flag.StringVar(&out, "out", "", "the page to write")
	flag.Parse()
	page, err := write(&p, header{date: time.Now().UTC(), commit: commit, machine: machine()})
	if err == nil {
		err = os.WriteFile(out, page, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

// place is where a measurement finds its program and its files.
type place struct{ earshot, work, data string }

// public gives the path of a file of the public sets.
func (p *place) public(parts ...string) string {
	return filepath.Join(append([]string{p.data}, parts...)...)
}

// made gives the path of a file that is made for the measurement.
func (p *place) made(name string) string { return filepath.Join(p.work, name) }

// eval runs one evaluation and decodes what it says.
func (p *place) eval(into any, args ...string) error {
	fmt.Fprintln(os.Stderr, "earshot eval", strings.Join(args, " "))
	cmd := exec.Command(p.earshot, append(append([]string{"eval"}, args...), "--json")...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("earshot eval %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return json.Unmarshal(out.Bytes(), into)
}

// machine says what the figures of speed were measured on.
func machine() string {
	model := "an unnamed processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	cores := "1 core"
	if n := runtime.NumCPU(); n != 1 {
		cores = fmt.Sprintf("%d cores", n)
	}
	return fmt.Sprintf("%s of %s, %s/%s, %s", cores, model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
