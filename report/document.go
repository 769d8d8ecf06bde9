package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"earshot/feedback"
)

// Schema names the shape of a [Document]; docs/pulse.schema.json describes it.
const Schema = "earshot.pulse/1"

// Document is a Pulse: the facts, what follows from them, and the prose, every sentence with what it rests on. It holds
// nothing of the moment of its making: the same snapshot gives the same document.
type Document struct {
	Schema       string            `json:"schema"`
	SnapshotHash string            `json:"snapshot_hash"` // hexadecimal SHA-256 of the snapshot's canonical JSON
	Snapshot     feedback.Snapshot `json:"snapshot"`
	Statistics   Statistics        `json:"statistics"`
	Headline     Claim             `json:"headline"`
	Summary      []Claim           `json:"summary"`  // up to five sentences, the weightiest first
	Findings     []Finding         `json:"findings"` // the weightiest first within a kind
	Verification Verification      `json:"verification"`
}

// FindingKind says what was found.
type FindingKind string

// The kinds of findings, in the order in which they stand in a document.
const (
	Emerging FindingKind = "emerging" // new, or nearly all of it in this period
	Forming  FindingKind = "forming"  // in no topic yet, and said in a burst of late
	Rising   FindingKind = "rising"   // a larger share than in the period before
	Climbing FindingKind = "climbing" // a steady rise over the weekly series
	Tone     FindingKind = "tone"     // more or less negative than in the period before
	Fading   FindingKind = "fading"   // a smaller share, or a steady fall
	Shipped  FindingKind = "shipped"  // feedback about a feature before and after it shipped
	Praise   FindingKind = "praise"   // what customers like, and say more often than before
	Build    FindingKind = "build"    // what to build or mend next, ranked by revenue, reach, severity and trend
	Stake    FindingKind = "at_stake" // revenue of the customers with something negative to say
	Loud     FindingKind = "loud"     // many items, little revenue
	Unmet    FindingKind = "unmet"    // no feature fits it
	Segment  FindingKind = "segment"  // one segment speaks of it more than of anything else
	Call     FindingKind = "call"     // an account to call
)

// Finding is one thing worth knowing, with the numbers that it rests on.
type Finding struct {
	Kind     FindingKind   `json:"kind"`
	Subjects []string      `json:"subjects"` // what it is about: "C12", "feature:f-sso", "account:c001", "segment:enterprise", "forming:G1f..."
	Sure     bool          `json:"sure"`     // it passes its test; a finding that needs none is sure
	Numbers  []Citation    `json:"numbers"`
	Claim    Claim         `json:"claim"`
	Evidence []feedback.ID `json:"evidence"` // excerpts
	weight   float64
	headline func(*teller) []any // the clause for a headline
}

// Claim is one sentence, made of parts that can be checked one by one.
type Claim struct {
	Kind  FindingKind `json:"kind,omitempty"` // of the finding that it tells; "" for one about the whole period
	Parts []Part      `json:"parts"`
}

// PartKind says what a part of a sentence is, and so how it is checked.
type PartKind string

// The kinds of parts.
const (
	PartText   PartKind = "text"   // words that assert no quantity, name or comparison
	PartNumber PartKind = "number" // follows from its citations by Derive and Format
	PartName   PartKind = "name"   // is the name of Ref
	PartQuote  PartKind = "quote"  // stands so in the text of Excerpt
	PartWord   PartKind = "word"   // compares its citations
)

// Part is a piece of a sentence.
type Part struct {
	Kind    PartKind   `json:"kind"`
	Text    string     `json:"text"`              // as it is read
	Format  Format     `json:"format,omitempty"`  // of a number
	Unit    string     `json:"unit,omitempty"`    // of a count, in the singular: "item"
	Derive  Derivation `json:"derive,omitempty"`  // how a number follows from its citations
	Cites   []Citation `json:"cites,omitempty"`   // of a number or a word
	Ref     string     `json:"ref,omitempty"`     // of a name: "C12", "feature:f-sso", "account:c001", "segment:enterprise"
	Excerpt string     `json:"excerpt,omitempty"` // of a quote
}

// Citation points at one fact: Path is a JSON pointer (RFC 6901) into the document, under /snapshot or /statistics, and
// Value what stands there, a number, a truth value or a string.
type Citation struct {
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// Verification is the outcome of the check that the document passed before it was published.
type Verification struct {
	Claims   int       `json:"claims"` // published, all of them verified
	Numbers  int       `json:"numbers"`
	Names    int       `json:"names"`
	Quotes   int       `json:"quotes"`
	Words    int       `json:"words"`
	Withheld []Problem `json:"withheld"` // what did not verify and is not in the document
}

// String gives the sentence as plain text, names and quotes in quotation marks.
func (c Claim) String() string {
	var b bytes.Buffer
	for _, p := range c.Parts {
		switch p.Kind {
		case PartName:
			if strings.HasPrefix(p.Ref, "segment:") || strings.HasPrefix(p.Ref, "account:") {
				b.WriteString(p.Text) // a word like any other
			} else {
				fmt.Fprintf(&b, "‘%s’", p.Text)
			}
		case PartQuote:
			fmt.Fprintf(&b, "“%s”", p.Text)
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// JSON gives the document in canonical form: UTF-8, keys sorted, indented by one space, one newline at its end. Equal
// documents have equal bytes.
func JSON(doc *Document) ([]byte, error) {
	raw, err := canonical(doc)
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the pulse: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", " "); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the pulse: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// ParseDocument reads what [JSON] wrote. It does not verify; that is [Verify]'s part. Its errors are Invalid.
func ParseDocument(data []byte) (*Document, error) {
	var doc Document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "read the pulse: %w", err)
	}
	if doc.Schema != Schema {
		return nil, feedback.Errorf(feedback.Invalid, "this is no pulse that can be read: its schema is %.40q, not %q", doc.Schema, Schema)
	}
	return &doc, nil
}

// canonical encodes v with sorted keys and without a space: struct fields pass through a map, which sorts.
func canonical(v any) ([]byte, error) {
	tree, err := generic(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// generic gives v as decoded JSON, its numbers as they were written.
func generic(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	err = dec.Decode(&tree)
	return tree, err
}

func snapshotHash(s *feedback.Snapshot) (string, error) {
	raw, err := canonical(s)
	if err != nil {
		return "", feedback.Errorf(feedback.Internal, "encode the snapshot: %w", err)
	}
	hash := sha256.Sum256(raw)
	return hex.EncodeToString(hash[:]), nil
}
