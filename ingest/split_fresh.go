package ingest

// fewSentences is how long a message is that may make a point a sentence. A longer one tells a story, in which a question
// or a wish is about what was told.
const fewSentences = 3

// markOpenings finds out how the sentences of a short message open, and gives their number; 0 for a longer one.
func markOpenings(body string, s []sentence) int {
	n := 0
	for i := range s {
		if !s[i].talk {
			n++
		}
	}
	if n < 2 || n > fewSentences {
		return 0
	}
	for i := range s {
		if s[i].talk {
			continue
		}
		var room [maxTokens]token
		t := appendTokens(room[:0], body[s[i].start:min(s[i].end, s[i].start+160)])
		if len(t) > 0 {
			s[i].opens, s[i].definite, s[i].matter = opensClause(t), t[0].tag&isDefinite != 0 && len(t) > 1 && t[1].tag&(isRelated|isMeasured) == 0, matter(t)
			if s[i].opens == noOpening && body[s[i].end-1] == '?' && t[0].tag&isAuxiliary != 0 {
				s[i].opens = asksOpening // in other languages too
			}
			s[i].asksWhy = t[0].tag&isWhy != 0 || t[0].tag&isQuestion != 0 && len(t) > 1 && t[1].tag&isMeasured != 0
			s[i].toYou = t[0].tag&isPlease != 0 || s[i].opens == ordersOpening || len(t) > 1 && t[1].tag&isYou != 0 && t[1].tag&isPronoun != 0
		}
	}
	return n
}

// startsAfresh says that a sentence of a short message, which is about the first sentence of a point so far, makes another
// one: a question or a wish that has its own matter behind a statement, a statement behind a question, a statement on
// another thing that is named outright. The limits are those under which the sample workspace's messages of one point
// stay whole.
func (s *sentence) startsAfresh(g []sentence, few int) bool {
	for len(g) > 0 && g[0].talk {
		g = g[1:]
	}
	if len(g) != 1 || s.talk || s.speaker != g[0].speaker || g[0].item > 0 || g[0].announces || g[0].matter == 0 || s.matter == 0 ||
		s.contrasts || s.continues || s.refers || shares(s, g) {
		return false
	}
	before := &g[0]
	switch s.opens {
	case asksOpening, ordersOpening, wantsOpening:
		if s.toYou && before.mood == trouble {
			return false // "can you look into it" is what the trouble is told for
		}
	}
	switch s.opens {
	case asksOpening:
		return before.words <= 12 || few == 2 && before.words <= 20
	case wantsOpening:
		return few == 2 && s.words <= 10
	case tellsOpening:
		switch before.opens {
		case asksOpening, wantsOpening, ordersOpening:
			return few == 2 && !before.asksWhy
		}
	}
	return s.definite && before.definite && s.words <= 14 && before.words <= 14
}
