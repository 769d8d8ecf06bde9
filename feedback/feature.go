package feedback

import "time"

// Status says how far a feature is.
type Status string

// The statuses.
const (
	StatusIdea       Status = "idea"
	StatusPlanned    Status = "planned"
	StatusInProgress Status = "in_progress"
	StatusShipped    Status = "shipped"
)

// Feature is a node of the product's hierarchy.
type Feature struct {
	ID          string
	Parent      string // "" at the top
	Name        string
	Kind        string // product, component or feature
	Status      Status // "" for products and components
	ShippedAt   time.Time
	Description string
	Path        []string // the names from the top down to its own; filled when features are read
}

// LinkState says who stands behind a link.
type LinkState string

// The states of a link.
const (
	LinkSuggested LinkState = "suggested" // worth a look: its score or its lead is thin
	LinkAutomatic LinkState = "automatic" // clear enough to count
	LinkConfirmed LinkState = "confirmed" // a person said yes
	LinkRejected  LinkState = "rejected"  // a person said no
)

// Link says that a cluster is about a feature.
type Link struct {
	Cluster       ClusterID
	Feature       string
	State         LinkState
	Score         float64 // 0 to 1
	RunnerUp      string  // the next best feature; "" where there is none
	RunnerUpScore float64
	Evidence      []string // the words that cluster and feature share, the weightiest first
}
