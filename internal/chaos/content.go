package chaos

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"earshot/feedback"
	"earshot/ingest"
)

// nouns spell a number in words that no redaction takes for an address or an account.
var nouns = strings.Fields(`amber birch cedar delta ember fjord glade harbor island jasper kettle lagoon meadow nickel
	orchid pebble quarry ribbon saddle timber umbra velvet willow yonder zephyr acorn bramble cobalt dahlia elder flint
	grove`)

// spell writes a number in words.
func spell(n uint64) string {
	words := []string{nouns[n%32]}
	for n /= 32; n > 0; n /= 32 {
		words = append(words, nouns[n%32])
	}
	return strings.Join(words, " ")
}

// message gives what a producer sends of an item at one of its versions, from 1. Half of the items go back and forth
// between two wordings: A, B and A again.
func message(id string, version int) []byte {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id))
	name := hash.Sum64()
	wording := version
	if name%2 == 0 {
		wording = 1 + (version-1)%2
	}
	body := fmt.Sprintf("The export of the %s board stops before it is done. Please add a %s view to the calendar, we need it every day.",
		spell(name%(1<<30)), spell(uint64(wording)+name>>40))
	if name%5 == 0 {
		body += "\n\nThe " + spell(name>>30%1024) + " page takes far too long to load since the update."
	}
	data, err := json.Marshal(feedback.Submission{
		ExternalID: id, Body: body, Title: "About " + spell(name%4096),
		OccurredAt: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(name%80_000_000) * time.Second),
		Customer:   &feedback.Customer{ID: "customer-" + spell(name%64), Segment: "midmarket"},
	})
	if err != nil {
		panic(err) // strings and times always encode
	}
	return data
}

// expected gives what the database must hold of a message.
func expected(data []byte) (feedback.Item, error) {
	return ingest.Prepare(&feedback.Message{Workspace: Workspace, Source: Source, Data: data, ReceivedAt: time.Unix(0, 0)},
		time.Now())
}
