package ingest

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// markdown reads GitHub's flavour: tables, strike-through, bare links.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList))
})

// maxBlock is the most bytes that are read as one piece of Markdown: brackets that open and never close cost the square
// of their number.
const maxBlock = 8 << 10

// markdownText gives the text of a Markdown document: the words of links and images, code as it stands, list items
// behind a hyphen. Block quotes are left out, unless quotes are wanted or the line before announces something passed on.
func markdownText(body string, quotes bool) string {
	if len(body) <= maxBlock {
		return markdownBlock(body, quotes)
	}
	var b strings.Builder
	for body != "" {
		end := len(body)
		if end > maxBlock {
			end = maxBlock
			if i := strings.LastIndex(body[:end], "\n\n"); i > 0 {
				end = i + 2
			} else if i := strings.LastIndexAny(body[:end], "\n "); i > 0 {
				end = i + 1
			} else {
				for end > 1 && !utf8.RuneStart(body[end]) {
					end--
				}
			}
		}
		b.WriteString(markdownBlock(body[:end], quotes))
		b.WriteByte('\n')
		body = body[end:]
	}
	return b.String()
}

func markdownBlock(body string, quotes bool) string {
	if strings.Count(body, "](") > maxBlock/32 {
		return body // more links than there is room for: no Markdown, and dear to read
	}
	source := []byte(body)
	w := markdownWriter{source: source, quotes: quotes}
	w.b.Grow(len(body))
	_ = ast.Walk(markdown().Parser().Parse(text.NewReader(source)), w.visit) // visit returns no error
	return w.b.String()
}

type markdownWriter struct {
	source []byte
	b      strings.Builder
	quotes bool
}

func (w *markdownWriter) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	switch n := n.(type) {
	case *ast.Text:
		if entering {
			w.b.Write(n.Segment.Value(w.source))
			switch {
			case n.HardLineBreak():
				w.b.WriteByte('\n')
			case n.SoftLineBreak():
				// People press Enter to start a line, whatever Markdown makes of it.
				w.b.WriteByte('\n')
			}
		}
	case *ast.String:
		if entering {
			w.b.Write(n.Value)
		}
	case *ast.AutoLink:
		if entering {
			w.b.Write(n.URL(w.source))
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		if entering {
			w.paragraph()
			w.lines(n)
		} else {
			w.paragraph()
		}
		return ast.WalkSkipChildren, nil
	case *ast.HTMLBlock:
		if entering {
			var raw strings.Builder
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				raw.Write(line.Value(w.source))
			}
			w.paragraph()
			w.b.WriteString(htmlText(raw.String(), w.quotes))
			w.paragraph()
		}
		return ast.WalkSkipChildren, nil
	case *ast.RawHTML:
		return ast.WalkSkipChildren, nil
	case *ast.Blockquote:
		if entering && !w.quotes && !announcesForward(w.previous()) {
			return ast.WalkSkipChildren, nil
		}
		w.paragraph()
	case *ast.ListItem:
		w.line()
		if entering {
			w.b.WriteString("- ")
		}
	case *east.TableCell:
		if entering && n.PreviousSibling() != nil {
			w.b.WriteString(", ")
		}
	case *east.TableRow, *east.TableHeader, *ast.TextBlock:
		if !entering {
			w.line()
		}
	case *ast.Paragraph, *ast.Heading, *ast.List, *ast.ThematicBreak, *east.Table:
		if n.Parent() != nil && n.Parent().Kind() == ast.KindListItem {
			if !entering {
				w.line()
			}
		} else {
			w.paragraph()
		}
	}
	return ast.WalkContinue, nil
}

func (w *markdownWriter) lines(n ast.Node) {
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		w.b.Write(line.Value(w.source))
	}
}

func (w *markdownWriter) line() {
	if s := w.b.String(); s != "" && s[len(s)-1] != '\n' && !strings.HasSuffix(s, "\n- ") {
		w.b.WriteByte('\n')
	}
}

func (w *markdownWriter) paragraph() {
	w.line()
	if s := w.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") && !strings.HasSuffix(s, "- ") {
		w.b.WriteByte('\n')
	}
}

func (w *markdownWriter) previous() string {
	s := w.b.String()
	s = strings.TrimRight(s[max(0, len(s)-300):], "\n ")
	return s[strings.LastIndexByte(s, '\n')+1:]
}
