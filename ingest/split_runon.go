package ingest

import (
	"slices"
	"strings"
)

// appendRunOn adds a sentence, cut before each clause that runs on in it and makes another point: a question or a wish
// behind a clause that is complete; and, where the writer sets no marks at all (bare), an order or a statement on
// something else.
func appendRunOn(out []sentence, body string, s sentence, bare bool) []sentence {
	if s.words < 6 || s.end-s.start > 2*maxExcerpt {
		return append(out, s)
	}
	var room [maxTokens]token
	t := appendTokens(room[:0], body[s.start:s.end])
	base, from := s.start, 0
	for i := 2; i+2 < len(t); i++ {
		next := opensClause(t[i:])
		if next == noOpening || t[i].colon || !bare && (next == tellsOpening || next == ordersOpening) {
			continue
		}
		cut := i // where the second part begins, and where the first ends
		for cut > from && t[cut-1].tag&isAdding != 0 && (t[cut-1].tag&isPlease == 0 || next != asksOpening) {
			cut--
		}
		end := cut
		if end > from && t[end-1].tag&isAnd != 0 {
			cut, end = end-1, end-1
			if !tiesEquals(t[from:], t[i:], next, bare) {
				continue
			}
		}
		if next == wantsOpening && !bare && end-from < 5 {
			continue // "one wish, we would like"
		}
		if !isComplete(t[from:end], next, t[i:]) || !isApart(t[from:end], t[i:], next) {
			continue
		}
		first, second := s, s
		first.stems, second.stems = nil, nil
		first.end, second.start = base+t[end-1].end, base+t[cut].start
		first.read(body[first.start:first.end])
		second.read(body[second.start:second.end])
		if second.refers || second.continues || shares(&second, []sentence{first}) {
			continue
		}
		first.clause = s.clause
		second.item, second.bullet, second.clause = 0, false, true
		out = append(out, first)
		s, from, i = second, cut, i+1
	}
	return append(out, s)
}

// tiesEquals says that an "and" stands between two points, and not between what happened and what came of it: two
// questions, two things that are named outright, and two wishes where there are no marks.
func tiesEquals(left, right []token, next opening, bare bool) bool {
	switch next {
	case asksOpening:
		return true
	case wantsOpening:
		return bare
	case tellsOpening:
		return left[0].tag&right[0].tag&isDefinite != 0 && left[1].tag == 0 && right[1].tag == 0
	}
	return false
}

// isBare says that a sentence is written without marks: there is none within, and at its end only where it is a message
// of its own.
func isBare(body string, s *sentence) bool {
	text := body[s.start:s.end]
	last := text[len(text)-1]
	return !strings.ContainsAny(text[:len(text)-1], ".!?;:,(\"") &&
		(last != '.' && last != '!' && last != '?' || len(text)+16 > len(body))
}

// isComplete says that the words before an opening are a clause of their own, which does not wait for what follows.
func isComplete(left []token, next opening, right []token) bool {
	for len(left) > 0 && left[0].tag&isJoint != 0 && left[0].tag&(isCondition|isQuestion) == 0 {
		left = left[1:]
	}
	if len(left) < 3 {
		return len(left) == 2 && left[0].tag&isPronoun == 0 && left[1].tag&isVerb != 0 && next == asksOpening
	}
	last, before := left[len(left)-1].tag, left[len(left)-2].tag
	switch {
	case opensClause(left) != asksOpening && waits(left):
		return false
	case last&isPreposition != 0 && (last&isParticle == 0 || next == tellsOpening),
		last&(isArticle|isJoint|isQuestion|isSpeaker) != 0,
		last&isPronoun != 0 && before&isAuxiliary != 0,      // "could you"
		last&isAuxiliary != 0 && right[0].tag&isPlease == 0, // but "in May please"
		last&isManner != 0 && last&(isEnding|isPlease) == 0 && before&isJoint == 0,
		last&isEnding != 0 && before&isJoint != 0,
		last&isPerson != 0 && before&isTelling != 0,
		last&isEmbedder != 0:
		return false
	case (next == tellsOpening || next == ordersOpening) && (last&isVerb != 0 || last == 0 && isVerbPlace(before)),
		left[0].tag&isQuestion != 0 && left[0].tag&isBe == 0 && opensClause(left) == noOpening,
		next != asksOpening && (last&isRelated != 0 || before&isQuestion != 0):
		return false
	case (next == tellsOpening || next == wantsOpening) && right[0].tag&isPronoun != 0 && isRelative(right):
		return false
	}
	if opensClause(left) == asksOpening && left[0].tag&isBe == 0 {
		k := 0
		for k < len(left) && left[k].tag&isAuxiliary == 0 {
			k++
		}
		switch {
		case k == len(left) || left[k].tag&isBe != 0:
		case k+2 < len(left) && left[k+1].tag&isPronoun != 0 && left[k+2].tag&isManner == 0: // "can I park"
		default: // "can the search": the verb is still to come
			return hasVerb(left[k+1:])
		}
		return true
	}
	return hasVerb(left) || next == asksOpening && len(left) >= 4 && left[0].tag&(isPreposition|isJoint|isManner) == 0
}

// isVerbPlace says that the word behind one is likely to be a verb: "how do I fund", "what would cause".
func isVerbPlace(before grammar) bool {
	return before&isAuxiliary != 0 && before&isBe == 0 || before&isPronoun != 0 || before&isPreposition != 0 && before&isTo != 0
}

// waits says that a clause has begun which needs another one behind it: "if I cancel", but not "when will".
func waits(left []token) bool {
	from := 0
	for i := range left {
		if left[i].comma {
			from = i
		}
	}
	for _, i := range [2]int{0, from} {
		if left[i].tag&isCondition != 0 && i+1 < len(left) && left[i+1].tag&isAuxiliary == 0 {
			return true
		}
	}
	return false
}

func hasVerb(t []token) bool {
	for _, w := range t {
		if w.tag&(isAuxiliary|isVerb) != 0 {
			return true
		}
	}
	return false
}

// isRelative says that a clause may belong to the noun before it: "(the part) I ordered in March". It has a gap where
// its object should be.
func isRelative(right []token) bool {
	if right[0].tag&isSpeaker == 0 {
		return true
	}
	k := 1
	for k < len(right) && right[k].tag&(isVerb|isAuxiliary|isManner|isLiking) != 0 {
		k++
	}
	switch {
	case k == len(right):
		return true
	case right[k].tag&isArticle != 0, right[k-1].tag&isEmbedder != 0 && right[k].tag&isPronoun != 0:
		return false
	case right[k-1].tag&(isWanting|isLiking) != 0: // "I want to change my", not "(the steps) I need to do if"
		return k+2 >= len(right) || right[k+2].tag&(isJoint|isAuxiliary) != 0
	}
	return true
}

// isApart says that both sides of a cut speak of something, the right one of enough to stand alone.
func isApart(left, right []token, next opening) bool {
	least := 2
	if next == wantsOpening && !slices.ContainsFunc(right[:min(len(right), 3)], func(w token) bool { return w.tag&isNeed != 0 }) {
		least = 1 // what somebody needs is often the reason for what was said before
	}
	switch opensClause(left) {
	case asksOpening, wantsOpening, ordersOpening:
		least = 1
	}
	l, r := matter(left), matter(right)
	if right[0].tag&isOrder != 0 || right[0].tag&isPlease != 0 {
		r++ // the verb itself
	}
	if least == 2 && next == asksOpening && len(right) > 1 && right[0].tag&isAuxiliary != 0 && right[1].tag&isYou != 0 && right[1].tag&isPronoun != 0 {
		least = 3 // "can you look into it" is what the trouble before is told for
	}
	if next == tellsOpening {
		return l >= 1 && r >= 2 && (l >= 2 || least == 1)
	}
	return l >= 1 && r >= least
}

// matter counts the words that are in none of the closed classes, and no common verb.
func matter(t []token) int {
	n := 0
	for _, w := range t {
		if (w.tag == 0 || w.tag == isMeasured || w.tag&isRegular != 0) && w.end-w.start >= 3 {
			n++
		}
	}
	return n
}

// runOn cuts the sentences from the first on.
func runOn(out []sentence, body string, first int, bare bool) []sentence {
	var room [2]sentence
	for _, s := range append(room[:0], out[first:]...) {
		out = appendRunOn(out[:first], body, s, bare)
		first = len(out)
	}
	return out
}
