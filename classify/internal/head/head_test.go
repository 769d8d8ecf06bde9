package head

import (
	"bytes"
	"math"
	"testing"
)

func small() *Model {
	m := &Model{Unit: One / 8, Evidence: make([][Outputs]int32, 2), Inputs: [32]byte{1, 2, 3}}
	m.Bias[1] = One / 4
	m.Evidence[1][Kind+3] = 2 * One
	for _, id := range []uint32{3, 70_000, 70_001, math.MaxUint32} {
		m.Rows = append(m.Rows, Row{ID: id, Scores: [Outputs]int8{0: int8(id % 100), 12: -5}})
	}
	return m
}

func TestAModelIsReadAsItWasWritten(t *testing.T) {
	raw := small().Encode()
	m, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Encode(), raw) {
		t.Error("written again, it is another file")
	}
	for _, r := range small().Rows {
		if got := m.Find(r.ID); got == nil || *got != r {
			t.Errorf("row %d is %v", r.ID, got)
		}
	}
	if got := m.Find(70_002); got != nil {
		t.Errorf("a feature that it does not have is %v", got)
	}
}

func TestRowsOutOfOrderAreRefused(t *testing.T) {
	m := small()
	m.Rows[0], m.Rows[1] = m.Rows[1], m.Rows[0]
	if _, err := Decode(m.Encode()); err == nil {
		t.Error("they are taken")
	}
	m = small()
	m.Rows[1].ID = m.Rows[2].ID
	if _, err := Decode(m.Encode()); err == nil {
		t.Error("two rows of one feature are taken")
	}
}

func TestScoresAddWordsByTheRootOfTheLengthAndEvidence(t *testing.T) {
	m, err := Decode(small().Encode())
	if err != nil {
		t.Fatal(err)
	}
	var sum Sum
	if !m.Add(&sum, 3, 4) {
		t.Fatal("no row 3")
	}
	s := m.Scores(&sum, []int32{0, Whole / 2}, 4)
	if got, want := float64(s[0])/One, 4*3.0/8/2; math.Abs(got-want) > 1e-4 {
		t.Errorf("four times 3/8 in four words is %.4f, not %.4f", got, want)
	}
	if s[1] != One/4 || s[Kind+3] != One {
		t.Errorf("bias %d, half of the evidence %d", s[1], s[Kind+3])
	}
}

func TestChancesAreThoseOfSoftmax(t *testing.T) {
	for _, scores := range [][]float64{{0, 0, 0}, {1, 2, -3}, {0, 0, 50, 0}, {-8, 8}} {
		sum, whole := 0.0, []int64(nil)
		for _, v := range scores {
			sum += math.Exp(v)
			whole = append(whole, int64(v*One))
		}
		got := Chances(whole)
		for i, v := range scores {
			if want := math.Exp(v) / sum; math.Abs(float64(got[i])/One-want) > 0.003 {
				t.Errorf("%v: class %d has %.4f, not %.4f", scores, i, float64(got[i])/One, want)
			}
		}
	}
}

func TestMoodKeepsToItsBandAndGrowsWithTheChances(t *testing.T) {
	const edge = 1500
	for label := range 3 {
		last := int64(math.MinInt64)
		for positive := int32(0); positive <= One; positive += 97 {
			v := Mood(label, One-positive, positive, edge)
			if v < last || v < -10000 || v > 10000 {
				t.Fatalf("label %d at %d: %d after %d", label, positive, v, last)
			}
			if inside := v >= -edge && v <= edge; inside != (label == 1) {
				t.Fatalf("label %d at %d gives %d", label, positive, v)
			}
			last = v
		}
	}
}

func TestPiecesOfWords(t *testing.T) {
	for word, want := range map[string]int{"": 0, "the": 0, "9000": 0, "über": 0, "slow": 4 + 3 + 2} {
		if got := len(Pieces(nil, []byte(word))); got != want {
			t.Errorf("%q has %d pieces, not %d", word, got, want)
		}
	}
	if len(Pieces(nil, bytes.Repeat([]byte("a"), 1000))) != len(Pieces(nil, bytes.Repeat([]byte("a"), MostPieced))) {
		t.Error("a word without end has pieces without end")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(small().Encode())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := Decode(raw); err == nil {
			var sum Sum
			m.Add(&sum, 3, 1)
			m.Scores(&sum, make([]int32, len(m.Evidence)), 3)
		}
	})
}
