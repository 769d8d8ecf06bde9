package feedback

import "time"

// Point is an analysed excerpt as stage 3 sees it.
type Point struct {
	Excerpt    ID
	Item       ID
	Text       string
	OccurredAt time.Time
	Vector     Vector
	Cluster    ClusterID // where it stands now; 0 for nowhere
	Copy       bool      // its item says over again what another said: grouped, and not counted
}

// Cluster is a group of excerpts that make the same point. Its ID never changes its meaning and never goes away.
type Cluster struct {
	ID        ClusterID
	Theme     ThemeID
	ThemeName string
	Name      string
	Summary   string   // one line that quotes an excerpt
	Keywords  []string // phrases that tell it from its neighbours, the strongest first
	Size      int      // excerpts in it
	Centroid  Vector   // unit length; nil where it was not asked for
	Floor     float64  // the least cosine to the centroid at which a new excerpt joins it
	Margin    float64  // the least lead over the runner-up at which it does
	BornRun   int
	Retired   bool
	Successor ClusterID // for a retired cluster: what it became part of; 0 for nothing
	OwnName   string    // what Earshot called it, where Name is what a person calls it; else ""
	Confirmed bool      // by a person: no run dissolves it
	Hidden    bool      // by a person: left out of lists and of the Pulse, and counted there
}

// Theme holds clusters that belong together.
type Theme struct {
	ID      ThemeID
	Name    string
	OwnName string // as of Cluster
}

// Assignment puts one excerpt into a cluster.
type Assignment struct {
	Excerpt    ID
	Stood      ClusterID // where it stood when the run began; 0 for none
	Cluster    ClusterID // 0 for none
	Similarity float64
	Outlier    Outlier // why it is in none
}

// Fate says what became of a cluster in a run.
type Fate string

// The fates.
const (
	FateBorn      Fate = "born"
	FateContinued Fate = "continued"
	FateSplit     Fate = "split"    // To left From, which stands on or is retired
	FateMerged    Fate = "merged"   // From ended in To
	FateRetired   Fate = "retired"  // From ended, and no cluster has half of it; To has most of what there is
	FateReturned  Fate = "returned" // a run was taken back, and with it the end of From: To is From
)

// Lineage is one step in the life of a cluster.
type Lineage struct {
	Fate    Fate
	From    ClusterID // 0 for born
	To      ClusterID // 0 for one that was retired with no excerpt left in a cluster
	Shared  int       // excerpts that went from From to To
	Overlap float64   // Shared as a part of the smaller of the two, 0 to 1
}

// Run is one re-clustering of a workspace, whole and ready to be saved. Of a refused one there is neither cluster nor
// assignment.
type Run struct {
	ID          int // given by the store
	State       RunState
	Cause       RunCause
	Reason      string // why it waits or was refused
	Base        int    // what stood when it began: Standing.Run
	Mark        string // Standing.Mark
	Workspace   string
	Model       Model
	Seed        uint64
	Config      map[string]any // what it was run with, for the record
	StartedAt   time.Time
	FinishedAt  time.Time
	Excerpts    int // that it looked at
	Themes      []Theme
	Clusters    []Cluster // those that stand after the run
	Retired     []Cluster // those that ended with it
	Assignments []Assignment
	Lineage     []Lineage
	Unassigned  int
	NextCluster ClusterID // the first numbers that the run did not use
	NextTheme   ThemeID
	Unmet       []Unmet // decisions that it could not honour
	Change      RunChange
}

// Standing is what stands before a run: the clusters and themes, and the next free numbers.
type Standing struct {
	Run         int       // the run that last changed it; 0 before the first
	TakenBack   int       // where that was a rollback, the run that it took back; else 0
	Mark        string    // changes whenever a cluster or theme does, by whomever
	Decided     []Decided // what people decided about its clusters
	Clusters    []Cluster
	Themes      []Theme
	NextCluster ClusterID
	NextTheme   ThemeID
	Constraints Constraints // what people decided
}
