package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Markdown writes the document for wherever Markdown is read: a pull request, a wiki, a mail. Names and quotes are
// escaped, so that what a customer wrote is never markup.
func Markdown(doc *Document) []byte {
	v := newView(doc, Product)
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# %s\n", markdownClaim(doc.Headline))
	line("**%s**, %s%s\n", escape(display(v.heading(), nameLimit)), v.period(), comparedWith(v))
	for _, c := range doc.Summary {
		line("- **%s.** %s", orElse(kindLabels[c.Kind], "Overall"), markdownClaim(c))
	}
	line("")
	for _, f := range v.Figures {
		line("- %s: **%s** (%s)", f.Label, f.Value, escape(f.Note))
	}
	if len(v.Themes) > 0 {
		line("\n## What customers talk about\n")
		line("| Topic | Items | Share | Change | Certainty | Sentiment | Customers | ARR | Feature |")
		line("|---|--:|--:|--:|---|--:|--:|--:|---|")
		for _, t := range v.Themes {
			line("| **%s** | %s | %s | %s | | %s | %s | %s | |", escape(display(themeName(t.Facts), nameLimit)), grouped(t.Facts.Now.Items), percent(t.Stats.Share),
				comparedPoints(v, t.Stats.Change), felt(t.Facts.Now), grouped(t.Facts.Now.Customers), money(t.Facts.Now.ARR))
			for _, r := range t.Rows {
				feature, status := feature(v.s, &r.Facts)
				if feature != "" {
					feature = escape(display(feature, 40)) + ", "
				}
				line("| %s (%s) | %s | %s | %s | %s | %s | %s | %s | %s |", escape(display(clusterName(r.Facts), nameLimit)), r.Facts.ID, grouped(r.Facts.Now.Items),
					percent(r.Stats.Share), comparedPoints(v, r.Stats.Change), sureness(&r.Stats), felt(r.Facts.Now), grouped(r.Facts.Now.Customers),
					money(r.Facts.Now.ARR), feature+status)
			}
		}
		if v.Left > 0 {
			line("\nNot in the table: %s, the smallest.", counted(v.Left, "topic"))
		}
	}
	for _, s := range sections {
		list := v.unsaid(s.kinds...)
		if len(list) == 0 {
			continue
		}
		line("\n## %s\n", s.title)
		for _, f := range list {
			line("- %s", markdownClaim(f.Claim))
		}
	}
	if len(v.Quotes) > 0 {
		line("\n## In their own words\n")
		for _, q := range v.Quotes {
			cut := ""
			if q.Cut {
				cut = " …"
			}
			line("> “%s”%s  \n> — %s, about %s\n", escape(display(q.Text, 400)), cut, escape(speaker(q.Quote)), q.Cluster)
		}
	}
	line("\n## How this was made\n")
	for _, m := range method(v) {
		line("%s\n", escape(m))
	}
	for _, n := range v.Notes {
		line("- %s: %s; %s", escape(n.Label), n.Value, escape(n.Note))
	}
	line("\nSnapshot `%s`", doc.SnapshotHash)
	return b.Bytes()
}

// sections are the findings as lists, for the forms without a page.
var sections = []struct {
	title string
	kinds []FindingKind
}{
	{"Emerging", []FindingKind{Emerging, Forming}},
	{"Moving", []FindingKind{Rising, Climbing, Tone, Fading, Praise}},
	{"What shipped, and what it did", []FindingKind{Shipped}},
	{"What to build next", []FindingKind{Build}},
	{"Revenue at stake", []FindingKind{Stake, Call}},
	{"Needs without a feature", []FindingKind{Unmet}},
	{"Also worth knowing", []FindingKind{Loud, Segment}},
}

func comparedWith(v *view) string {
	if !v.st.Comparable {
		return ""
	}
	return ", compared with " + v.previous()
}

func comparedPoints(v *view, change float64) string {
	if !v.st.Comparable {
		return ""
	}
	return points(change)
}

func markdownClaim(c Claim) string {
	var b strings.Builder
	for _, p := range c.Parts {
		switch p.Kind {
		case PartName:
			b.WriteString("**" + escape(p.Text) + "**")
		case PartQuote:
			b.WriteString("“" + escape(display(p.Text, 1<<20)) + "”")
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// escape takes the meaning from Markdown's signs, and from HTML's, which Markdown passes through. What reads from right
// to left is set apart, so that it does not turn the line around it.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]()#|!~>", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return isolate(b.String())
}

var rightToLeft = []*unicode.RangeTable{unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko}

// isolate wraps text that holds right-to-left script in U+2068 and U+2069.
func isolate(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return slices.ContainsFunc(rightToLeft, func(t *unicode.RangeTable) bool { return unicode.Is(t, r) })
	}) {
		return s
	}
	return "\u2068" + s + "\u2069"
}
