package feedback

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// SubjectKind says what is to be forgotten.
type SubjectKind string

// The kinds of subjects.
const (
	SubjectAuthor   SubjectKind = "author"   // a person: all that they said
	SubjectCustomer SubjectKind = "customer" // an account: all that it said, and what is known of it
	SubjectItem     SubjectKind = "item"     // one piece of feedback
)

// Subject is what is to be forgotten, as stores know it: by hashes, and a customer by its id besides. What it is called is
// for finding it in texts, and is nowhere kept.
type Subject struct {
	Workspace string
	Kind      SubjectKind
	Hashes    [][32]byte // of an author: one for each way in which a message may name the person; the first stands on the receipt
	Customer  string     // of a customer
	Item      ID         // of an item
	Called    []string   // ids, addresses and names as people write them, external ids of an item
}

// Tombs are what keeps the subject from coming back: an item that carries one of them is not stored.
func (s Subject) Tombs() [][32]byte {
	switch s.Kind {
	case SubjectCustomer:
		return [][32]byte{CustomerTomb(s.Workspace, s.Customer)}
	case SubjectItem:
		return [][32]byte{ItemTomb(s.Item)}
	}
	return s.Hashes
}

// Tombs are those that an item would be kept out by.
func (it *Item) Tombs() [][32]byte {
	tombs := [][32]byte{ItemTomb(it.ID)}
	for _, person := range [][]byte{it.Author, it.Address} {
		if len(person) == 32 {
			tombs = append(tombs, [32]byte(person))
		}
	}
	if it.Customer != nil {
		tombs = append(tombs, CustomerTomb(it.Workspace, it.Customer.ID))
	}
	return tombs
}

// CustomerTomb is the hash by which a customer of a workspace is kept out.
func CustomerTomb(workspace, id string) [32]byte { return tomb("customer", workspace, id) }

// ItemTomb is the hash by which an item is kept out.
func ItemTomb(id ID) [32]byte { return tomb("item", string(id[:])) }

// tomb hashes the parts, each behind its length.
func tomb(parts ...string) [32]byte {
	h := []byte("tomb")
	for _, p := range parts {
		h = binary.BigEndian.AppendUint64(h, uint64(len(p)))
		h = append(h, p...)
	}
	return sha256.Sum256(h)
}

// Erasure is the receipt of one erasure. It holds no personal data of the subject.
type Erasure struct {
	Workspace string      `json:"workspace"`
	ID        int         `json:"id"` // within the workspace, from 1; 0 for one that was only tried
	Kind      SubjectKind `json:"kind"`
	Subject   string      `json:"subject"` // a hash, hexadecimal
	At        time.Time   `json:"erased_at"`
	By        string      `json:"erased_by"`

	Items       int `json:"items"`
	Excerpts    int `json:"excerpts"`
	Vectors     int `json:"vectors"`
	Customers   int `json:"customers"`
	DeadLetters int `json:"dead_letters"`
	Clusters    int `json:"clusters"` // whose members, names or quotes changed
	Pulses      int `json:"pulses"`   // that lost evidence

	// Copies are near-copies of what was erased that others sent: they stand, and may say the same words.
	Copies int `json:"copies"`
	// Pending messages of the workspace wait in the queue. Those of the subject are refused when their turn comes.
	Pending int `json:"pending"`
}

// Gone is what an erasure took away, for those that take it out of a document.
type Gone struct {
	Excerpts  map[ID]bool
	Texts     []string // of the excerpts and titles
	Phrases   []string // names and keywords of clusters that nobody says any more, in lower case
	Customers []string // ids and names of the customers that went
}
