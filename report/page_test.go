package report

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"earshot/feedback"
)

var update = flag.Bool("update", false, "write the golden files anew")

func page(t testing.TB, s feedback.Snapshot, opts Options) []byte {
	t.Helper()
	data, err := HTML(draft(t, s), opts)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGoldenPulses(t *testing.T) {
	for _, f := range fixtures() {
		doc := draft(t, f.snapshot)
		forms := map[string][]byte{"md": Markdown(doc), "txt": Text(doc, TextOptions{})}
		if f.name == "fieldwork" || f.name == "hostile" {
			forms["html"] = page(t, f.snapshot, Options{})
		}
		for ext, got := range forms {
			path := filepath.Join("testdata", f.name+"."+ext)
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs from what is kept; look at it, and run the test with -update", path)
			}
		}
	}
}

func TestTheSameFactsGiveTheSameBytes(t *testing.T) {
	for _, f := range fixtures() {
		once := draft(t, f.snapshot)
		kept := again(t, once)
		for name, render := range map[string]func(*Document) []byte{
			"HTML":     func(d *Document) []byte { b, _ := HTML(d, Options{}); return b },
			"served":   func(d *Document) []byte { b, _ := HTML(d, Options{BaseURL: "/"}); return b },
			"Markdown": Markdown,
			"Text":     func(d *Document) []byte { return Text(d, TextOptions{Width: 100, Colour: true}) },
			"JSON":     func(d *Document) []byte { b, _ := JSON(d); return b },
		} {
			if !bytes.Equal(render(once), render(kept)) {
				t.Errorf("%s: %s of the kept document differs", f.name, name)
			}
		}
	}
}

// walk visits every element of a page.
func walk(t *testing.T, data []byte, visit func(n *html.Node)) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestPagesNeedNothingElseAndBreakNothing(t *testing.T) {
	for _, f := range fixtures() {
		for _, opts := range []Options{{}, {BaseURL: "/"}} {
			ids, links := map[string]int{}, []string{}
			level, count := 0, map[string]int{}
			walk(t, page(t, f.snapshot, opts), func(n *html.Node) {
				count[n.Data]++
				for _, a := range n.Attr {
					if a.Key == "style" || a.Key == "src" || a.Key == "srcset" || strings.HasPrefix(a.Key, "on") {
						t.Errorf("%s: <%s %s=%q>", f.name, n.Data, a.Key, a.Val)
					}
				}
				if id := attr(n, "id"); id != "" {
					ids[id]++
				}
				switch n.Data {
				case "a":
					links = append(links, attr(n, "href"))
				case "script", "iframe", "img", "link", "object", "base", "form":
					t.Errorf("%s: the page has a <%s>", f.name, n.Data)
				case "h1", "h2", "h3":
					next := int(n.Data[1] - '0')
					if next > level+1 {
						t.Errorf("%s: <%s> follows level %d", f.name, n.Data, level)
					}
					level = next
				case "table":
					if n.FirstChild == nil || !slices.ContainsFunc(slices.Collect(n.ChildNodes()), func(c *html.Node) bool { return c.Data == "caption" }) {
						t.Errorf("%s: a table without a caption", f.name)
					}
				case "html":
					if attr(n, "lang") == "" {
						t.Errorf("%s: no language", f.name)
					}
				case "svg":
					if attr(n, "aria-hidden") == "" && attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
						t.Errorf("%s: a chart without words", f.name)
					}
				}
			})
			for _, tag := range []string{"header", "main", "footer", "h1", "title"} {
				if tag != "title" && count[tag] != 1 {
					t.Errorf("%s: %d <%s>", f.name, count[tag], tag)
				}
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("%s: id %q stands %d times", f.name, id, n)
				}
			}
			for _, href := range links {
				fragment, own := strings.CutPrefix(href, "#")
				switch {
				case own && ids[fragment] == 0:
					t.Errorf("%s: nothing stands at %q", f.name, href)
				case !own && (opts.BaseURL == "" || !servedLink.MatchString(href)):
					t.Errorf("%s: a link to %q", f.name, href)
				}
			}
		}
	}
}

var servedLink = regexp.MustCompile(`^/(clusters/C\d+|excerpts/[0-9a-f-]{36}#e-[0-9a-f-]{36})$`)

func TestServedPagesLinkToTheServer(t *testing.T) {
	data := string(page(t, fieldwork(), Options{
		BaseURL: "https://earshot.example/", Workspace: "acme",
		Nav: []NavLink{{Text: "Topics", Href: "/clusters?workspace=acme"}},
	}))
	quote := fieldwork().Clusters[0].Quotes[0].Excerpt.String()
	for _, want := range []string{
		`href="https://earshot.example/clusters/C1?workspace=acme"`,
		`href="https://earshot.example/excerpts/` + quote + `?workspace=acme#e-` + quote + `"`,
		`<a href="/clusters?workspace=acme">Topics</a>`,
	} {
		if !strings.Contains(data, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(data, `<article id="C1"`) {
		t.Error("a served page carries the evidence of its topics too")
	}
	if !strings.Contains(data, `<article id="`+fieldwork().Forming.Groups[0].ID+`"`) {
		t.Error("a served page has no evidence of what forms, which has no page of its own")
	}
}

func TestEveryNumberAndQuoteOfTheProseHasALink(t *testing.T) {
	doc := draft(t, fieldwork())
	data := string(page(t, fieldwork(), Options{}))
	for _, c := range append([]Claim{doc.Headline}, doc.Summary...) {
		for _, p := range c.Parts {
			if p.Kind == PartNumber && !regexp.MustCompile(`<a class="num" href="#[^"]+">`+regexp.QuoteMeta(p.Text)+`</a>`).MatchString(data) {
				t.Errorf("%q has no link", p.Text)
			}
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	s := hostile()
	data := string(page(t, s, Options{}))
	for _, bad := range []string{"<script>alert", "<img src=x", "\x1b", "\u202e"} {
		if strings.Contains(data, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(data, "an endless name"); n == 0 || !strings.Contains(data, `title="`+strings.TrimSpace(strings.Repeat("an endless name ", 190))) {
		t.Errorf("a long name is clipped and keeps its whole text as a title")
	}
	doc := draft(t, s)
	text := string(Text(doc, TextOptions{}))
	if strings.ContainsAny(text, "\x1b\r\t\u202e\u2067") {
		t.Error("a control character reaches the terminal")
	}
	if !strings.Contains(string(Text(doc, TextOptions{Colour: true})), "\x1b[1m") {
		t.Error("no colour when asked for")
	}
	md := string(Markdown(doc))
	for _, bad := range []string{"<script", "<b>", "[link](", "**bold**", "\x1b"} {
		if strings.Contains(md, bad) {
			t.Errorf("the Markdown holds %q", bad)
		}
	}
}

func TestTextKeepsToItsWidth(t *testing.T) {
	for _, width := range []int{0, 60, 100} {
		for _, l := range strings.Split(string(Text(draft(t, fieldwork()), TextOptions{Width: width})), "\n") {
			if n := len([]rune(l)); n > max(60, width) && (width > 0 || n > 80) {
				t.Errorf("width %d: %d columns: %s", width, n, l)
			}
		}
	}
}

// crowd is a large workspace: twenty themes, a hundred clusters, many quotes.
func crowd() feedback.Snapshot {
	topics := make([]topic, 100)
	for i := range topics {
		topics[i] = topic{name: fmt.Sprintf("something that people say, number %d of them", i), theme: fmt.Sprintf("theme %d", i%20), negative: 0.5, kind: feedback.KindBug, customers: 8, arr: 40000,
			segments: map[string]int{"enterprise": 4, "small": 3}}
		for w := range topics[i].weekly {
			topics[i].weekly[w] = 3 + (i*7+w*3)%9
		}
		for q := range 12 {
			topics[i].quotes = append(topics[i].quotes, strings.Repeat(fmt.Sprintf("Quote %d of topic %d goes on for a while. ", q, i), 9))
		}
	}
	return workspace("crowd", topics)
}

func TestTwentyThemesStayUnder300KB(t *testing.T) {
	data := page(t, crowd(), Options{})
	t.Logf("20 themes, 100 clusters: %d KB", len(data)/1000)
	if len(data) > 300_000 {
		t.Errorf("the page has %d bytes", len(data))
	}
}

func TestColoursHaveContrast(t *testing.T) {
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\n\s*\}`).FindAllStringSubmatch(palette+pulseStyle, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d colour schemes, want light, dark and print", len(blocks))
	}
	for i, block := range blocks {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{3,6})`).FindAllStringSubmatch(block[1], -1) {
			colours[m[1]] = m[2]
		}
		for _, c := range []struct {
			name string
			want float64
		}{{"ink", 7}, {"soft", 4.5}, {"worse", 4.5}, {"better", 4.5}, {"mark", 3}} {
			if got := contrast(t, colours[c.name], colours["paper"]); got < c.want {
				t.Errorf("scheme %d: %s on paper has %.2f, want %.1f", i, c.name, got, c.want)
			}
		}
	}
}

// contrast is that of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		hex = strings.TrimPrefix(hex, "#")
		if len(hex) == 3 {
			hex = strings.Repeat(hex[:1], 2) + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:], 2)
		}
		var l float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		return l
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func BenchmarkSnapshotToHTML(b *testing.B) {
	s := crowd()
	for b.Loop() {
		page(b, s, Options{})
	}
}
