package feedback

// Outlier says why an excerpt is in no cluster.
type Outlier string

// The reasons.
const (
	OutlierBlank   Outlier = "blank"   // its vector is zero: the model knows none of its words
	OutlierAlone   Outlier = "alone"   // it is near to nothing else that was said
	OutlierSmall   Outlier = "small"   // what it is near to are fewer than the smallest cluster has
	OutlierFar     Outlier = "far"     // its nearest cluster's members are much more like each other than it is like them
	OutlierBetween Outlier = "between" // it is about as near to a second cluster
	OutlierEarly   Outlier = "early"   // it came before there was a cluster to join
)

// Outliers lists the reasons in the order in which people see them.
var Outliers = []Outlier{OutlierSmall, OutlierFar, OutlierBetween, OutlierAlone, OutlierBlank, OutlierEarly}

// tie is more than what a cosine loses where vectors are held at half precision.
const tie = 0.001

// Join decides which of the standing clusters a new excerpt joins, by its vector: the nearest, if the cosine to its
// centroid is at least its floor and leads the runner-up's by at least its margin, a rounding less of each: members that
// say the same word for word make a floor of 1, and their vectors are held at half precision. It gives 0, the cosine to the nearest
// cluster and the reason where it joins none. Clusters without a centroid of the vector's length are passed over.
func Join(clusters []Cluster, v Vector) (ClusterID, float64, Outlier) {
	best := -1
	nearest, second := -1.0, -1.0
	for i := range clusters {
		c := &clusters[i]
		if c.Retired || len(c.Centroid) != len(v) {
			continue
		}
		cosine := float64(Dot(v, c.Centroid))
		if cosine > nearest {
			second, best, nearest = nearest, i, cosine
		} else if cosine > second {
			second = cosine
		}
	}
	switch {
	case Dot(v, v) == 0:
		return 0, 0, OutlierBlank
	case best < 0:
		return 0, 0, OutlierEarly
	case nearest <= 0 || nearest < clusters[best].Floor-tie:
		return 0, nearest, OutlierFar
	case nearest-second < clusters[best].Margin-tie:
		return 0, nearest, OutlierBetween
	}
	return clusters[best].ID, nearest, ""
}
