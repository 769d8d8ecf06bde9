package eval

import "strconv"

// Grouped is one text as it was clustered.
type Grouped struct {
	Group   string // clusters are made within a group; "" where there is but one
	Class   string // the true class; meaningless unless Scored
	Scored  bool   // false for a text without a class, which takes part in the clustering alone
	Cluster int    // numbered within the group from 1; 0 for an outlier
}

// Clustering says how well clusters agree with true classes. Its counts are over all texts, its scores over those that
// have a class.
type Clustering struct {
	Texts    int
	Scored   int // texts with a class
	Groups   int
	Classes  int // of the scored; those of two groups are two
	Clusters int // outliers are none; those of two groups are two
	Outliers int // texts in no cluster

	Pooled *ClusterScores // over all groups at once; nil where nothing is scored
	Within *ClusterScores // means over the groups, weighed by their scored texts; nil where nothing is scored
}

// ClusterScores are four views on one agreement, each 1 for the best: see [NMI], [ARI], [Accuracy] and [Purity].
type ClusterScores struct {
	NMI      float64 `json:"nmi"`
	ARI      float64 `json:"ari"`
	Accuracy float64 `json:"acc"`
	Purity   float64 `json:"purity"`
}

// OutlierRate is the share of texts in no cluster, 0 to 1.
func (c Clustering) OutlierRate() float64 { return share(c.Outliers, c.Texts) }

// ScoreClusters compares two labellings of the same texts. It panics when the lengths differ.
func ScoreClusters(gold, pred []int) ClusterScores {
	return ClusterScores{NMI: NMI(gold, pred), ARI: ARI(gold, pred), Accuracy: Accuracy(gold, pred), Purity: Purity(gold, pred)}
}

// MeasureClusters compares clusters with classes. The outliers of a group count as one cluster more, as they do when the
// -1 of scikit-learn's HDBSCAN is scored. With several groups, classes and clusters are pooled under names of their own
// for each group, so that a class which two groups share is not expected in one cluster; the groups themselves then
// explain part of the agreement, and Within says what is left without them.
func MeasureClusters(texts []Grouped) Clustering {
	out := Clustering{Texts: len(texts)}
	type parts struct{ class, cluster []string }
	var pooled parts
	groups := make(map[string]*parts)
	var order []string
	clusters := make(map[string]bool)
	for _, t := range texts {
		g := groups[t.Group]
		if g == nil {
			g = &parts{}
			groups[t.Group] = g
			order = append(order, t.Group)
		}
		cluster := strconv.Itoa(t.Cluster) + " " + t.Group
		if t.Cluster == 0 {
			out.Outliers++
		} else {
			clusters[cluster] = true
		}
		if !t.Scored {
			continue
		}
		class := strconv.Quote(t.Group) + t.Class
		g.class, g.cluster = append(g.class, class), append(g.cluster, cluster)
		pooled.class, pooled.cluster = append(pooled.class, class), append(pooled.cluster, cluster)
	}
	out.Groups, out.Clusters, out.Scored = len(groups), len(clusters), len(pooled.class)
	if out.Scored == 0 {
		return out
	}
	score := func(p parts) (ClusterScores, int) {
		gold, classes := Labels(p.class)
		pred, _ := Labels(p.cluster)
		return ScoreClusters(gold, pred), len(classes)
	}
	all, classes := score(pooled)
	out.Pooled, out.Classes, out.Within = &all, classes, &ClusterScores{}
	for _, name := range order {
		s, _ := score(*groups[name])
		out.Within.add(s, share(len(groups[name].class), out.Scored))
	}
	return out
}

// MeanScores is the plain mean; all 0 for none.
func MeanScores(all []ClusterScores) ClusterScores {
	var mean ClusterScores
	for _, s := range all {
		mean.add(s, 1/float64(len(all)))
	}
	return mean
}

func (c *ClusterScores) add(s ClusterScores, weight float64) {
	c.NMI += weight * s.NMI
	c.ARI += weight * s.ARI
	c.Accuracy += weight * s.Accuracy
	c.Purity += weight * s.Purity
}
