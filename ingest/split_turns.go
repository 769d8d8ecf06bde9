package ingest

import (
	"slices"
	"strings"
)

// analyse finds out what each sentence is, cuts those that make two points, and settles what the lists are.
func analyse(body string, sentences []sentence) []sentence {
	out := make([]sentence, 0, len(sentences)+2)
	opening := true // nothing but small talk so far
	for i := range sentences {
		s := sentences[i]
		s.read(body[s.start:s.end])
		skip := greetingLength(body[s.start:s.end])
		if skip > 0 && s.start+skip < s.end {
			s.start += skip
			s.read(body[s.start:s.end])
		}
		s.talk = s.item == 0 && (isSmallTalk(body[s.start:s.end], opening) || i == 0 && len(sentences) > 1 && isLine(body, s) && isNameLine(body[s.start:s.end]))
		if s.talk {
			out = append(out, s)
			continue
		}
		opening = false
		announced := len(out) > 0 && i >= len(sentences)-2 && out[len(out)-1].announces || s.announces
		first := len(out)
		out = appendClauses(out, body, s, announced)
		out = runOn(out, body, first, isBare(body, &s))
	}
	markLists(body, out)
	markNames(body, out)
	return out
}

// markNames finds a signature that no sign-off announces: a last paragraph of a name and, at most, three short lines.
func markNames(body string, s []sentence) {
	for len(s) > 0 && s[len(s)-1].talk {
		s = s[:len(s)-1]
	}
	first := len(s)
	for first > 0 && !s[first-1].talk && s[first-1].paragraph == s[len(s)-1].paragraph {
		first--
	}
	if markTitles(body, s, first) {
		return
	}
	if n := len(s) - first; n == 0 || n > 4 || first == 0 || !isNameLine(body[s[first].start:s[first].end]) {
		return
	}
	for i := first; i < len(s); i++ {
		text := body[s[i].start:s[i].end]
		if !isLine(body, s[i]) || len(text) > 60 || strings.ContainsAny(text[len(text)-1:], ".!?:") && !isPlaceholders(text) {
			return
		}
	}
	for i := first; i < len(s); i++ {
		s[i].talk = true
	}
}

// markTitles finds what stands below a name in a sign-off: one to three lines without a verb, such as a post or a place.
func markTitles(body string, s []sentence, first int) bool {
	n := len(s) - first
	if n == 0 || n > 3 || first < 2 || !s[first-1].talk || s[first-1].paragraph != s[first].paragraph || s[0].talk && first < 3 {
		return false
	}
	for i := first; i < len(s); i++ {
		text := body[s[i].start:s[i].end]
		var room [maxTokens]token
		t := appendTokens(room[:0], text)
		if !isLine(body, s[i]) || len(t) > 5 || strings.ContainsAny(text[len(text)-1:], ".!?:") || hasVerb(t) {
			return false
		}
	}
	for i := first; i < len(s); i++ {
		s[i].talk = true
	}
	return true
}

// markLists decides which lists are lists of points: those that are announced as such, and those whose items are as
// long as a point. Steps, symptoms and examples belong to the sentence above them.
func markLists(body string, s []sentence) {
	for i := 0; i < len(s); {
		if s[i].item == 0 && !s[i].bullet {
			i++
			continue
		}
		// A list: items, and the sentences that follow within an item.
		end, items, long := i, 0, 0
		for end < len(s) && (s[end].item > 0 || s[end].bullet || s[end].paragraph == s[i].paragraph && end > i && !s[end].talk && s[end-1].paragraph == s[end].paragraph) {
			if s[end].item > 0 || s[end].bullet {
				items++
				stop := end + 1
				for stop < len(s) && s[stop].item == 0 && !s[stop].bullet && s[stop].paragraph == s[end].paragraph {
					stop++
				}
				if s[stop-1].end-s[end].start >= 48 {
					long++
				}
			}
			end++
		}
		// Items may be paragraphs of their own.
		for end < len(s) && s[end].item == items+1 {
			items++
			if s[end].end-s[end].start >= 48 {
				long++
			}
			end++
			for end < len(s) && s[end].item == 0 && !s[end].bullet && s[end].paragraph == s[end-1].paragraph {
				end++
			}
		}
		intro := ""
		if i > 0 {
			intro = body[s[i-1].start:s[i-1].end]
		}
		points := !namesSteps(intro) && (i > 0 && s[i-1].announces || long*2 > items || items <= 3 && long*2 >= items || namesPoints(intro) || arePoints(body, s[i:end]))
		if items < 2 {
			points = false
		}
		if points && i > 0 && namesPoints(intro) {
			s[i-1].announces = true
		}
		for k := i; k < end; k++ {
			if !points {
				s[k].item, s[k].bullet = 0, false
				if k > i || i > 0 {
					s[k].continues = true
				}
			} else if s[k].bullet && s[k].item == 0 {
				s[k].item = k - i + 1
			}
		}
		i = max(end, i+1)
	}
}

// namesPoints says that a list behind a heading such as "Wish list" or "Feedback from the crew:" is one of points.
func namesPoints(intro string) bool {
	if len(intro) > 48 {
		return false
	}
	for word := range wordsOf(intro) {
		var room [32]byte
		switch lower := lowerInto(room[:0], word); {
		case lexicon[string(lower)]&isPoint != 0, listNames[string(lower)]:
			return true
		}
	}
	return false
}

var listNames = wordSet(`wish list wishlist feedback pros cons likes dislikes requests improvements missing feature features kritik wunschliste verbesserungen avis souhaits mejoras`)

// arePoints says that most items of a list are statements on a thing, questions or requests, each for itself: what a
// list of points has, and one of steps or examples has not.
func arePoints(body string, list []sentence) bool {
	items, points := 0, 0
	for i := range list {
		if list[i].item == 0 && !list[i].bullet {
			continue
		}
		items++
		text := body[list[i].start:list[i].end]
		if _, size := enumerator(text); size > 0 {
			text = text[size:]
		}
		var room [maxTokens]token
		t := appendTokens(room[:0], text)
		if len(t) < 3 {
			continue
		}
		switch open := opensClause(t); {
		case open == asksOpening, open == wantsOpening, t[0].tag&(isDefinite|isManner) != 0,
			t[0].tag&(isSpeaker|isVerb|isOrder) == 0 && hasBe(t):
			points++
		}
	}
	return 2*points > items
}

func hasBe(t []token) bool {
	return slices.ContainsFunc(t, func(w token) bool { return w.tag&isBe != 0 })
}

// namesSteps says that the list behind a sentence is one of steps, examples or details.
func namesSteps(intro string) bool {
	lower := strings.ToLower(intro)
	for _, w := range []string{"step", "reproduc", "repro", "schritt", "étape", "pasos", "as follows", "for example", "e.g", "tried", "what i did", "how to",
		"zum beispiel", "par exemple", "por ejemplo", "details", "concretely", "konkret"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// lookBack is how many sentences of a point are compared with the next one.
const lookBack = 32

// turns says that a sentence starts another point than the sentences g before it make.
func (s *sentence) turns(g []sentence, announced bool) bool {
	g = g[max(0, len(g)-lookBack):]
	last := &g[len(g)-1]
	if s.speaker != last.speaker {
		return true
	}
	if s.talk || last.talk {
		return s.talk != last.talk && (s.talk || substance(g) == 0)
	}
	if isPreamble(g) {
		return false
	}
	switch {
	case s.item > 0 || s.clause:
		return true
	case onlyIntro(g):
		return s.item > 0
	case s.adds == strong:
		return true
	case announced && substance(g) > 0 && !s.continues && s.paragraph != last.paragraph:
		return true
	case s.continues && s.adds == none && !s.contrasts:
		return false
	}
	if s.adds == weak {
		return !s.refers && s.words >= 5 && (s.paragraph != last.paragraph || !shares(s, g))
	}
	mood := moodOf(g)
	switch {
	case mood == praise && s.contrasts && s.words >= 4 && spoken(g) >= 3 && !s.refers:
		return true
	case mood == praise && s.troubled() && s.words >= 4 && spoken(g) >= 5 && (s.contrasts || !s.refers && !shares(s, g)):
		return true
	case mood == trouble && s.mood == praise && s.words >= 5 && !s.refers && !shares(s, g):
		return true
	case s.requests && requested(g) && !s.contrasts && !s.refers && !s.continues && (len(s.stems) >= 2 || s.words >= 7) && !shares(s, g):
		return true
	}
	return false
}

// substance counts the sentences that say something.
func substance(g []sentence) int {
	n := 0
	for i := range g {
		if !g[i].talk && !g[i].announces {
			n++
		}
	}
	return n
}

// isLine says that a sentence has its lines to itself.
func isLine(body string, s sentence) bool {
	return (s.start == 0 || body[s.start-1] == '\n') && (s.end == len(body) || body[s.end] == '\n')
}

func onlyIntro(g []sentence) bool { return substance(g) == 0 }

// isPreamble says that all that was said so far is who met whom: it belongs to the point that follows.
func isPreamble(g []sentence) bool {
	for i := range g {
		if g[i].mood != neutral || g[i].asks || g[i].item > 0 || g[i].adds == strong || g[i].clause {
			return false
		}
	}
	return g[0].start < 48 && (spoken(g) <= 3 || spoken(g) <= 16 && g[0].meets)
}

// requested says that a group is nothing but requests.
func requested(g []sentence) bool {
	for i := range g {
		if !g[i].requests || g[i].words < 4 {
			return false
		}
	}
	return true
}

// spoken counts the words of a group.
func spoken(g []sentence) int {
	n := 0
	for i := range g {
		n += g[i].words
	}
	return n
}

func moodOf(g []sentence) mood {
	m := neutral
	for i := range g {
		switch g[i].mood {
		case praise:
			if m == neutral {
				m = praise
			}
		case trouble:
			m = trouble
		}
	}
	return m
}

// shares says that a sentence has a word of content with those before it.
func shares(s *sentence, g []sentence) bool {
	for i := max(0, len(g)-lookBack/2); i < len(g); i++ {
		for _, a := range s.stems {
			for _, b := range g[i].stems {
				if a == b {
					return true
				}
			}
		}
	}
	return false
}
