package feedback

import (
	"context"
	"encoding/json"
	"time"
)

// MaxBody is the most bytes that the body of one submission may have.
const MaxBody = 1 << 20

// MaxMessage is the most bytes that one message may have: a body at its limit, escaped, and room for the rest.
const MaxMessage = 4 << 20

// Format says how a body is written.
type Format string

// The formats that a submission may have; an empty one is text.
const (
	FormatText     Format = "text"
	FormatHTML     Format = "html"
	FormatMarkdown Format = "markdown"
)

// Submission is what a producer sends: the message contract, one JSON object (docs/message.schema.json).
type Submission struct {
	ExternalID string                     `json:"external_id,omitempty"` // the producer's name for it; the content's hash where there is none
	OccurredAt time.Time                  `json:"occurred_at,omitzero"`  // when the customer said it; when it was received where there is none
	Title      string                     `json:"title,omitempty"`
	Body       string                     `json:"body"`
	Format     Format                     `json:"format,omitempty"`
	Author     *Author                    `json:"author,omitempty"`
	Customer   *Customer                  `json:"customer,omitempty"`
	Rating     *float64                   `json:"rating,omitempty"` // stars, 0 to 5
	Score      *float64                   `json:"score,omitempty"`  // a survey's score, 0 to 10
	URL        string                     `json:"url,omitempty"`
	Language   string                     `json:"language,omitempty"` // BCP 47, as the producer believes
	Attributes map[string]json.RawMessage `json:"attributes,omitempty"`
}

// Author is the person who said it. Nothing of it is stored but a hash, by which the person can be forgotten.
type Author struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Customer is an account. Fields that a message leaves out keep what is known of the account.
type Customer struct {
	ID         string                     `json:"id"`
	Name       string                     `json:"name,omitempty"`
	Segment    string                     `json:"segment,omitempty"`
	Plan       string                     `json:"plan,omitempty"`
	ARR        *float64                   `json:"arr,omitempty"` // annual recurring revenue, in the workspace's one currency
	Attributes map[string]json.RawMessage `json:"attributes,omitempty"`
}

// Message is one delivery of the queue: what a producer sent and what the queue knows of it.
type Message struct {
	Workspace  string
	Source     string
	Data       []byte
	ReceivedAt time.Time // when the queue made it durable
	Attempt    int       // 1 at the first delivery
	Receipt    Receipt
}

// Receipt names one message of the queue for good: the books count each message by it, however often it is delivered.
// The zero value is that of what did not come over the queue.
type Receipt struct {
	Stream   int64  // when the stream was made, in microseconds since 1970: one that is made again is another
	Sequence uint64 // in the stream, from 1
}

// Handler does the work of one stage on a batch. It returns one error a message: nil for done; otherwise the error's
// code decides ([Invalid], [TooLarge]: dead letter; anything else: later, and a dead letter when it never succeeds).
type Handler interface {
	Handle(ctx context.Context, batch []Message) []error
}

// Stored says that items were saved and wait to be analysed. Stages hand it on over the queue.
type Stored struct {
	Workspace string `json:"workspace"`
	Items     []ID   `json:"items"`
}

// DeadLetter is a message that could not be taken, kept with its reason until a person replays or drops it.
type DeadLetter struct {
	ID         ID
	Workspace  string
	Source     string
	Stage      string // ingest or classify
	Code       Code
	Reason     string
	Payload    string // what was sent, with personal data redacted
	ReceivedAt time.Time
	Attempts   int
	Receipt    Receipt // of the message; only while it is buried
}

// DeadFilter chooses dead letters of a workspace. The zero value lets all through.
type DeadFilter struct {
	Source string // "" for any
	Code   Code   // "" for any
	Reason string // words that the reason holds, in any case; "" for any

	// The page that follows a letter, in the order of the latest first; a zero time is the beginning.
	Before   time.Time
	BeforeID ID
}
