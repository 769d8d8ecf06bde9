package ingest

import "strings"

// joint is what a word between two clauses does.
type joint uint8

const (
	noJoint  joint = iota
	against        // but: praise on one side, trouble on the other
	besides        // also: another point
	together       // and: another point only where several are announced
)

// joints are the words at which a sentence that makes two points is cut. Those in the second list need a comma, a
// semicolon or a dash before them, for they do other work elsewhere.
var joints, jointsAfterComma = func() (map[string]joint, map[string]joint) {
	always, comma := map[string]joint{}, map[string]joint{}
	for w := range strings.FieldsSeq(`but however pero mais aber`) {
		always[w] = against
	}
	for w := range strings.FieldsSeq(`although though except only just sadly unfortunately jedoch allerdings leider nur`) {
		comma[w] = against
	}
	for w := range strings.FieldsSeq(`also außerdem además`) {
		comma[w] = besides
	}
	for w := range strings.FieldsSeq(`and und y et`) {
		always[w] = together
	}
	return always, comma
}()

// alsoWords turn an "and" before them into an "also".
var alsoWords = wordSet(`also außerdem auch además también aussi`)

// appendClauses adds a sentence, cut in two where a joint stands between two points.
func appendClauses(out []sentence, body string, s sentence, announced bool) []sentence {
	text := body[s.start:s.end]
	if s.words < 8 || len(text) > 2*maxExcerpt || s.item > 0 && s.words < 14 {
		return append(out, s)
	}
	var left, right sentence
	for i := 0; i+4 < len(text); i++ {
		if text[i] != ' ' || !isLetter(text[i+1]) {
			continue
		}
		kind := jointAt(text, i)
		if kind == noJoint || kind == together && !announced {
			continue
		}
		left, right = s, s
		left.stems, right.stems = left.stems[:0:0], right.stems[:0:0]
		left.end = s.start + len(strings.TrimRight(text[:i], " ,;-"))
		right.start = s.start + i + 1
		if left.end <= left.start {
			continue
		}
		left.read(body[left.start:left.end])
		right.read(body[right.start:right.end])
		if twoPoints(&left, &right, kind) {
			right.item, right.bullet, right.clause = 0, false, true
			left.announces = false
			return append(out, left, right)
		}
	}
	return append(out, s)
}

// jointAt says what the word behind the blank at i does.
func jointAt(text string, i int) joint {
	end := i + 1
	for end < len(text) && text[end] != ' ' && text[end] != ',' && end-i < 16 {
		end++
	}
	if end == len(text) || end-i >= 16 {
		return noJoint
	}
	var buf [16]byte
	word := lowerInto(buf[:0], text[i+1:end])
	kind := joints[string(word)]
	if kind == together {
		if alsoWords[lowerWord(strings.TrimLeft(text[end:], " "))] {
			return besides
		}
		return together
	}
	if kind == noJoint && i > 0 && strings.IndexByte(",;-", text[i-1]) >= 0 {
		kind = jointsAfterComma[string(word)]
	}
	return kind
}

func twoPoints(left, right *sentence, kind joint) bool {
	if left.words < 3 || right.words < 4 {
		return false
	}
	switch kind {
	case against:
		switch {
		case left.mood == praise:
			return !(right.refers && right.words < 9) && (right.troubled() || right.words >= 6)
		case left.mood == trouble && right.mood == praise:
			return right.words >= 5 && !right.refers && !shares(right, []sentence{*left})
		}
	case besides, together:
		return left.words >= 4 && !right.refers && !shares(right, []sentence{*left})
	}
	return false
}
