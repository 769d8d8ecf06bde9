package feedback

import "time"

// Hit is an excerpt as people meet it in a list: its words, where they come from, and what is known of them.
type Hit struct {
	Excerpt     ID        `json:"excerpt"`
	Item        ID        `json:"item"`
	Start       int       `json:"start"` // byte offsets into the item's body
	End         int       `json:"end"`
	Text        string    `json:"text"` // verbatim: the body's bytes from Start to End
	Source      string    `json:"source"`
	OccurredAt  time.Time `json:"occurred_at"`
	Customer    string    `json:"customer,omitempty"` // its name, or its id where it has none
	Segment     string    `json:"segment,omitempty"`
	Cluster     ClusterID `json:"-"` // 0 for none
	ClusterName string    `json:"cluster_name,omitempty"`
	Outlier     Outlier   `json:"outlier,omitempty"`    // why it is in no cluster
	Kind        Kind      `json:"kind,omitempty"`       // "" until stage 2 has seen it; Sentiment and Severity mean nothing then
	Sentiment   float64   `json:"sentiment"`            // -1 to 1
	Severity    int       `json:"severity"`             // 0 to 3
	Urgent      bool      `json:"urgent,omitempty"`     // it says that it cannot wait
	ChurnRisk   bool      `json:"churn_risk,omitempty"` // its writer speaks of leaving
	Pinned      int       `json:"pinned,omitempty"`     // the decision that keeps it in its cluster; 0 for none
	Copies      int       `json:"copies,omitempty"`     // near-copies of its item, which are not counted
	Copy        bool      `json:"copy,omitempty"`       // its item is a copy of another
	Score       float64   `json:"score"`                // how well it answers a search, higher is better; 0 in other lists
}
