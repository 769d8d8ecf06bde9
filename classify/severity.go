package classify

import "earshot/feedback"

// hurts is the bad sentiment from which a complaint is more than a nuisance.
const hurts = 2.2

// severity is how much it hurts, 0 to 3: the gravest thing said, unless what is said is praise or a calm wish.
func (r *reading) severity() int {
	gravest := int8(0)
	for n := range r.hits {
		h := &r.hits[n]
		if h.severity > gravest && h.note&(noteNegated|noteResolved) == 0 {
			s := h.severity
			if h.note&noteWished != 0 {
				s--
			}
			gravest = max(gravest, s)
		}
	}
	switch r.labels.Kind {
	case feedback.KindPraise:
		return 0
	case feedback.KindRequest, feedback.KindQuestion, feedback.KindOther:
		if r.negative < 0.8 && gravest > 0 && gravest < 3 {
			gravest--
		}
		if gravest == 0 && r.negative-r.positive > 1.5 {
			gravest = 1
		}
	case feedback.KindBug:
		// What does not work hurts the work, unless it is only how it looks.
		gravest = max(gravest, 2)
		if r.cosmetic && gravest == 2 {
			gravest = 1
		}
	case feedback.KindComplaint:
		gravest = max(gravest, 1)
		if r.negative >= hurts {
			gravest = max(gravest, 2)
		}
	}
	return int(gravest)
}
