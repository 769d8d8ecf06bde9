package feedback

import (
	"encoding/json"
	"time"
)

// AlertKind says what an alert is about.
type AlertKind string

// The kinds of alerts.
const (
	AlertSpike   AlertKind = "spike"   // a topic brings far more items than in its trailing weeks
	AlertSevere  AlertKind = "severe"  // reports of the highest severity bunch, or a new topic is made of them
	AlertAccount AlertKind = "account" // a large account turned negative, measured by its own history
)

// Alert is something that cannot wait for the next Pulse. There is one of a subject while it lasts.
type Alert struct {
	ID        ID        `json:"id"`
	Workspace string    `json:"workspace"`
	Kind      AlertKind `json:"kind"`
	Subject   string    `json:"subject"` // "C12", "account:c001", or "unassigned" for what is in no topic
	Name      string    `json:"name"`    // of the subject
	Open      bool      `json:"open"`
	Revision  int       `json:"revision"` // 1 when raised, one more each time that it is worth another word
	Peak      int       `json:"peak"`     // the highest count that was seen
	Told      int       `json:"told"`     // the count of which the last revision tells
	OpenedAt  time.Time `json:"opened_at"`
	UpdatedAt time.Time `json:"updated_at"` // when it was last seen to hold
	ClosedAt  time.Time `json:"closed_at,omitzero"`

	Sentence string          `json:"sentence"` // verified against Numbers
	Claim    json.RawMessage `json:"claim"`    // the sentence in its parts, with what each rests on
	Numbers  AlertNumbers    `json:"numbers"`
	Evidence []Quote         `json:"evidence"` // excerpts, the most telling first
}

// AlertID names an alert: the same subject raised at another moment is another alert.
func AlertID(workspace string, kind AlertKind, subject string, opened time.Time) ID {
	return derive("alert", workspace, string(kind), subject, opened.UTC().Format(time.RFC3339Nano))
}

// AlertNumbers are what an alert rests on.
type AlertNumbers struct {
	Now        int       `json:"now"`         // items, severe excerpts or negative excerpts in the window
	Of         int       `json:"of"`          // all excerpts of the subject in the window; 0 for a spike
	Days       int       `json:"days"`        // the length of the window
	Before     int       `json:"before"`      // as Now, in the days before
	BeforeOf   int       `json:"before_of"`   // as Of, in the days before
	BeforeDays int       `json:"before_days"` // how many days those were
	ARR        float64   `json:"arr,omitempty"`
	FirstSeen  time.Time `json:"first_seen,omitzero"` // of a topic
	New        bool      `json:"new"`                 // the topic is younger than two weeks
	Method     string    `json:"method"`
	P          float64   `json:"p"`
	Q          float64   `json:"q"` // P corrected for all tests of its kind at this look (Benjamini-Hochberg)
}

// The spans that are watched, in days.
const (
	WatchDays   = 3  // the window of topics; its last day is tested by itself too
	WatchBefore = 28 // the trailing days of topics
	AccountDays = 14 // the window of accounts
	AccountPast = 90 // their history before it
)

// Watch is what alerts are found in: facts of the days up to a moment, from one consistent read.
type Watch struct {
	Workspace string
	At        time.Time
	Oldest    time.Time    // when the workspace's first item was said; zero where there is none
	Topics    []TopicWatch // the clusters that stand, and what is in none as cluster 0
	Accounts  []AccountWatch
	ARR       float64 // of all customers
}

// TopicWatch are the facts of one topic by spans of 24 hours that end at the watch's moment, the latest first:
// WatchDays and then WatchBefore of them.
type TopicWatch struct {
	Cluster   ClusterID
	Name      string
	FirstSeen time.Time
	Items     []int
	Excerpts  []int
	Severe    []int   // excerpts of severity 3
	Speakers  int     // distinct customers and unknown speakers of the window's items
	Victims   int     // of its severe excerpts of the last two weeks
	Quotes    []Quote // of the window and then of the last two weeks, the most severe and then the latest first
}

// AccountWatch compares an account with its own history. Only accounts whose ARR is known are here.
type AccountWatch struct {
	ID             string
	Name           string
	ARR            float64
	Now            int // excerpts in the window
	Negative       int // of them, those below the neutral band
	Before         int
	BeforeNegative int
	Quotes         []Quote // negative ones of the window, the worst first
}
