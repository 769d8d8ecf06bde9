package ingest_test

import (
	"fmt"

	"earshot/feedback"
	"earshot/ingest"
)

func Example() {
	body := ingest.Clean("<p>Hi team,</p><p>Love the board, but the calendar sync loses half of our jobs. "+
		"Call me on (202) 555-0147.</p><p>Best regards<br>Anna</p>", feedback.FormatHTML)
	body, _ = ingest.Redact(body)
	for _, span := range ingest.Split(body) {
		fmt.Println(body[span.Start:span.End])
	}
	// Output:
	// Love the board
	// but the calendar sync loses half of our jobs.
}
