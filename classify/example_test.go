package classify_test

import (
	"fmt"

	"earshot/classify"
)

func ExampleLabeller_Explain() {
	e := classify.NewLabeller().Explain("Great design, but it crashes and nobody answers. We need this today!", classify.Hint{})
	fmt.Println(e.Labels.Kind, e.Labels.Language, e.Labels.Sentiment < 0, e.Labels.Urgent)
	for _, p := range e.Phrases {
		if p.Sentiment != 0 {
			fmt.Println(p.Text, p.Sentiment > 0, p.Notes)
		}
	}
	// Output:
	// complaint en true true
	// Great true [before a but]
	// crashes false [after a but]
	// nobody answers false [after a but]
}
