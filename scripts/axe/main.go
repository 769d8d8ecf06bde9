// Command axe checks pages with axe-core in Chromium and prints what it finds: make axe runs it. Each page is saved with its
// style, axe-core and a call of it within, and drawn on a wide and a narrow screen, in light and in dark; the page writes the
// outcome into itself, so that nothing but Chromium is needed to drive it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// pages are those of a served workspace; the first hit of a pattern on the page before stands for one of many.
var pages = []struct{ path, follow string }{
	{path: "/"},
	{path: "/pulses", follow: `/pulses/[^/"]+/check`},
	{path: "/clusters", follow: `/clusters/C[0-9]+`},
	{path: "/search?q=invoice", follow: `/excerpts/[0-9a-f-]+`},
	{path: "/features"},
	{path: "/alerts"},
	{path: "/nothing"},
}

var screens = []struct {
	name, size string
	dark       bool
}{{"wide", "1280,1600", false}, {"narrow", "390,1600", false}, {"wide, dark", "1280,1600", true}}

// violation is a rule that a page breaks.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML string `json:"html"`
	} `json:"nodes"`
}

func main() {
	chromium := flag.String("chromium", "chromium", "the browser")
	axe := flag.String("axe", "", "axe.min.js")
	base := flag.String("base", "", "address of a served workspace")
	work := flag.String("work", os.TempDir(), "folder for the pages")
	flag.Parse()
	c := checker{chromium: *chromium, work: *work}
	script, err := os.ReadFile(*axe)
	if err == nil {
		c.script = string(script)
		err = c.all(*base, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "axe:", err)
		os.Exit(1)
	}
	fmt.Printf("%d pages on %d screens: %d violations (at most 0), %d rules passed\n", c.pages, len(screens), c.violations, c.passed)
	if c.violations > 0 {
		os.Exit(1)
	}
}

type checker struct {
	chromium, work, script    string
	pages, violations, passed int
}

func (c *checker) all(base string, files []string) error {
	for _, name := range files {
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := c.check(filepath.Base(name), string(page)); err != nil {
			return err
		}
	}
	for _, p := range pages {
		page, err := fetch(base, p.path)
		if err != nil {
			return err
		}
		if err := c.check(p.path, page); err != nil {
			return err
		}
		if p.follow == "" {
			continue
		}
		path := regexp.MustCompile(p.follow).FindString(page)
		if path == "" {
			return fmt.Errorf("%s has no link like %s", p.path, p.follow)
		}
		if page, err = fetch(base, path); err != nil {
			return err
		}
		if err := c.check(path, page); err != nil {
			return err
		}
	}
	return nil
}

// fetch gives a page with its style sheet within.
func fetch(base, path string) (string, error) {
	page, err := get(base + path)
	if err != nil {
		return "", err
	}
	link := regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)">`)
	if m := link.FindStringSubmatch(page); m != nil {
		style, err := get(base + html.UnescapeString(m[1]))
		if err != nil {
			return "", err
		}
		page = strings.Replace(page, m[0], "<style>"+style+"</style>", 1)
	}
	return page, nil
}

func get(url string) (string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

// call runs axe-core and writes what it found into the page's root element.
const call = `axe.run(document).then(r => document.documentElement.setAttribute("data-axe",
	JSON.stringify({passes: r.passes.length, violations: r.violations})));`

var outcome = regexp.MustCompile(`data-axe="([^"]*)"`)

func (c *checker) check(name, page string) error {
	c.pages++
	file := filepath.Join(c.work, "page.html")
	page = strings.Replace(page, "</body>", "<script>"+c.script+"</script><script>"+call+"</script></body>", 1)
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		return err
	}
	for _, screen := range screens {
		args := []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(c.work, "profile"),
			"--window-size=" + screen.size, "--virtual-time-budget=20000", "--dump-dom"}
		if screen.dark {
			args = append(args, "--blink-settings=preferredColorScheme=0")
		}
		dom, err := exec.Command(c.chromium, append(args, "file://"+file)...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", c.chromium, err)
		}
		m := outcome.FindSubmatch(dom)
		if m == nil {
			return fmt.Errorf("%s, %s: axe-core gave no outcome", name, screen.name)
		}
		var found struct {
			Passes     int         `json:"passes"`
			Violations []violation `json:"violations"`
		}
		if err := json.Unmarshal([]byte(html.UnescapeString(string(m[1]))), &found); err != nil {
			return err
		}
		c.passed += found.Passes
		c.violations += len(found.Violations)
		for _, v := range found.Violations {
			fmt.Printf("%s, %s: %s (%s): %s\n", name, screen.name, v.ID, v.Impact, v.Help)
			for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
				fmt.Printf("    %.160s\n", n.HTML)
			}
		}
	}
	return nil
}
