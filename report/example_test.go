package report_test

import (
	"fmt"
	"time"

	"earshot/feedback"
	"earshot/report"
)

func ExampleDraft() {
	june := feedback.Period{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}
	doc, err := report.Draft(feedback.Snapshot{
		Workspace: "acme", Period: june, Previous: june.Before(),
		Coverage: feedback.Coverage{Items: 3, Excerpts: 3, Analysed: 3, Unassigned: 3},
		Total:    feedback.WorkspaceTotals{Items: 3, Oldest: june.Start, Newest: june.Start},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(doc.Headline)
	fmt.Println(len(report.Verify(doc)), "problems")

	doc.Headline.Parts[0].Text = "Four items"
	for _, p := range report.Verify(doc) {
		fmt.Println(p.Where+":", p.Why)
	}
	// Output:
	// Three items were heard in the 30 days from 1 June; they are in no topic.
	// 0 problems
	// headline: the number reads "Four items", and the facts give "three items"
}
