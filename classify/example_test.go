package classify_test

import (
	"fmt"

	"earshot/classify"
)

func ExampleLabeller_Explain() {
	e := classify.NewLabeller().Explain("Great design, but it crashes and nobody answers. We need this today!", classify.Hint{})
	fmt.Println(e.Labels.Kind, e.Labels.Severity, e.Labels.Language, e.Labels.Sentiment < 0, e.Urgent)
	for _, r := range e.Reasons {
		if r.Sentiment != 0 {
			fmt.Println(r.Text, r.Sentiment > 0, r.Notes)
		}
	}
	// Output:
	// bug 2 en true true
	// Great true [before a but]
	// crashes false [after a but]
	// nobody answers false [after a but]
}
