package ingest

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText gives the text of an HTML mail or page. Quoted replies (blockquotes, and the containers in which mail
// programs put them) are left out, unless quotes are wanted or the line before announces something passed on.
func htmlText(body string, quotes bool) string {
	w := htmlWriter{tokens: html.NewTokenizer(strings.NewReader(body)), quotes: quotes}
	w.b.Grow(len(body))
	w.run()
	return w.b.String()
}

type htmlWriter struct {
	tokens *html.Tokenizer
	b      strings.Builder
	quotes bool
	hidden []atom.Atom // elements whose text is not shown, from the outermost; nested ones of the same name too
	pre    int
	blank  bool // a blank is due before the next word
}

func (w *htmlWriter) run() {
	for {
		switch w.tokens.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if len(w.hidden) == 0 {
				w.text(string(w.tokens.Text()))
			}
		case html.StartTagToken:
			w.start(false)
		case html.SelfClosingTagToken:
			w.start(true)
		case html.EndTagToken:
			name, _ := w.tokens.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

func (w *htmlWriter) start(closed bool) {
	name, more := w.tokens.TagName()
	tag := atom.Lookup(name)
	unseen, quoted := false, tag == atom.Blockquote
	alt := ""
	for more {
		var key, value []byte
		key, value, more = w.tokens.TagAttr()
		switch string(key) {
		case "hidden":
			unseen = true
		case "style":
			style := strings.ToLower(strings.ReplaceAll(string(value), " ", ""))
			unseen = unseen || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
		case "class", "id":
			v := strings.ToLower(string(value))
			quoted = quoted || strings.Contains(v, "gmail_quote") || strings.Contains(v, "yahoo_quoted") ||
				strings.Contains(v, "moz-cite-prefix") || v == "divrplyfwdmsg" || strings.Contains(v, "protonmail_quote")
		case "alt":
			alt = string(value)
		}
	}
	if n := len(w.hidden); n > 0 && (w.hidden[n-1] == atom.P && isBlock(tag) || w.hidden[n-1] == atom.Head && tag == atom.Body) {
		w.hidden = w.hidden[:n-1] // HTML lets these two end without saying so
	}
	if len(w.hidden) > 0 {
		if !closed && tag == w.hidden[len(w.hidden)-1] {
			w.hidden = append(w.hidden, tag)
		}
		return
	}
	switch tag {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript, atom.Svg, atom.Math, atom.Iframe,
		atom.Object, atom.Textarea, atom.Select, atom.Audio, atom.Video, atom.Canvas:
		unseen = true
	}
	if quoted && !w.quotes && !announcesForward(w.previous()) {
		w.line()
		unseen = true
	}
	if unseen && !isVoid(tag) {
		if !closed {
			w.hidden = append(w.hidden, tag)
		}
		return
	}
	switch tag {
	case atom.Br:
		w.b.WriteByte('\n')
		w.blank = false
	case atom.P, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Pre, atom.Hr:
		w.paragraph()
	case atom.Li:
		w.line()
		w.b.WriteString("- ")
	case atom.Td, atom.Th:
		if w.current() != "" {
			w.b.WriteString(", ")
		}
		w.blank = false
	case atom.Img:
		if alt != "" && isEmoji(alt) {
			w.text(alt)
		}
	default:
		if isBlock(tag) {
			w.line()
		}
	}
	if tag == atom.Pre {
		w.pre++
	}
}

func (w *htmlWriter) end(tag atom.Atom) {
	if n := len(w.hidden); n > 0 {
		if w.hidden[n-1] == tag {
			w.hidden = w.hidden[:n-1]
		}
		return
	}
	switch tag {
	case atom.P, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Pre:
		w.paragraph()
	default:
		if isBlock(tag) {
			w.line()
		}
	}
	if tag == atom.Pre && w.pre > 0 {
		w.pre--
	}
}

// text writes words with HTML's rule for blanks: any run of them is one.
func (w *htmlWriter) text(s string) {
	if w.pre > 0 {
		w.b.WriteString(s)
		return
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r', '\f':
			w.blank = true
		default:
			if w.blank {
				w.b.WriteByte(' ')
				w.blank = false
			}
			w.b.WriteByte(c)
		}
	}
}

// line ends the line unless it is empty, paragraph leaves an empty one behind it.
func (w *htmlWriter) line() {
	w.blank = false
	if s := w.b.String(); s != "" && s[len(s)-1] != '\n' {
		w.b.WriteByte('\n')
	}
}

func (w *htmlWriter) paragraph() {
	w.line()
	if s := w.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		w.b.WriteByte('\n')
	}
}

// current is what stands on the line that is being written.
func (w *htmlWriter) current() string {
	s := w.b.String()
	s = s[max(0, len(s)-300):]
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// previous is the last line that isn't empty.
func (w *htmlWriter) previous() string {
	s := w.b.String()
	s = strings.TrimRight(s[max(0, len(s)-300):], "\n ")
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Area, atom.Base, atom.Col, atom.Embed, atom.Source,
		atom.Track, atom.Wbr:
		return true
	}
	return false
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Tr, atom.Pre,
		atom.Hr, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Main, atom.Nav, atom.Aside, atom.Address, atom.Figure, atom.Figcaption, atom.Form, atom.Fieldset, atom.Details,
		atom.Summary, atom.Body, atom.Center, atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption:
		return true
	}
	return false
}

// isEmoji says that an image's text stands for a character: mail programs send emoji as images.
func isEmoji(alt string) bool {
	runes := 0
	for _, r := range alt {
		if r < 0x2000 {
			return false
		}
		runes++
	}
	return runes > 0 && runes <= 8
}
