package feedback

import "time"

// Said is what of an item tells whether it says over again what another says.
type Said struct {
	ID         ID
	Source     string
	Customer   string // its id; "" where it is not known
	Author     []byte // a hash; nil where it is not known
	Title      string
	Body       string
	BodyHash   [32]byte
	OccurredAt time.Time
	Spam       bool
	Original   ID // the zero ID where it is one itself, or where that is not known yet
}

// Judgement says of which original an item is a copy.
type Judgement struct {
	Item     ID
	Original ID // the zero ID where it is an original
}

// Copy is an item that says the same as another, as people meet it beside the other.
type Copy struct {
	Item       ID        `json:"item"`
	Excerpt    ID        `json:"excerpt"` // its first
	Source     string    `json:"source"`
	OccurredAt time.Time `json:"occurred_at"`
	Customer   string    `json:"customer,omitempty"`
	Original   bool      `json:"original,omitempty"` // the one that counts
}
