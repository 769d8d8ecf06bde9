package queue

import (
	"math/rand/v2"
	"time"
)

// Backoff is a wait that doubles from Min to Max, each time shortened by chance by up to a half so that what failed
// together does not come back together.
type Backoff struct {
	Min time.Duration
	Max time.Duration
}

// after is the wait after n failures in a row, n from 1.
func (b Backoff) after(n int) time.Duration {
	d := b.Min
	for ; n > 1 && d < b.Max; n-- {
		d *= 2
	}
	d = min(d, b.Max)
	return d - rand.N(d/2+1)
}

// orElse fills in what is not set.
func (b Backoff) orElse(d Backoff) Backoff {
	if b.Min <= 0 {
		b.Min = d.Min
	}
	if b.Max <= 0 {
		b.Max = max(d.Max, b.Min)
	}
	return b
}
