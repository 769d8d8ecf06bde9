package feedback

import (
	"encoding/json"
	"time"
)

// Item is one piece of feedback as it was received: cleaned, redacted and split, ready to be saved.
type Item struct {
	ID          ID
	Workspace   string
	Source      string
	ExternalID  string
	ContentHash [32]byte // of all that the producer said: an equal hash is the same message again
	BodyHash    [32]byte // of the words alone: an equal hash is the same thing said again
	OccurredAt  time.Time
	ReceivedAt  time.Time
	Title       string
	Body        string // clean text, personal data replaced by placeholders; excerpts are spans of it
	Language    string // BCP 47, "" where it is not known
	Customer    *Customer
	Author      []byte // SHA-256 of the author's id or address within the workspace; nil where there is none
	Address     []byte // SHA-256 of the author's address, where Author is that of an id; nil where there is none
	Rating      *float64
	Score       *float64
	URL         string
	Attributes  map[string]json.RawMessage
	Spam        bool    // kept, shown, never counted
	Receipt     Receipt // of the message that brought it
	Excerpts    []Excerpt
}

// Excerpt is a verbatim span of one item's body that makes one point.
type Excerpt struct {
	ID    ID
	Start int // byte offsets into the item's body
	End   int
	Text  string // body[Start:End]
}

// Outcome says what became of an item that was to be saved.
type Outcome string

// The outcomes.
const (
	OutcomeStored    Outcome = "stored"    // new
	OutcomeUpdated   Outcome = "updated"   // known, and its content changed
	OutcomeDuplicate Outcome = "duplicate" // known, and just the same
	OutcomeStale     Outcome = "stale"     // known, and what is stored was received later
	OutcomeForgotten Outcome = "forgotten" // kept out: its author, customer or itself was to be forgotten
)

// Kind says what an excerpt wants.
type Kind string

// The kinds.
const (
	KindBug       Kind = "bug"
	KindRequest   Kind = "request"
	KindComplaint Kind = "complaint"
	KindPraise    Kind = "praise"
	KindQuestion  Kind = "question"
	KindOther     Kind = "other"
)

// Kinds lists every kind, in the order in which people see them.
var Kinds = []Kind{KindBug, KindRequest, KindComplaint, KindPraise, KindQuestion, KindOther}

// Labels are what an excerpt is besides its topic.
type Labels struct {
	Sentiment float64 // -1 (worst) to 1 (best); 0 is neutral
	Kind      Kind
	Severity  int    // 0 none, 1 annoying, 2 hurts the work, 3 blocked, data or money lost, unsafe
	Language  string // BCP 47, "" where it is not known
	Urgent    bool   // it says that it cannot wait
	ChurnRisk bool   // its writer speaks of leaving
}

// The bounds of the neutral band: a sentiment below Negative is negative, one above Positive is positive.
const (
	Negative = -0.15
	Positive = 0.15
)

// Analysis is what stage 2 found out about one excerpt.
type Analysis struct {
	Workspace  string
	Excerpt    ID
	Vector     Vector
	Labels     Labels
	Cluster    ClusterID // 0 where no cluster is near enough
	Similarity float64   // to the cluster's centroid; 0 where there is none
	Outlier    Outlier   // why it is in no cluster; "" for spam, which is never assigned
}

// Pending is an excerpt that waits for stage 2.
type Pending struct {
	Workspace string
	Excerpt   ID
	Title     string // of its item, for the item's first excerpt; "" for the others
	Text      string
	Rating    *float64 // of its item; a hint for the sentiment
	Score     *float64
	Language  string
	Spam      bool
}
