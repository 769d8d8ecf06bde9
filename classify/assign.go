package classify

import "earshot/feedback"

// lead is how much nearer than the runner-up the nearest cluster must be. An excerpt between two clusters joins neither
// and waits for the next run.
const lead = 0.01

// nearest gives the cluster that a vector joins and its cosine, or 0 and 0: the nearest, if the cosine is at least its
// floor and leads the runner-up. A zero vector joins none.
func nearest(clusters []feedback.Cluster, v feedback.Vector) (feedback.ClusterID, float64) {
	best, second := -1, -1.0
	bestCosine := -1.0
	for i := range clusters {
		c := &clusters[i]
		if c.Retired || len(c.Centroid) != len(v) {
			continue
		}
		cosine := float64(feedback.Dot(v, c.Centroid))
		if cosine > bestCosine {
			second, best, bestCosine = bestCosine, i, cosine
		} else if cosine > second {
			second = cosine
		}
	}
	if best < 0 || bestCosine <= 0 || bestCosine < clusters[best].Floor || bestCosine-second < lead {
		return 0, 0
	}
	return clusters[best].ID, bestCosine
}
