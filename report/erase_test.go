package report

import (
	"bytes"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestErasedEvidenceLeavesAPulseAndItsNumbersStay(t *testing.T) {
	doc, err := Draft(fieldwork())
	if err != nil {
		t.Fatal(err)
	}
	before, err := JSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	var quote feedback.Quote
	for _, c := range doc.Snapshot.Clusters {
		for _, q := range c.Quotes {
			if len(q.Text) > 30 && strings.Count(string(before), q.Text) > 1 {
				quote = q
			}
		}
	}
	account := doc.Snapshot.Accounts[0]
	if quote.Text == "" || !bytes.Contains(before, []byte(`"`+account.Name+`"`)) {
		t.Fatal("the fixture quotes nobody")
	}
	after, changed, err := Erase(before, feedback.Gone{Excerpts: map[feedback.ID]bool{quote.Excerpt: true}, Texts: []string{quote.Text},
		Customers: []string{account.ID, account.Name}})
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	if bytes.Contains(after, []byte(quote.Text)) || bytes.Contains(after, []byte(`"`+account.Name+`"`)) {
		t.Error("it still stands in the document")
	}
	erased, err := ParseDocument(after)
	if err != nil {
		t.Fatal(err)
	}
	if erased.Snapshot.Coverage != doc.Snapshot.Coverage || erased.SnapshotHash != doc.SnapshotHash ||
		erased.Snapshot.Accounts[0].ARR != account.ARR || len(erased.Findings) != len(doc.Findings) {
		t.Error("more than words changed")
	}
	page, err := HTML(erased, Options{})
	if err != nil || bytes.Contains(page, []byte(quote.Text)) {
		t.Errorf("the page cannot be drawn, or shows it: %v", err)
	}
	group := doc.Snapshot.Forming.Groups[0]
	unformed, changed, err := Erase(before, feedback.Gone{Excerpts: map[feedback.ID]bool{group.Excerpts[3]: true}, Texts: []string{"a text that stands nowhere"}})
	if err != nil || !changed || bytes.Contains(bytes.ToLower(unformed), []byte(`"`+group.Name+`"`)) || !bytes.Contains(unformed, []byte(group.Quotes[0].Text)) {
		t.Errorf("what formed of erased words has its name still, or lost what others said: %v", err)
	}
	if again, changed, err := Erase(after, feedback.Gone{Excerpts: map[feedback.ID]bool{{1}: true}, Texts: []string{"words that nobody ever said"}}); changed || err != nil || !bytes.Equal(again, after) {
		t.Error("a document without the evidence changed")
	}
}
