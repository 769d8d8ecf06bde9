package feedback

// The outcomes of a message beside those of an item.
const (
	OutcomeDead     Outcome = "dead"     // kept among the dead letters, with the reason
	OutcomeRejected Outcome = "rejected" // refused at the door: it never was in the queue
)

// Outcomes lists every outcome, in the order in which people see them.
var Outcomes = []Outcome{OutcomeStored, OutcomeUpdated, OutcomeDuplicate, OutcomeStale, OutcomeForgotten,
	OutcomeRejected, OutcomeDead}

// Producer is who sends messages: a source of a workspace.
type Producer struct{ Workspace, Source string }

// Account counts the messages of one workspace and source by what became of them, since the first:
// Received is the sum of the outcomes and of what is pending.
type Account struct {
	Workspace string          `json:"workspace"`
	Source    string          `json:"source"`
	Received  int             `json:"received"`
	Outcomes  map[Outcome]int `json:"outcomes"` // every outcome, also those of 0
	Pending   int             `json:"pending"`  // kept by the queue, and without an outcome
}

// Books are the accounts of all producers. The proof is that two sides agree that write apart: the queue numbers what it
// receives and knows what has no verdict; the store writes an outcome down for each message, with its effect. A message
// that was acknowledged and came to nothing, or that was counted twice, shows as unaccounted.
type Books struct {
	Accounts []Account `json:"accounts"` // by workspace and source
	// Waiting messages have no verdict yet, says the queue; InFlight of them are being handled.
	Waiting  int `json:"waiting"`
	InFlight int `json:"in_flight"`
	// Unaccounted is how many messages have no outcome, says the store, less those that wait, says the queue.
	Unaccounted int `json:"unaccounted"`
	// Lost messages left the queue without an outcome: somebody purged it by hand.
	Lost int `json:"lost"`
}

// Settled says whether the books can be judged: a message that is being handled may have its outcome, and not yet its
// verdict.
func (b *Books) Settled() bool { return b.InFlight == 0 }

// Balanced says whether every message that was ever received is accounted for. It holds whenever the books are settled.
func (b *Books) Balanced() bool { return b.Unaccounted == 0 && b.Lost == 0 }
