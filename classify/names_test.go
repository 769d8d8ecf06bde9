package classify

import "testing"

func TestTheEvidenceStandsWhereItIsNamed(t *testing.T) {
	if got := evidenceNames[EvidenceOfBug]; got != "phrases of a bug" {
		t.Errorf("%q stands where the phrases of a bug should", got)
	}
	r := newReading(NewLabeller().lexicon)
	r.read(NewLabeller().lexicon, "it crashes", Hint{})
	if len(r.evidence) != len(evidenceNames) || r.evidence[EvidenceOfBug] == 0 {
		t.Errorf("%d pieces of evidence and %d names, %d of a bug", len(r.evidence), len(evidenceNames), r.evidence[EvidenceOfBug])
	}
}
