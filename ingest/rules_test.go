package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"earshot/feedback"
)

// rulesDigest is what the rules of version [Rules] make of the labelled lines.
const rulesDigest = "0be70e8417c333b5"

func TestRulesThatChangeHaveAnotherVersion(t *testing.T) {
	hash := sha256.New()
	for _, name := range []string{"redaction.txt", "redaction_heldout.txt"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		// Sixteen lines make a message, so that there is something to split.
		lines := strings.Split(string(data), "\n")
		for len(lines) > 0 {
			n := min(16, len(lines))
			text, _ := Redact(Clean(strings.Join(lines[:n], " "), feedback.FormatText))
			fmt.Fprintf(hash, "%s %v\n", text, Split(text))
			lines = lines[n:]
		}
	}
	if got := hex.EncodeToString(hash.Sum(nil)[:8]); got != rulesDigest {
		t.Errorf("the rules make something else of these lines than those of version %s did: give them the next version, and note the digest %s", Rules, got)
	}
}
