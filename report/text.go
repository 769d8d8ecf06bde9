package report

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/rivo/uniseg"
)

// TextOptions say how a document is written for a terminal.
type TextOptions struct {
	Width  int  // columns; 80 where it is 0, and never fewer than 60
	Colour bool // ANSI colours; none unless asked for
}

// Text writes the document for a terminal: the headline, the sentences, the topics with bars, and the lists. No control
// character of a customer's gets through.
func Text(doc *Document, opts TextOptions) []byte {
	if opts.Width == 0 {
		opts.Width = 80
	}
	w := &writer{width: max(60, opts.Width), colour: opts.Colour, view: newView(doc, Product)}
	w.front()
	w.topics()
	for _, s := range sections {
		list := w.unsaid(s.kinds...)
		if len(list) == 0 {
			continue
		}
		w.title(s.title)
		for _, f := range list {
			w.wrap("  ", "    ", textClaim(f.Claim))
		}
	}
	if len(w.Quotes) > 0 {
		w.title("In their own words")
		for _, q := range w.Quotes[:min(4, len(w.Quotes))] {
			cut := ""
			if q.Cut {
				cut = " …"
			}
			w.wrap("  ", "   ", "“"+isolate(display(q.Text, 1<<20))+"”"+cut)
			w.wrap("   ", "   ", w.dim(speaker(q.Quote)+", "+q.Cluster.String()))
		}
	}
	w.title("How this was made")
	for _, m := range method(w.view) {
		w.wrap("  ", "  ", m)
	}
	for _, n := range w.Notes {
		w.wrap("  ", "    ", fmt.Sprintf("%s: %s", n.Label, n.Value))
	}
	w.wrap("  ", "  ", "Snapshot "+doc.SnapshotHash[:min(12, len(doc.SnapshotHash))])
	return w.Bytes()
}

type writer struct {
	bytes.Buffer
	*view
	width  int
	colour bool
}

func (w *writer) paint(code, s string) string {
	if !w.colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (w *writer) bold(s string) string { return w.paint("1", s) }
func (w *writer) dim(s string) string  { return w.paint("2", s) }

func (w *writer) title(s string) { fmt.Fprintf(w, "\n%s\n", w.bold(s)) }

func (w *writer) front() {
	fmt.Fprintln(w, w.bold(display(w.heading(), 60)+" · Pulse"))
	w.wrap("", "", w.period()+comparedWith(w.view))
	fmt.Fprintf(w, "%s\n", strings.Repeat("─", w.width))
	for _, l := range fold(textClaim(w.doc.Headline), w.width) {
		fmt.Fprintln(w, w.bold(l))
	}
	w.WriteByte('\n')
	for _, c := range w.doc.Summary {
		label := orElse(kindLabels[c.Kind], "Overall")
		for i, l := range fold(textClaim(c), w.width-11) {
			if i > 0 {
				label = ""
			}
			fmt.Fprintf(w, "%s%s\n", w.dim(pad(label, 11)), l)
		}
	}
	w.WriteByte('\n')
	for _, f := range w.Figures {
		for i, l := range fold(f.Note, w.width-30) {
			head := pad(f.Label, 20) + pad(f.Value, 10)
			if i > 0 {
				head = pad("", 30)
			}
			fmt.Fprintln(w, strings.TrimRight(head+l, " "))
		}
	}
}

// topics writes the table: name, bar, share, change, sentiment, ARR.
func (w *writer) topics() {
	if len(w.Themes) == 0 {
		return
	}
	w.title("What customers talk about")
	const numbers, bars = 36, 10
	name := w.width - numbers - bars
	most := 0.0
	for _, t := range w.Themes {
		for _, r := range t.Rows {
			most = max(most, r.Stats.Share)
		}
	}
	fmt.Fprintln(w, w.dim(pad("", name+bars)+right("share", 8)+right("change", 11)+right("mood", 8)+right("ARR", 8)))
	for _, t := range w.Themes {
		fmt.Fprintln(w, w.bold(pad(display(themeName(t.Facts), 48), name+bars))+right(percent(t.Stats.Share), 8))
		for _, r := range t.Rows {
			change := ""
			if w.st.Comparable {
				change = strings.TrimSpace(arrow(r.Stats.Change, r.Stats.ShareTest) + " " + points(r.Stats.Change))
			}
			arr := ""
			if r.Facts.Now.ARR > 0 {
				arr = money(r.Facts.Now.ARR)
			}
			label := isolate(fit(display(clusterName(r.Facts), nameLimit), name-4))
			cell := right(change, 11)
			if r.Stats.ShareTest.Significant() {
				cell = w.bold(cell)
			}
			fmt.Fprintln(w, strings.TrimRight("  "+pad(label, name-2)+w.dim(pad(hbar(r.Stats.Share, most, bars-2), bars))+right(percent(r.Stats.Share), 8)+cell+
				right(felt(r.Facts.Now), 8)+right(arr, 8), " "))
		}
		if t.More > 0 {
			fmt.Fprintln(w, w.dim(fmt.Sprintf("  and %s with fewer items", counted(t.More, "topic"))))
		}
	}
}

// hbar draws a part of most with eighths of a block.
func hbar(x, most float64, width int) string {
	if most <= 0 {
		return ""
	}
	eighths := int(math.Round(x / most * float64(8*width)))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string(rune('█' + 8 - rest))
	}
	return bar
}

func textClaim(c Claim) string {
	var b strings.Builder
	for _, p := range c.Parts {
		if p.Kind == PartQuote {
			p.Text = display(p.Text, 1<<20)
		}
		if p.Kind == PartName || p.Kind == PartQuote {
			p.Text = isolate(p.Text)
		}
		b.WriteString(Claim{Parts: []Part{p}}.String())
	}
	return b.String()
}

func (w *writer) wrap(first, rest, s string) {
	for i, l := range fold(s, w.width-max(uniseg.StringWidth(first), uniseg.StringWidth(rest))) {
		if i == 0 {
			fmt.Fprintln(w, first+l)
		} else {
			fmt.Fprintln(w, rest+strings.TrimLeft(l, " "))
		}
	}
}

// fold breaks a text into lines of at most width columns, between words; a word longer than that stands alone.
func fold(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for i, word := range strings.SplitAfter(s, " ") {
		n := uniseg.StringWidth(strings.TrimRight(word, " "))
		if i > 0 && used+n > width && strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = "", 0
		}
		line += word
		used += uniseg.StringWidth(word)
	}
	return append(lines, strings.TrimRight(line, " "))
}

// fit cuts a text to width columns.
func fit(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	g, out, used := uniseg.NewGraphemes(s), "", 0
	for g.Next() && used+g.Width() < width {
		out += g.Str()
		used += g.Width()
	}
	return strings.TrimRight(out, " ") + "…"
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
}

func right(s string, width int) string {
	return strings.Repeat(" ", max(0, width-uniseg.StringWidth(s))) + s
}
