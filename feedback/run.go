package feedback

import "time"

// RunState says what became of a run.
type RunState string

// The states of a run.
const (
	RunPreviewed  RunState = "previewed"   // stored whole; it changed nothing and waits for a person
	RunApplied    RunState = "applied"     // it became what stands
	RunRefused    RunState = "refused"     // it collapsed: nothing is kept of it but the reason
	RunDiscarded  RunState = "discarded"   // it will never be applied
	RunRolledBack RunState = "rolled_back" // it was applied, and taken back
)

// RunCause says who asked for a run.
type RunCause string

// The causes of a run.
const (
	CausePerson   RunCause = "person"
	CauseSchedule RunCause = "schedule"
	CauseForming  RunCause = "forming" // a group among the unassigned excerpts that had grown large enough
)

// RunRecord is a run as it is listed and shown: what it would change or has changed, without its assignments.
type RunRecord struct {
	ID         int            `json:"run"`
	State      RunState       `json:"state"`
	Cause      RunCause       `json:"cause"`
	Base       int            `json:"base"`             // what stood when it began; 0 before the first run
	Undoes     int            `json:"undoes,omitempty"` // the run that this one took back
	Reason     string         `json:"reason,omitempty"` // why it waits, was refused, discarded or taken back
	Stands     bool           `json:"stands"`           // it was the last to change what stands
	Reversible bool           `json:"reversible"`       // it is the one that a rollback takes back
	Model      Model          `json:"-"`
	Seed       uint64         `json:"seed"`
	Config     map[string]any `json:"config,omitempty"`
	StartedAt  time.Time      `json:"started_at"`
	FinishedAt time.Time      `json:"finished_at"`
	DecidedAt  time.Time      `json:"decided_at,omitzero"` // when it was applied or discarded; zero while it waits
	Excerpts   int            `json:"excerpts"`
	Clusters   int            `json:"clusters"`
	Unassigned int            `json:"unassigned"`
	Change     RunChange      `json:"change"`
}

// RunChange says what a run changes of what stands.
type RunChange struct {
	Stood            int             `json:"stood"`  // excerpts that stood in a cluster
	Moved            int             `json:"moved"`  // of these, those that go to another cluster
	Left             int             `json:"left"`   // of these, those that go to none
	Joined           int             `json:"joined"` // excerpts that stood in none and go to one
	Forced           int             `json:"forced"` // outliers that were put into their nearest cluster because that was asked for
	ClustersBefore   int             `json:"clusters_before"`
	ClustersAfter    int             `json:"clusters_after"`
	Ended            int             `json:"ended"` // clusters that end
	UnassignedBefore int             `json:"unassigned_before"`
	UnassignedAfter  int             `json:"unassigned_after"`
	Fates            map[Fate]int    `json:"fates,omitempty"`
	Outliers         map[Outlier]int `json:"outliers,omitempty"` // those that are left, by reason
	Moves            []Move          `json:"moves,omitempty"`    // the largest, at most [MovesKept]
	Clusters         []ClusterChange `json:"clusters,omitempty"` // what becomes of clusters, at most [ClustersKept], those that change first
	Touched          []Decided       `json:"touched,omitempty"`  // what people decided about clusters that it changes
	Trends           []TrendChange   `json:"trends,omitempty"`   // the weekly counts that change most, at most [TrendsKept]
}

// The bounds of the lists of a [RunChange].
const (
	MovesKept    = 20
	ClustersKept = 200
	TrendsKept   = 20
)

// Move counts the excerpts that go from one cluster to another, or to or from none.
type Move struct {
	From     ClusterRef `json:"from,omitzero"`
	FromName string     `json:"from_name,omitempty"`
	To       ClusterRef `json:"to,omitzero"`
	ToName   string     `json:"to_name,omitempty"`
	Excerpts int        `json:"excerpts"`
}

// ClusterChange is a step of lineage with the names and sizes that people know its clusters by.
type ClusterChange struct {
	Fate     Fate       `json:"fate"`
	From     ClusterRef `json:"from,omitzero"`
	FromName string     `json:"from_name,omitempty"`
	FromSize int        `json:"from_size,omitempty"` // excerpts in it before
	To       ClusterRef `json:"to,omitzero"`
	ToName   string     `json:"to_name,omitempty"`
	ToSize   int        `json:"to_size,omitempty"` // excerpts in it after
	Shared   int        `json:"shared"`
	Overlap  float64    `json:"overlap"`
}

// Decided is something that a person decided about a cluster.
type Decided struct {
	Cluster ClusterRef `json:"cluster"`
	Name    string     `json:"name"` // of the cluster
	What    string     `json:"what"` // for instance: link to Offline mode confirmed
}

// TrendChange holds the weekly counts of a cluster against those under the clusters of a run.
type TrendChange struct {
	Cluster ClusterRef `json:"cluster"`
	Name    string     `json:"name"`
	Weeks   []RunWeek  `json:"weeks"` // up to the newest, oldest first
}

// RunWeek is one week of a [TrendChange].
type RunWeek struct {
	Start  time.Time `json:"start"` // Monday, 0:00 UTC
	Before int       `json:"before"`
	After  int       `json:"after"`
}

// Forming is a group among the unassigned excerpts that came in a burst: a cluster may be about to form.
type Forming struct {
	Name     string    `json:"name"` // a working name: the group has no id until a run makes it a cluster
	Summary  string    `json:"summary"`
	Keywords []string  `json:"keywords"`
	Excerpts []ID      `json:"excerpts"` // the latest first
	Recent   int       `json:"recent"`   // of them, those of the last week
	Before   int       `json:"before"`   // those of the weeks before
	Chance   float64   `json:"chance"`   // of so many in the last week if nothing had changed
	Looked   int       `json:"looked"`   // groups that were looked at, of which it is one
	Since    time.Time `json:"since"`    // when the first of the last week was said
	SeenAt   time.Time `json:"seen_at"`
	Hits     []Hit     `json:"hits,omitempty"` // some of its excerpts, the latest first; filled when it is read
}
