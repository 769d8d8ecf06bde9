package ingest

import "strings"

// token is one word of a sentence.
type token struct {
	start, end int // bytes of the sentence
	tag        grammar
	comma      bool // a mark stands before it
	colon      bool // it is a colon
}

// maxTokens bounds how far a sentence is read for the clauses that run on in it.
const maxTokens = 96

// appendTokens reads the words of a sentence.
func appendTokens(out []token, text string) []token {
	var room [32]byte
	last := 0
	for word := range wordsOf(text) {
		if len(out) == maxTokens {
			break
		}
		at := last + strings.Index(text[last:], word)
		t := token{start: at, end: at + len(word), comma: strings.ContainsAny(text[last:at], ",;:-(")}
		t.colon = t.comma && strings.IndexByte(text[last:at], ':') >= 0
		lower := lowerInto(room[:0], word)
		t.tag = grammarOf[string(lower)]
		if t.tag == 0 && len(lower) >= 5 && string(lower[len(lower)-2:]) == "ed" {
			t.tag = isVerb | isRegular
		}
		out = append(out, t)
		last = t.end
	}
	return out
}

// opening is how a clause opens.
type opening uint8

const (
	noOpening     opening = iota
	asksOpening           // a question: its verb stands before its subject
	wantsOpening          // I want, we need
	ordersOpening         // send me, cancel my
	tellsOpening          // a statement: a subject and its verb
)

// opensClause says what kind of clause opens with the words, if one does. It knows only those whose first words leave
// little doubt, and reads no further than the next comma.
func opensClause(t []token) opening {
	for k := 1; k < len(t); k++ {
		if t[k].comma {
			t = t[:k]
		}
	}
	if len(t) < 3 {
		return noOpening
	}
	first, second := t[0].tag, t[1].tag
	switch {
	case first&isQuestion != 0 && first&isBe != 0 && second&isArticle != 0:
		return asksOpening
	case first&isQuestion != 0:
		return questionOpening(t)
	case (first|second)&isVerbSecond != 0 && first&isAuxiliary != 0, first&isBe != 0 && second&isSomeone != 0:
		return noOpening
	case first&isAuxiliary != 0 && second&isThere != 0 && t[2].tag&^isArticle != 0: // "the switch is there but"
		return noOpening
	case first&isAuxiliary != 0 && second&isPronoun != 0 && second&isVerb == 0,
		first&isAuxiliary != 0 && first&isBe == 0 && second&isDefinite != 0 && len(t) >= 4 && (first&isOwning == 0 || first&isVerb == 0 && second&isYou != 0):
		return asksOpening
	case first&isPlease != 0 && second&isOrder != 0:
		return wantsOpening
	case first&isOrder != 0 && (second&isArticle != 0 || second&isPerson != 0):
		return ordersOpening
	case first&isSpeaker != 0 || first&isPronoun != 0 && (first|second)&(isAuxiliary|isVerb) != 0:
		return speakerOpening(t)
	case first&isDefinite != 0:
		return subjectOpening(t)
	}
	return noOpening
}

// questionOpening knows "how do I", "what time is it", "which documents do I": the verb before the subject. Words that
// open relative clauses too ("which was", "when the van is") must have both right behind them.
func questionOpening(t []token) opening {
	relative := t[0].tag&isJoint != 0
	for k := 1; k < min(len(t), 4); k++ {
		switch tag := t[k].tag; {
		case tag&isAuxiliary != 0:
			subject := k+1 < len(t) && t[k+1].tag&(isPronoun|isArticle) != 0
			if relative && !(subject && (k == 1 || k == 2 && t[k+1].tag&isPronoun != 0)) || !relative && k > 1 && !subject && t[1].tag&isMeasured == 0 {
				return noOpening
			}
			return asksOpening
		case tag&isVerb != 0 && tag&isPronoun == 0 && k == 1 && (t[0].tag&isThing != 0 || !relative && t[2].tag&isArticle != 0): // "what happens to", "wann kommt mein"
			return asksOpening
		case tag&(isPronoun|isArticle|isPreposition|isJoint|isVerb) != 0 && tag&isMeasured == 0:
			return noOpening
		}
	}
	return noOpening
}

// speakerOpening knows "I would like", "we just lost", "it keeps", "I'm waiting".
func speakerOpening(t []token) opening {
	k := 1
	for k < min(3, len(t)-2) && t[k].tag&isManner != 0 && t[k].tag&(isWanting|isVerb|isAuxiliary) == 0 {
		k++
	}
	switch tag := t[k].tag; {
	case t[0].tag&isSpeaker != 0 && (tag&isWanting != 0 || t[0].tag&isWould != 0 && tag&isLiking != 0 || tag&isWould != 0 && t[k+1].tag&isLiking != 0):
		return wantsOpening
	case t[0].tag&isVerb != 0, tag&(isVerb|isAuxiliary) != 0:
		return tellsOpening
	}
	return noOpening
}

// subjectOpening knows "my screen is", "the reset mail goes to": a noun phrase and its verb.
func subjectOpening(t []token) opening {
	for k := 2; k < min(len(t), 8); k++ {
		tag := t[k].tag
		if tag&isArticle != 0 && t[k-1].tag&isPreposition != 0 { // "the dryer in the gym is"
			continue
		}
		if tag&isAuxiliary != 0 || tag&isVerb != 0 && tag&isOrder == 0 {
			return tellsOpening
		}
		if tag&(isPronoun|isArticle|isJoint|isQuestion) != 0 || tag&isPreposition != 0 && k > 3 {
			return noOpening
		}
	}
	return noOpening
}
