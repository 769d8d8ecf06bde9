package classify

// Weights of what is felt. Scope and shape follow Hutto and Gilbert's VADER (2014); the numbers are set on
// eval/testdata/labels_work.csv.
const (
	saturation  = 6.0  // a sum as large as its square root gives 0.71
	negatedGood = -0.7 // not good
	negatedBad  = -0.4 // not terrible
	wished      = 0.25 // would be good
	askedGood   = 0.4  // is it good?
	askedBad    = 0.8
	beforeBut   = 0.5
	afterBut    = 1.25
	boosted     = 1.35
	softened    = 0.6
	stressed    = 1.2  // SHOUTED or stretched
	exclaimed   = 0.1  // for each of at most three exclamation marks
	scopeWords  = 4    // how far a negation or a wish reaches
	mostFaint   = 0.9  // what faint cues can come to, all together
	clearlyFelt = 0.38 // the balance of feeling that is evidence of its own
)

// feel weighs the phrases in their surroundings, and sums what speaks for each side and each kind.
func (r *reading) feel(hint Hint) {
	r.prior = hint.prior()
	notAt, boostAt, softAt, ifAt, althoughAt := -99, -99, -99, -99, -99
	butAt, problems := -1, 0
	var strongest float64
	for n := range r.hits {
		h := &r.hits[n]
		at := int(h.first)
		switch h.rule.role {
		case roleNot:
			notAt = at
		case roleBoost:
			boostAt = int(h.last)
		case roleSoften:
			softAt = int(h.last)
		case roleIf:
			ifAt = at
		case roleAlthough:
			althoughAt = at
		case roleBut:
			butAt = n
		}
		v := float64(h.rule.sentiment)
		if v == 0 || h.rule.role == rolePolite {
			if h.rule.kinds[kindBug] > 0 {
				problems++
			}
			continue
		}
		token, s := r.tokens[at], r.sentences[r.tokens[at].sentence]
		if token.flags&quoted != 0 && v > 0 {
			continue // what somebody else calls "improved"
		}
		within := func(place int) bool {
			return place >= int(s.first) && place >= at-scopeWords-1 && place < at && !r.parted(place, at)
		}
		if boostAt == at || boostAt == at-1 && boostAt > 0 {
			v *= boosted
			h.note |= noteBoosted
		}
		if softAt == at || softAt == at-1 && softAt > 0 {
			v *= softened
			h.note |= noteSoftened
		}
		if token.flags&stretched != 0 || token.flags&shouted != 0 && r.capitals*2 <= r.longer {
			v *= stressed
			h.note |= noteBoosted
		}
		switch {
		case within(notAt):
			if v > 0 {
				v *= negatedGood
			} else {
				v *= negatedBad
			}
			h.note |= noteNegated
			h.severity = 0
			notAt = -99
		case within(ifAt):
			if v > 0 {
				v *= wished
			} else {
				v *= askedBad
			}
			h.note |= noteWished
		}
		if althoughAt >= int(s.first) && althoughAt < at && !r.parted(althoughAt, at) {
			v *= beforeBut
			h.note |= noteBeforeBut
		}
		if s.question {
			if v > 0 {
				v *= askedGood
			} else {
				v *= askedBad
			}
			h.note |= noteAsked
		}
		v *= 1 + float64(exclaimed*float64(min(s.exclaims, 3)))
		h.sentiment = v
		if v < 0 {
			strongest = min(strongest, v)
			if h.rule.kinds[kindBug] > 0 {
				problems++
			}
		}
	}
	r.contrast(butAt)
	r.irony(strongest)
	r.sum(problems)
}

// parted says whether a comma, a dash or the like stands between two tokens of one sentence, other than right before
// the second.
func (r *reading) parted(from, to int) bool {
	for i := from + 1; i <= to; i++ {
		if r.tokens[i].flags&opens != 0 {
			return true
		}
	}
	return false
}

// contrast lowers what stood before the last but, and raises what follows it, within its sentence and the one before.
func (r *reading) contrast(but int) {
	r.turn = turn{at: -1}
	if but < 0 {
		return
	}
	s := r.tokens[r.hits[but].first].sentence
	opening := r.hits[but].first == r.sentences[s].first
	r.turn = turn{from: int(r.sentences[s].first), at: int(r.hits[but].first), to: int(r.sentences[s].last)}
	if opening && s > 0 {
		r.turn.from = int(r.sentences[s-1].first)
	}
	for n := range r.hits {
		h := &r.hits[n]
		at := r.tokens[h.first].sentence
		switch {
		case n < but && (at == s || opening && at == s-1):
			h.sentiment *= beforeBut
			h.note |= noteBeforeBut
		case n > but && at == s:
			h.sentiment *= afterBut
			h.note |= noteAfterBut
		}
	}
}

// irony turns praise that stands alone before a complaint: "Great, another delay", "thanks for losing my bag".
func (r *reading) irony(strongest float64) {
	if strongest > -1.2 {
		return
	}
	for n := range r.hits {
		h := &r.hits[n]
		if h.sentiment <= 0 || h.last-h.first > 2 {
			continue
		}
		s := r.sentences[r.tokens[h.first].sentence]
		alone := h.first <= s.first+1 && (h.last == s.last || r.tokens[h.last].flags&opens != 0)
		if alone && !s.question && r.ironic(n) {
			h.sentiment *= -0.5
			h.note |= noteIronic
		}
	}
}

// ironic says whether the next thing that is felt after hit n, in its sentence or the next, is clearly bad, and nothing
// good follows.
func (r *reading) ironic(n int) bool {
	if r.hits[n].rule.sentiment < 1.5 || r.hits[n].rule.sentiment > 3.2 || r.tokens[r.hits[n].first].sentence > 0 {
		return false
	}
	bad := false
	for k := n + 1; k < len(r.hits); k++ {
		h := &r.hits[k]
		if h.rule.role == roleBut || h.sentiment > 0.5 {
			return false
		}
		bad = bad || h.sentiment < -1
	}
	return bad
}

// sum adds the phrases up.
func (r *reading) sum(problems int) {
	var polite, hinted float64
	var hintedKinds [kindCount]float64
	resolved, thanksFirst := false, false
	for n := range r.hits {
		h := &r.hits[n]
		resolved = resolved || h.rule.role == roleResolved
	}
	for n := range r.hits {
		h := &r.hits[n]
		if resolved && h.rule.role != roleResolved && h.sentiment < 0 {
			h.sentiment *= 0.35
			h.severity = 0
			h.note |= noteResolved
		}
		r.urgent = r.urgent || h.rule.urgent
		r.churn = r.churn || h.rule.churn && h.note&noteNegated == 0
		r.cosmetic = r.cosmetic || h.rule.role == roleCosmetic
		if h.rule.faint() {
			hinted += h.sentiment
			for k, amount := range h.rule.kinds {
				hintedKinds[k] += float64(amount)
			}
			continue
		}
		if h.sentiment > 0 {
			r.positive += h.sentiment
		} else {
			r.negative -= h.sentiment
		}
		if h.rule.role == rolePolite {
			polite += float64(h.rule.sentiment)
			thanksFirst = thanksFirst || h.first == 0
			h.note |= notePolite
		}
		if h.rule.role == roleIf {
			r.wishes++
		}
		for k, amount := range h.rule.kinds {
			if h.note&(noteNegated|noteResolved) != 0 && (k == kindBug || k == kindPraise) {
				continue
			}
			share := float64(amount)
			if h.note&noteBeforeBut != 0 {
				share *= beforeBut
			}
			r.kinds[k] += share
		}
	}
	// What is faint speaks in company, but a long text is not felt more for having more of it.
	if hinted > 0 {
		r.positive += min(hinted, mostFaint)
	} else {
		r.negative += min(-hinted, mostFaint)
	}
	for k, amount := range hintedKinds {
		r.kinds[k] += min(amount, mostFaint)
	}
	for _, s := range r.sentences {
		if s.question {
			r.questions++
		}
	}
	// Thanks close a request as often as they praise: they count where nothing is asked and nothing is wrong.
	// A text that opens with thanks means them even so.
	calm := r.negative < 0.6 && problems == 0 && r.kinds[kindRequest] < 1.5 && r.kinds[kindQuestion] < 1
	if polite > 0 && r.questions == 0 && (calm || thanksFirst && r.negative < 2) {
		r.positive += min(polite, 2)
		r.kinds[kindPraise] += 0.6
	}
}

// prior turns the hint into -1 to 1.
func (h Hint) prior() float64 {
	v, n := 0.0, 0.0
	if h.Rating != nil && *h.Rating >= 0 && *h.Rating <= 5 {
		v += max(-1, (*h.Rating-3.2)/1.8)
		n++
	}
	if h.Score != nil && *h.Score >= 0 && *h.Score <= 10 {
		v += max(-1, min(1, (*h.Score-7.2)/2.8))
		n++
	}
	if n == 0 {
		return 0
	}
	return v / n
}
