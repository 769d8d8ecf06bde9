package report

import (
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// Difference is what one Pulse says otherwise than another.
type Difference struct {
	From   Side              `json:"from"`
	To     Side              `json:"to"`
	Topics []TopicDifference `json:"topics"` // the largest change of share first
	Gone   []string          `json:"gone"`   // sentences of the first alone
	New    []string          `json:"new"`    // sentences of the second alone
}

// Side is one of the two Pulses.
type Side struct {
	Period    feedback.Period   `json:"period"`
	Run       int               `json:"run"`
	Headline  string            `json:"headline"`
	Coverage  feedback.Coverage `json:"coverage"`
	Snapshot  string            `json:"snapshot_hash"`
	Workspace string            `json:"workspace"`
}

// TopicDifference is one topic in both Pulses. Sizes are 0 where a Pulse does not have it.
type TopicDifference struct {
	Cluster    feedback.ClusterID `json:"cluster"`
	Name       string             `json:"name"`
	ItemsFrom  int                `json:"items_from"`
	ItemsTo    int                `json:"items_to"`
	ShareFrom  float64            `json:"share_from"`
	ShareTo    float64            `json:"share_to"`
	MoodFrom   float64            `json:"sentiment_from"`
	MoodTo     float64            `json:"sentiment_to"`
	Appeared   bool               `json:"appeared"`
	Vanished   bool               `json:"vanished"`
	NameBefore string             `json:"name_before,omitempty"` // where it was called otherwise
}

// Diff compares two documents: what each topic's share was, and the sentences that only one of them has. Topics are the
// same by their ids, whatever they are called. Of topics in neither period nothing is said.
func Diff(from, to *Document) Difference {
	d := Difference{From: sideOf(from), To: sideOf(to), Topics: []TopicDifference{}}
	topics := map[feedback.ClusterID]*TopicDifference{}
	topic := func(c feedback.ClusterFacts) *TopicDifference {
		t := topics[c.ID]
		if t == nil {
			t = &TopicDifference{Cluster: c.ID, Name: clusterName(c)}
			topics[c.ID] = t
		}
		return t
	}
	for i, c := range from.Snapshot.Clusters {
		t := topic(c)
		t.ItemsFrom, t.ShareFrom, t.MoodFrom = c.Now.Items, from.Statistics.Clusters[i].Share, c.Now.Sentiment
	}
	for i, c := range to.Snapshot.Clusters {
		t := topic(c)
		t.ItemsTo, t.ShareTo, t.MoodTo = c.Now.Items, to.Statistics.Clusters[i].Share, c.Now.Sentiment
		if name := clusterName(c); t.Name != name {
			t.NameBefore, t.Name = t.Name, name
		}
	}
	for _, t := range topics {
		if t.ItemsFrom+t.ItemsTo == 0 {
			continue
		}
		t.Appeared, t.Vanished = t.ItemsFrom == 0, t.ItemsTo == 0
		d.Topics = append(d.Topics, *t)
	}
	slices.SortFunc(d.Topics, func(a, b TopicDifference) int {
		return cmp.Or(cmp.Compare(math.Abs(b.ShareTo-b.ShareFrom), math.Abs(a.ShareTo-a.ShareFrom)), cmp.Compare(a.Cluster, b.Cluster))
	})
	d.Gone, d.New = without(sentences(from), sentences(to)), without(sentences(to), sentences(from))
	return d
}

func sideOf(doc *Document) Side {
	return Side{Period: doc.Snapshot.Period, Run: doc.Snapshot.Run, Headline: doc.Headline.String(), Coverage: doc.Snapshot.Coverage,
		Snapshot: doc.SnapshotHash, Workspace: doc.Snapshot.Workspace}
}

// sentences gives the sentences of a document, each once.
func sentences(doc *Document) []string {
	var list []string
	for _, c := range doc.claims() {
		if s := c.String(); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func without(list, others []string) []string {
	rest := []string{}
	for _, s := range list {
		if !slices.Contains(others, s) {
			rest = append(rest, s)
		}
	}
	return rest
}
