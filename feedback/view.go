package feedback

import "time"

// ClusterList is what stands in a workspace now, for a list of clusters. Spam is in none of its numbers.
type ClusterList struct {
	Items      int             // in the workspace, without copies
	Copies     int             // items that say over again what another said: kept, and not counted
	Excerpts   int             // analysed ones in the workspace, without those of copies, as Unassigned
	Unassigned int             // analysed excerpts that belong to no cluster
	Outliers   map[Outlier]int // those by reason; one without a stored reason is under ""
	Pending    int             // excerpts that stage 2 has not seen
	Newest     time.Time       // when the newest item was said; zero where there is none
	Clusters   []ClusterView   // those that stand and are not hidden, the most items first, then by id
	Hidden     []ClusterView   // those that a person hid
}

// ClusterView is one cluster with the counts that people see beside its name. Spam is in none of them.
type ClusterView struct {
	Cluster   Cluster // without its Centroid; Size counts excerpts
	Items     int     // distinct items
	Customers int     // distinct customers that are known
	Sentiment float64 // mean over its excerpts, -1 to 1
	Urgent    int     // excerpts that cannot wait
	ChurnRisk int     // excerpts whose writers speak of leaving
	FirstSeen time.Time
	LastSeen  time.Time
	Weekly    []Week    // the 13 weeks up to the one of the workspace's newest item, oldest first; none left out
	Reported  []Week    // the same weeks as each was last reported, where that differs; else nil
	Went      []Went    // of a retired cluster without a successor: where its excerpts went when it ended, the most first
	Link      *LinkView // confirmed, automatic or suggested, in this order; nil where no feature fits
}

// Went says how many excerpts of a cluster that ended went to another, which may have ended since.
type Went struct {
	Cluster  ClusterID
	Name     string
	Excerpts int
}

// ThemeView is one theme with its weekly counts: an item in two of its clusters is one item of it.
type ThemeView struct {
	Theme    Theme
	Retired  bool
	Items    int
	Weekly   []Week        // as of [ClusterView]
	Reported []Week        // as of [ClusterView]
	Clusters []ClusterView // those that stand, the most items first
}

// Week counts what was said from one Monday, 0:00 UTC, to the next.
type Week struct {
	Start time.Time
	Items int
}

// LinkView is a link with the names that people know its features by.
type LinkView struct {
	Link
	Name         string   // of the feature
	Path         []string // the names from the product down to the feature's own
	Status       Status
	ShippedAt    time.Time // zero where it has not shipped
	RunnerUpName string    // "" where there is no runner-up
}

// ItemView is one item whole, so that an excerpt can be read where it was said.
type ItemView struct {
	ID         ID
	Source     string
	ExternalID string
	OccurredAt time.Time
	Title      string
	Body       string
	Customer   string // its name, or its id where it has none
	Segment    string
	Rating     *float64
	Score      *float64
	URL        string
	Language   string
	Spam       bool
	Excerpts   []Hit  // in the order in which they stand in the body
	Copies     []Copy // other items that say the same, the original first
}
