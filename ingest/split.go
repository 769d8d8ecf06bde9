package ingest

import (
	"strings"
	"unicode/utf8"
)

// The sizes of an excerpt in bytes. A passage on one thing that is longer is cut where it hurts least.
const (
	minExcerpt = 8
	maxExcerpt = 480
	maxHeading = 48 // of what only says that points follow
)

// Span is a part of a text: byte offsets, both on rune boundaries.
type Span struct{ Start, End int }

// Split finds the excerpts of a body that [Clean] and [Redact] made: verbatim spans that make one point each, in order,
// none touching another, none with a blank at its ends.
//
// What is said of one thing stays together over several sentences; a new excerpt starts where the text says that it
// turns to another point: a new speaker, an item of a list of points, "also", "separately", "second:", a turn from
// praise to a problem or back, two requests that share no word; in a message of two or three sentences, too, where a
// question or a wish brings its own matter. A sentence that makes two points ("love the board, but the sync loses jobs")
// is cut at the clause, and so is one whose clauses run on without a mark ("my card is lost how do I block it" is one
// point, "i want a new pin what time do you open" two). Greetings, thanks, small talk and sign-offs in English, German, Spanish
// and French are in no excerpt; a message of these alone has none. In doubt nothing is cut: a fragment that says
// nothing of its own is worse than an excerpt with two points.
func Split(body string) []Span {
	if strings.TrimSpace(body) == "" {
		return nil
	}
	sentences := segment(body)
	sentences = analyse(body, sentences)
	spans := make([]Span, 0, 4)
	parts := groups(body, sentences)
	for _, g := range parts {
		if len(parts) > 1 && len(g) == 1 && g[0].announces && g[0].end-g[0].start <= maxHeading {
			continue // "Two things:" says nothing itself
		}
		spans = appendPieces(spans, body, g)
	}
	return settle(body, spans)
}

// groups joins the sentences that make one point.
func groups(body string, sentences []sentence) [][]sentence {
	var out [][]sentence
	few := markOpenings(body, sentences)
	start, announced := 0, false
	for i := range sentences {
		s := &sentences[i]
		announced = announced || s.announces
		if i == start {
			continue
		}
		if s.turns(sentences[start:i], announced) || few > 0 && s.startsAfresh(sentences[start:i], few) {
			out = append(out, sentences[start:i])
			start = i
		}
	}
	if start < len(sentences) {
		out = append(out, sentences[start:])
	}
	return out
}

// appendPieces adds the excerpts of one group: as one span without the small talk at its edges, cut at sentences where it
// is too long.
func appendPieces(spans []Span, body string, g []sentence) []Span {
	for len(g) > 0 && g[0].talk {
		g = g[1:]
	}
	for len(g) > 0 && g[len(g)-1].talk {
		g = g[:len(g)-1]
	}
	if len(g) == 0 {
		return spans
	}
	if len(g) > 1 && g[0].announces && g[0].end-g[0].start <= maxHeading {
		g = g[1:]
	}
	start, end := g[0].start, g[len(g)-1].end
	if end-start <= maxExcerpt {
		return append(spans, Span{start, end})
	}
	if len(g) == 1 {
		return appendLong(spans, body, Span{start, end})
	}
	cut := weakest(g, start, end)
	return appendPieces(appendPieces(spans, body, g[:cut]), body, g[cut:])
}

// weakest gives the index of the sentence at which a long group is best cut: at a paragraph, where the words change,
// and not far from the middle.
func weakest(g []sentence, start, end int) int {
	best, at := -1e9, 1
	for i := 1; i < len(g); i++ {
		middle := float64(g[i].start-start)/float64(end-start) - 0.5
		score := -4 * middle * middle
		if g[i].paragraph != g[i-1].paragraph {
			score += 1
		}
		if g[i].continues {
			score -= 0.6
		}
		if shares(&g[i], g[:i]) {
			score -= 0.3
		}
		if score > best {
			best, at = score, i
		}
	}
	return at
}

// appendLong cuts one endless sentence at a clause or, failing that, at a blank.
func appendLong(spans []Span, body string, s Span) []Span {
	for s.End-s.Start > maxExcerpt {
		window := body[s.Start : s.Start+maxExcerpt]
		for !utf8.RuneStart(body[s.Start+len(window)]) {
			window = window[:len(window)-1]
		}
		cut := -1
		for _, mark := range []string{"\n", "; ", " - ", ", ", " "} {
			if i := strings.LastIndex(window, mark); i > maxExcerpt/3 {
				cut = i + len(mark)
				break
			}
		}
		if cut < 0 {
			cut = len(window)
		}
		spans = append(spans, Span{s.Start, s.Start + cut})
		s.Start += cut
	}
	return append(spans, s)
}

// settle trims the spans, and joins one that is too short to stand alone to its neighbour.
func settle(body string, spans []Span) []Span {
	out := spans[:0]
	for _, s := range spans {
		s = trim(body, s)
		if s.End <= s.Start {
			continue
		}
		n := len(out)
		if n > 0 && (s.End-s.Start < minExcerpt || out[n-1].End-out[n-1].Start < minExcerpt) && s.Start-out[n-1].End <= 3 && s.End-out[n-1].Start <= maxExcerpt {
			out[n-1].End = s.End
			continue
		}
		out = append(out, s)
	}
	if len(out) == 1 && !says(body[out[0].Start:out[0].End]) {
		return nil
	}
	return out
}

// says tells a short message from a key that was pressed by mistake: it has a word of three letters or digits, or an
// ideograph, or an emoji.
func says(text string) bool {
	run, letters := 0, 0
	for _, r := range text {
		switch {
		case r >= 0x2e80 && r < 0xfb00 || r >= 0x1f300:
			return true
		case isWordRune(r) || r >= 0x370:
			run++
			letters++
		case r >= '0' && r <= '9':
			run++
		default:
			run, letters = 0, 0
		}
		if run >= 3 && letters >= 2 {
			return true
		}
	}
	return false
}

// trim takes blanks, list marks and dangling punctuation from the ends.
func trim(body string, s Span) Span {
	for s.Start < s.End {
		r, size := utf8.DecodeRuneInString(body[s.Start:s.End])
		if r != ' ' && r != '\n' && r != ',' && r != ';' && r != ')' && r != '.' && r != ':' && r != '-' && r != '*' && r != '•' && r != '–' && r != '—' {
			break
		}
		if r == '-' && s.Start+1 < s.End && isDigit(body[s.Start+1]) {
			break
		}
		s.Start += size
	}
	for s.End > s.Start {
		r, size := utf8.DecodeLastRuneInString(body[s.Start:s.End])
		if r != ' ' && r != '\n' && r != ',' && r != ';' && r != '-' && r != '–' && r != '—' && r != '(' && r != ':' {
			break
		}
		s.End -= size
	}
	return s
}
