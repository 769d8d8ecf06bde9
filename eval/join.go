package eval

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minJoined is the fewest words of a text that is taken to make a point: "yes please" answers, and says nothing.
const minJoined = 4

// Joined is one message made of several texts.
type Joined struct {
	Text   string
	Points int
	Gaps   []Gap // between the texts; never nil
}

// Join shuffles texts that make one point each and joins every k of them to one message, as a careful writer would: each
// begins with a capital and ends with a mark. With bare it is a hurried one, who writes small and sets no mark at the end
// of a sentence, so that nothing but the words tells where one point ends. Texts of fewer than four words are left out, and so are those left over at the end.
// The same texts, k and seed give the same messages. It panics unless k is at least 1.
func Join(texts []string, k int, seed uint64, bare bool) []Joined {
	if k < 1 {
		panic("eval: Join needs at least one text a message")
	}
	var points []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); len(strings.Fields(text)) >= minJoined {
			points = append(points, text)
		}
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	var out []Joined
	for ; len(points) >= k; points = points[k:] {
		j := Joined{Points: k, Gaps: []Gap{}}
		var b strings.Builder
		for i, p := range points[:k] {
			if i > 0 {
				end := b.Len()
				b.WriteByte(' ')
				j.Gaps = append(j.Gaps, Gap{Start: end, End: b.Len()})
			}
			if bare {
				b.WriteString(strings.TrimRight(strings.ToLower(p), ".!? "))
				continue
			}
			first, size := utf8.DecodeRuneInString(p)
			b.WriteRune(unicode.ToUpper(first))
			b.WriteString(p[size:])
			if last, _ := utf8.DecodeLastRuneInString(p); !unicode.IsPunct(last) {
				b.WriteByte('.')
			}
		}
		j.Text = b.String()
		out = append(out, j)
	}
	return out
}
