package ingest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"earshot/feedback"
)

// What makes an item a copy of another. They were said within copyWindow of each other and share copyLikeness of their
// pairs of words, and every number. Of one person's items copyWords are enough, and a word-for-word repeat of any length;
// where nobody knows whether it was one person, strangersWords are: so much is not said twice by chance.
const (
	copyWindow     = 90 * 24 * time.Hour
	copyLikeness   = 0.7
	copyWords      = 8
	strangersWords = 15
)

// MinHash (Broder 1997) in bands: two texts whose pairs of words overlap by s share a band with 1-(1-s^bandRows)^bandCount,
// that is 0.93 at 0.7 and 0.98 at 0.8. A band is a row that is written for every item, so they are few; that they let
// less alike texts meet costs little, for their numbers must be the same.
const (
	bandCount = 4
	bandRows  = 2
)

// wording is a text as copies are judged by.
type wording struct {
	words   int
	pairs   []uint64 // hashes of its pairs of neighbouring words, sorted, each once
	numbers uint64   // a hash of its words with digits, in their order
}

// pairsOf reads a text: letters and digits in lower case, whatever stands between them.
func pairsOf(body string) wording {
	var w wording
	last := uint64(0)
	for word := range strings.FieldsFuncSeq(body, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		h := hashWord(word)
		if w.words > 0 {
			w.pairs = append(w.pairs, mix(last*31+h))
		}
		if hasDigit(word) {
			w.numbers = mix(w.numbers*31 + h)
		}
		last = h
		w.words++
	}
	slices.Sort(w.pairs)
	w.pairs = slices.Compact(w.pairs)
	return w
}

// hashWord is FNV-1a over the word in lower case.
func hashWord(word string) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range word {
		h = (h ^ uint64(unicode.ToLower(r))) * 1099511628211
	}
	return h
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// likeness is the Jaccard index of two sorted sets, 0 to 1.
func likeness(a, b []uint64) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			both++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if union := len(a) + len(b) - both; union > 0 {
		return float64(both) / float64(union)
	}
	return 0
}

// Bands gives the keys that an item shares with its copies: those of its words or, of a short one, one for each name of its
// person with the very text. It is a function of the item alone; spam has none.
func Bands(s *feedback.Said) []int64 {
	return pairsOf(s.Body).bands(s)
}

// bands are those of an item with this wording. Its numbers are part of each: texts made from one form by the thousand, each
// about another case, do not meet. A text that is too short to be like another has bands for those who said it instead.
func (w wording) bands(s *feedback.Said) []int64 {
	if s.Spam {
		return nil
	}
	var bands []int64
	if w.words < copyWords {
		exact := binary.BigEndian.Uint64(s.BodyHash[:])
		if s.Customer != "" {
			bands = append(bands, int64(mix(exact^hashWord("customer "+s.Customer))))
		}
		if s.Author != nil {
			bands = append(bands, int64(mix(exact^hashWord("author "+string(s.Author)))))
		}
		return bands
	}
	for band := range uint64(bandCount) {
		key := mix(w.numbers + band + 1)
		for row := range uint64(bandRows) {
			seed := mix((band*bandRows + row + 1) * 0x9e3779b97f4a7c15)
			least := ^uint64(0)
			for _, p := range w.pairs {
				least = min(least, mix(p^seed))
			}
			key = mix(key*31 + least)
		}
		bands = append(bands, int64(key))
	}
	return bands
}

// mostCompared is how many earlier items one is held against, those of the earliest first: a phrase that thousands use
// must not hold up the others.
const mostCompared = 256

// JudgeCopies says which of the waiting items are copies, and which others have to be judged anew for it. Near are the
// items that share a band with them, and the originals of those. The first said is the original; a copy of a copy is one
// of its original, where it is like it. The outcome is a function of what is there, not of the order in which it came.
func JudgeCopies(waiting, near []feedback.Said) (judged []feedback.Judgement, again []feedback.ID) {
	all := make(map[feedback.ID]*judging, len(waiting)+len(near))
	for _, list := range [][]feedback.Said{near, waiting} { // an item in both counts as waiting
		for i := range list {
			all[list[i].ID] = &judging{Said: &list[i], wording: pairsOf(list[i].Body)}
		}
	}
	for i := range waiting {
		all[waiting[i].ID].waits = true
	}
	order := slices.SortedFunc(maps.Values(all), earlier)
	neighbours := meet(order, all)
	for _, j := range order {
		if !j.waits {
			continue
		}
		j.Original = feedback.ID{}
		around := neighbours(j)
		compared := 0
		for _, first := range around {
			if earlier(first, j) > 0 || compared == mostCompared {
				break
			}
			if first.Original != (feedback.ID{}) {
				continue
			}
			compared++
			if copies(first, j) {
				j.Original = first.ID
				break
			}
		}
		judged = append(judged, feedback.Judgement{Item: j.ID, Original: j.Original})
		for _, later := range around {
			if !later.waits && earlier(j, later) < 0 && !stillHolds(all, j, later) {
				again = append(again, later.ID)
			}
		}
	}
	slices.SortFunc(again, func(a, b feedback.ID) int { return bytes.Compare(a[:], b[:]) })
	return judged, slices.Compact(again)
}

// meet gives a function that names the items which share a band with one, the originals of these, and its own copies,
// the earliest first.
func meet(order []*judging, all map[feedback.ID]*judging) func(*judging) []*judging {
	byBand := map[int64][]*judging{}
	byOriginal := map[feedback.ID][]*judging{}
	bands := make(map[feedback.ID][]int64, len(order))
	for _, j := range order {
		bands[j.ID] = j.bands(j.Said)
		for _, band := range bands[j.ID] {
			byBand[band] = append(byBand[band], j)
		}
		if j.Original != (feedback.ID{}) {
			byOriginal[j.Original] = append(byOriginal[j.Original], j)
		}
	}
	return func(j *judging) []*judging {
		found := slices.Clone(byOriginal[j.ID])
		for _, band := range bands[j.ID] {
			found = append(found, byBand[band]...)
		}
		for _, other := range found {
			if first := all[other.Original]; first != nil {
				found = append(found, first)
			}
		}
		slices.SortFunc(found, earlier)
		found = slices.Compact(found)
		return slices.DeleteFunc(found, func(other *judging) bool { return other == j })
	}
}

// judging is an item under the looking glass.
type judging struct {
	*feedback.Said
	wording
	waits bool
}

func earlier(a, b *judging) int {
	return cmp.Or(a.OccurredAt.Compare(b.OccurredAt), bytes.Compare(a.ID[:], b.ID[:]))
}

// stillHolds says whether what is known of a later item agrees with what j came out as.
func stillHolds(all map[feedback.ID]*judging, j, later *judging) bool {
	original := j.Original == (feedback.ID{})
	switch {
	case later.Original == j.ID:
		return original && copies(j, later)
	case !original || !copies(j, later):
		return true
	case later.Original == (feedback.ID{}):
		return false
	}
	first := all[later.Original]
	return first != nil && earlier(first, j) < 0
}

// copies says whether b, which was said later, says over again what a says.
func copies(a, b *judging) bool {
	if a.Spam || b.Spam || b.OccurredAt.Sub(a.OccurredAt) > copyWindow {
		return false
	}
	authors := a.Author != nil && b.Author != nil
	sameAuthor := authors && bytes.Equal(a.Author, b.Author)
	customers := a.Customer != "" && b.Customer != ""
	if customers && a.Customer != b.Customer {
		return false
	}
	words := strangersWords
	switch {
	case sameAuthor || customers:
		if a.BodyHash == b.BodyHash {
			return true
		}
		words = copyWords
	case authors && a.Source == b.Source && !isForward(a.Title) && !isForward(b.Title):
		return false // two people of one place, who use the same words
	}
	return min(a.words, b.words) >= words && a.numbers == b.numbers && likeness(a.pairs, b.pairs) >= copyLikeness
}
