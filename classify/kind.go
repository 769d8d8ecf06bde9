package classify

import "earshot/feedback"

// The kinds in the order of feedback.Kinds.
const (
	kindBug = iota
	kindRequest
	kindComplaint
	kindPraise
	kindQuestion
	kindOther
)

// leastKind is what a kind must reach, or the text is other.
const leastKind = 0.55

// wishWeight lets a wish outweigh the praise or the blame around it.
const wishWeight = 1.4

// anger is what one unit of bad sentiment speaks for a complaint, or for the defect that it is about.
const anger = 0.45

// joy is what one unit of good sentiment speaks for praise.
const joy = 0.55

// clearlyFelt is the sum at which a sentiment leaves the neutral band, and a text that says nothing else wants praise or
// complains.
const clearlyFelt = 0.38

// kind decides what the text wants. What went wrong or is wanted outweighs how it is felt, for that is what somebody can
// act on.
func (r *reading) kind() feedback.Kind {
	k := &r.kinds
	praise := r.positive
	if r.negative > r.positive {
		praise = r.positive * 0.5
	}
	k[kindPraise] += float64(praise * joy)
	if r.questions > 0 {
		k[kindQuestion] += r.asks()
	}
	if k[kindRequest] > 0 && r.wishes > 0 {
		k[kindRequest] += 0.3
	}
	k[kindRequest] *= wishWeight
	// A defect that is named explains the anger about it.
	if k[kindBug] >= 1.2 && k[kindBug] > k[kindComplaint] {
		k[kindBug] += float64(r.negative * anger)
	} else {
		k[kindComplaint] += float64(r.negative * anger)
	}
	if r.positive+r.negative < 0.8 && k[kindBug]+k[kindRequest]+k[kindQuestion] < 1 {
		if r.prior > 0.4 {
			k[kindPraise] += 0.7
		} else if r.prior < -0.4 {
			k[kindComplaint] += 0.7
		}
	}
	best := kindOther
	least := max(leastKind, k[kindOther])
	for _, kind := range [...]int{kindBug, kindRequest, kindComplaint, kindPraise, kindQuestion} {
		if k[kind] >= least && (best == kindOther || k[kind] > k[best]) {
			best = kind
		}
	}
	if best == kindOther && k[kindOther] == 0 {
		switch v := r.felt(); {
		case v <= -clearlyFelt && k[kindBug] > k[kindComplaint]:
			best = kindBug
		case v <= -clearlyFelt:
			best = kindComplaint
		case v >= clearlyFelt:
			best = kindPraise
		}
	}
	return feedback.Kinds[best]
}

// asks weighs the questions: one that opens with a question word or a verb more than one that is only marked as such,
// and an angry one less.
func (r *reading) asks() float64 {
	sum := 0.0
	for _, s := range r.sentences {
		if s.question {
			sum += 1.1
		}
	}
	sum = min(sum, 1.6)
	if r.negative > 1.5 {
		sum -= min(float64(0.35*(r.negative-1.5)), 0.9)
	}
	return sum
}
