package feedback

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"time"
)

// Period is a half-open span of time in whole UTC days.
type Period struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Days is the period's length.
func (p Period) Days() int { return int(p.End.Sub(p.Start).Hours() / 24) }

// Before is the period of the same length that ends where p starts.
func (p Period) Before() Period {
	return Period{Start: p.Start.AddDate(0, 0, -p.Days()), End: p.Start}
}

// Contains says whether t lies in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// Snapshot is all that a Pulse may say: facts of one period and the one before, from one consistent read. It is
// immutable and hashed; every number in the prose is one of its numbers or follows from them.
type Snapshot struct {
	Workspace string          `json:"workspace"`
	Segment   string          `json:"segment,omitempty"` // of customers, whose feedback alone is in it; "" for all feedback
	Period    Period          `json:"period"`
	Previous  Period          `json:"previous"`
	Run       int             `json:"run"`
	Model     Model           `json:"model"`
	Origin    *Origin         `json:"origin,omitempty"` // absent in Pulses of before it was kept
	Coverage  Coverage        `json:"coverage"`
	Before    Coverage        `json:"before"` // the coverage of the period before
	Themes    []ThemeFacts    `json:"themes"`
	Clusters  []ClusterFacts  `json:"clusters"`
	Accounts  []AccountFacts  `json:"accounts"`        // those that said something negative or severe, the most revenue first, 200 at most
	Stake     *StakeFacts     `json:"stake,omitempty"` // of all such accounts; absent in Pulses that list every one
	Shipped   []ShippedFacts  `json:"shipped"`         // features that shipped since the period before began, the latest first
	Segments  []SegmentFacts  `json:"segments"`
	Weeks     []time.Time     `json:"weeks"` // the first days of the weeks of every weekly series, oldest first
	Sources   []SourceFacts   `json:"sources"`
	Features  int             `json:"features"` // nodes of kind feature in the workspace
	Total     WorkspaceTotals `json:"total"`
	Forming   *FormingFacts   `json:"forming,omitempty"` // absent where nothing forms
}

// Made says with what program feedback is read and judged.
type Made struct {
	Product string `json:"product"` // its version
	Rules   string `json:"rules"`   // version of the rules that clean, redact and split
	Labels  string `json:"labels"`  // digest of the model and the lexicon behind sentiment, kind and severity
}

// Origin says what a snapshot was made with, and how far what it was read from had come.
type Origin struct {
	Made
	Items    int            `json:"items"`              // that the workspace held, of whatever time, spam and repeats among them
	Decision int            `json:"decision"`           // the latest that people made about clusters, 0 for none
	Seed     uint64         `json:"seed"`               // of the run
	Settings map[string]any `json:"settings,omitempty"` // that the run was made with
}

// Coverage says what was heard in a period. Spam is in Spam alone.
type Coverage struct {
	Items           int     `json:"items"`
	Excerpts        int     `json:"excerpts"`
	Analysed        int     `json:"analysed"`        // excerpts that stage 2 has seen
	Unassigned      int     `json:"unassigned"`      // analysed excerpts that belong to no cluster
	Hidden          int     `json:"hidden,omitzero"` // excerpts in clusters that a person hid: in the totals, and in no cluster's facts
	Spam            int     `json:"spam"`            // items
	Repeats         int     `json:"repeats"`         // items that say word for word what an earlier one of the same customer said
	Customers       int     `json:"customers"`       // distinct customers heard
	WithoutCustomer int     `json:"without_customer"`
	ARR             float64 `json:"arr"` // of the customers heard whose ARR is known
	MissingARR      int     `json:"missing_arr"`
	Sentiment       float64 `json:"sentiment"`    // mean over excerpts
	DeadLetters     int     `json:"dead_letters"` // kept now, whenever they came; only in the period's own coverage
}

// WorkspaceTotals are facts of the whole workspace, whatever the period.
type WorkspaceTotals struct {
	Items     int       `json:"items"`
	Customers int       `json:"customers"`
	ARR       float64   `json:"arr"`
	Oldest    time.Time `json:"oldest"`
	Newest    time.Time `json:"newest"`
}

// Counts are facts of one cluster in one period.
type Counts struct {
	Items     int          `json:"items"`
	Excerpts  int          `json:"excerpts"`
	Customers int          `json:"customers"`
	ARR       float64      `json:"arr"`       // of its distinct customers whose ARR is known
	Sentiment float64      `json:"sentiment"` // mean over excerpts
	Negative  int          `json:"negative"`  // excerpts below the neutral band
	Positive  int          `json:"positive"`  // excerpts above it
	Severe    int          `json:"severe"`    // excerpts of severity 3
	Kinds     map[Kind]int `json:"kinds"`     // excerpts
}

// ThemeFacts are the facts of one theme. Its items and customers are counted once, however many of its clusters they
// are in.
type ThemeFacts struct {
	ID       ThemeID     `json:"id"`
	Name     string      `json:"name"`
	Now      Counts      `json:"now"`
	Before   Counts      `json:"before"`
	Weekly   []int       `json:"weekly"`   // items a week, one for each of the snapshot's Weeks
	Clusters []ClusterID `json:"clusters"` // the largest of the period first
}

// ClusterFacts are the facts of one cluster.
type ClusterFacts struct {
	ID        ClusterID      `json:"id"`
	Name      string         `json:"name"`
	Theme     ThemeID        `json:"theme"`
	ThemeName string         `json:"theme_name"`
	Keywords  []string       `json:"keywords"`
	FirstSeen time.Time      `json:"first_seen"` // its earliest excerpt
	Now       Counts         `json:"now"`
	Before    Counts         `json:"before"`
	Weekly    []int          `json:"weekly"`   // items a week, one for each of the snapshot's Weeks
	Segments  map[string]int `json:"segments"` // items of the period by the customer's segment; "" where it is not known
	Link      *LinkFacts     `json:"link,omitempty"`
	Quotes    []Quote        `json:"quotes"` // of the period, the most telling first
}

// LinkFacts say which feature a cluster is about.
type LinkFacts struct {
	Feature   string    `json:"feature"`
	Name      string    `json:"name"`
	Status    Status    `json:"status"`
	ShippedAt time.Time `json:"shipped_at,omitzero"`
	State     LinkState `json:"state"`
	Score     float64   `json:"score"`
}

// Quote is a verbatim excerpt with all that is needed to check it.
type Quote struct {
	Excerpt    ID        `json:"excerpt"`
	Item       ID        `json:"item"`
	Start      int       `json:"start"`
	End        int       `json:"end"`
	Text       string    `json:"text"`
	Source     string    `json:"source"`
	OccurredAt time.Time `json:"occurred_at"`
	Customer   string    `json:"customer,omitempty"` // its name, or its id where it has none
	Segment    string    `json:"segment,omitempty"`
	Sentiment  float64   `json:"sentiment"`
	Severity   int       `json:"severity"`
}

// AccountFacts are the facts of one customer that spoke in the period.
type AccountFacts struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Segment  string      `json:"segment,omitempty"`
	ARR      float64     `json:"arr"`
	Items    int         `json:"items"`
	Negative int         `json:"negative"` // excerpts below the neutral band
	Severe   int         `json:"severe"`   // excerpts of severity 3
	Clusters []ClusterID `json:"clusters"` // what its negative excerpts are about, the most frequent first
}

// StakeFacts add up distinct accounts with something negative or severe to say in the period.
type StakeFacts struct {
	Accounts       int            `json:"accounts"` // with a negative excerpt
	ARR            float64        `json:"arr"`
	SevereAccounts int            `json:"severe_accounts"` // with an excerpt of severity 3
	SevereARR      float64        `json:"severe_arr"`
	Clusters       []ClusterStake `json:"clusters"` // with an account whose negative excerpts are about it, in the order of their ids
}

// ClusterStake adds up the accounts whose negative excerpts are about one cluster.
type ClusterStake struct {
	ID       ClusterID `json:"id"`
	Accounts int       `json:"accounts"`
	ARR      float64   `json:"arr"`
}

// ShippedFacts compare what was said about a feature before and after it shipped, over equal spans of days.
type ShippedFacts struct {
	Feature   string    `json:"feature"`
	Name      string    `json:"name"`
	ShippedAt time.Time `json:"shipped_at"`
	Days      int       `json:"days"` // the length of each span
	Before    int       `json:"before"`
	After     int       `json:"after"` // items of the linked clusters
	// Means over the excerpts of each span; 0 where there is none.
	SentimentBefore float64     `json:"sentiment_before"`
	SentimentAfter  float64     `json:"sentiment_after"`
	Clusters        []ClusterID `json:"clusters"`
}

// SegmentFacts are the facts of one segment of customers.
type SegmentFacts struct {
	Name      string  `json:"name"`
	Known     int     `json:"known"`     // customers in the workspace
	Customers int     `json:"customers"` // heard in the period
	Items     int     `json:"items"`
	ARR       float64 `json:"arr"` // of those heard
	Sentiment float64 `json:"sentiment"`
}

// SourceFacts are the facts of one source.
type SourceFacts struct {
	Name   string `json:"name"`
	Items  int    `json:"items"`
	Before int    `json:"before"`
}

// FormingFacts are the facts of what forms among the excerpts in no cluster: groups that came in a burst in the last days
// of the period, against the days before those. Items are counted, once each, repeats left out.
type FormingFacts struct {
	Start  time.Time      `json:"start"`  // of the days before
	Recent time.Time      `json:"recent"` // where the last days begin
	End    time.Time      `json:"end"`    // of the last days, no part of them: the period's, or that of the newest feedback in it
	Looked int            `json:"looked"` // groups that were looked at
	Now    int            `json:"now"`    // items heard in the last days, whatever they are about
	Before int            `json:"before"` // items heard in the days before
	Groups []FormingGroup `json:"groups"` // the surest first
}

// FormingGroup is one of the groups that came in a burst. It is known by its excerpts: it has no permanent id until a run
// makes it a cluster.
type FormingGroup struct {
	ID        string   `json:"id"`   // see [FormingID]
	Name      string   `json:"name"` // a working name
	Keywords  []string `json:"keywords"`
	Excerpts  []ID     `json:"excerpts"`  // all of them, in order
	Now       int      `json:"now"`       // items of the last days
	Before    int      `json:"before"`    // items of the days before
	Customers int      `json:"customers"` // distinct ones of the last days
	ARR       float64  `json:"arr"`       // theirs, where it is known
	Severe    int      `json:"severe"`    // excerpts of severity 3 of the last days
	Quotes    []Quote  `json:"quotes"`    // of the last days
}

// Quotes gives every quote of the snapshot, of its clusters and then of what forms.
func (s *Snapshot) Quotes() iter.Seq[Quote] {
	return func(yield func(Quote) bool) {
		for i := range s.Clusters {
			for _, q := range s.Clusters[i].Quotes {
				if !yield(q) {
					return
				}
			}
		}
		if s.Forming == nil {
			return
		}
		for i := range s.Forming.Groups {
			for _, q := range s.Forming.Groups[i].Quotes {
				if !yield(q) {
					return
				}
			}
		}
	}
}

// FormingID names a group by what it is made of, in whatever order.
func FormingID(excerpts []ID) string {
	sorted := slices.Clone(excerpts)
	slices.SortFunc(sorted, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	hash := sha256.New()
	for _, id := range sorted {
		hash.Write(id[:])
	}
	return "G" + hex.EncodeToString(hash.Sum(nil)[:5])
}

// Pulse is a report as it is kept: the document with its snapshot inside, and their hash. It is never changed, but that
// words of people who are forgotten are taken out.
type Pulse struct {
	ID        string // P and the first hexadecimal digits of Hash: the same document is the same Pulse
	Workspace string
	Segment   string // of customers; "" for a Pulse of the whole workspace
	Period    Period
	Hash      [32]byte // SHA-256 of Document
	Document  []byte   // JSON
	CreatedAt time.Time
	ErasedAt  time.Time // when evidence was last taken out of Document, which Hash does not fit since; zero where none was
}
