package classify

// The kinds in the order of feedback.Kinds.
const (
	kindBug = iota
	kindRequest
	kindComplaint
	kindPraise
	kindQuestion
	kindOther
)
