package cluster

import (
	"fmt"
	"math"
	"strings"

	"earshot/feedback"
)

// Bounds say how much a run may change what stands without a person's word.
type Bounds struct {
	Moved float64 // part of the excerpts in clusters, 0 to 1, that may go to another cluster or to none
	Ended float64 // part of the clusters, 0 to 1, that may end; one always may
}

// exceeded says why the run must wait for a person, or "" where it need not. Where no cluster stands there is nothing to
// change.
func (b Bounds) exceeded(run *feedback.Run, standing feedback.Standing) string {
	c := run.Change
	if c.ClustersBefore == 0 && standing.TakenBack == 0 {
		return ""
	}
	var why []string
	if standing.TakenBack != 0 {
		why = append(why, fmt.Sprintf("run %d was taken back, and what follows it is for a person to judge", standing.TakenBack))
	}
	if gone := c.Moved + c.Left; float64(gone) > b.Moved*float64(c.Stood) {
		why = append(why, fmt.Sprintf("%d of %d excerpts in clusters would leave theirs, %.1f %%, where %g %% may",
			gone, c.Stood, 100*float64(gone)/float64(c.Stood), 100*b.Moved))
	}
	if most := max(1, int(math.Ceil(b.Ended*float64(c.ClustersBefore)))); c.Ended > most {
		why = append(why, fmt.Sprintf("%d of %d clusters would end, where %d may", c.Ended, c.ClustersBefore, most))
	}
	for _, d := range c.Touched {
		why = append(why, fmt.Sprintf("it changes %s, of which a person decided: %s", d.Cluster, d.What))
		break // one is enough to wait; the preview has them all
	}
	return strings.Join(why, "; ")
}
